"""Laws of the search for campaigns: a function of the set of signals, with memory that is bounded."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.finding import Severity
from schemas.signal import Message, Signal
from tests.models.campaigns.signals import (
    HOUR_MS,
    START_MS,
    activities,
    crowd,
    everyone,
    fed,
    found,
    mark,
    named,
    operator,
    signal,
)


def test_odd_tenants_that_share_template_and_network_are_one_campaign() -> None:
    (finding,) = found([*operator(6), *crowd(200, heads=(77,)), mark(1)])
    assert named([finding]) == {f"bad_{at:04}" for at in range(6)}
    assert (finding.total, finding.time_ms, finding.complete) == (6, START_MS + HOUR_MS, True)
    assert [(link.kind, link.tenants) for link in finding.links] == [("opening+network", 6)]
    assert finding.members[0].requests == 16
    assert finding.members[0].links == ("opening+network",)


def test_two_members_are_no_campaign_however_odd() -> None:
    assert found([*operator(2, 1e-9), mark(1)]) == []


def test_a_key_names_only_the_members_under_its_cut() -> None:
    others = [signal(f"good_{at}", 0.7 + at / 100, heads=(77,), networks=(55,)) for at in range(5)]
    assert named(found([*operator(8, 0.01), *others, mark(1)])) == {f"bad_{at:04}" for at in range(8)}


@pytest.mark.parametrize(
    "shared",
    [
        {"networks": (55,)},
        {"heads": (77,)},
        {"heads": (77, 78), "networks": (55,)},
        {"heads": (77,), "tails": (78,), "origins": (5,), "networks": (55,), "payments": (9,)},
    ],
    ids=["a campus", "a public template", "a course and its tutorial", "an agency with one product and one card"],
)
def test_honest_strangers_that_share_are_no_campaign(shared: dict[str, tuple[int, ...]]) -> None:
    assert found([*crowd(40, **shared), mark(1)]) == []  # type: ignore[arg-type]


def test_where_all_p_values_promise_too_much_a_crowd_is_no_campaign() -> None:
    def halved(signals: list[Signal]) -> list[Signal]:
        return [replace(one, p_value=one.p_value / 2, fold=2) for one in signals]

    assert found([*halved(everyone()), *halved(crowd(100, heads=(77,), networks=(55,))), mark(1)]) == []


def test_templates_without_place_or_card_are_no_campaign_and_add_members_to_one() -> None:
    def users(count: int, name: str, **shared: tuple[int, ...]) -> list[Signal]:
        return [signal(f"{name}_{at}", 0.001, **shared) for at in range(count)]  # type: ignore[arg-type]

    elsewhere = users(12, "elsewhere", heads=(77, 78), tails=(88,))
    assert found([*elsewhere, mark(1)]) == []
    together = users(6, "together", heads=(77, 78), tails=(88,), networks=(55,))
    assert len(named(found([*elsewhere, *together, mark(1)]))) == 18


def test_odd_tenants_that_share_the_network_alone_are_no_campaign() -> None:
    odd = [signal(f"bad_{at}", 0.001, heads=(1000 + at,), networks=(55,)) for at in range(20)]
    assert found([*odd, mark(1)]) == []


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_the_order_and_the_repetition_of_signals_make_no_difference(data: st.DataObject) -> None:
    messages = [*operator(7), *operator(4, 0.5, hour=0, name="late"), *crowd(20, heads=(77,), networks=(55,))]
    newer = [signal("bad_0001", 0.02, fold=2, heads=(77,), networks=(55,))]
    expected = found([*messages, *newer, mark(1)])
    shuffled = data.draw(
        st.permutations([*messages, *newer, *data.draw(st.lists(st.sampled_from(messages), max_size=9))])
    )
    assert found([*shuffled, mark(1)]) == expected


@settings(max_examples=30, deadline=None)
@given(st.lists(st.booleans(), min_size=60, max_size=60))
def test_how_partitions_interleave_makes_no_difference(first: list[bool]) -> None:
    def told(partition: int) -> list[Message]:
        told: list[Message] = []
        for hour in range(5):
            told += operator(4, 0.04, hour, f"bad_{partition}_{hour}", partition=partition)
            told.append(mark(hour + 1, partition))
        return told

    ways = {False: iter(told(0)), True: iter(told(1))}
    order = [next(ways[way], None) for way in first]
    mixed = [one for one in order if one is not None] + list(ways[False]) + list(ways[True])
    # Both partitions are known from the beginning, as a worker that reads the topic from the beginning knows them.
    known = [mark(0, 0), mark(0, 1)]
    assert found([*known, *mixed]) == found([*known, *told(0), *told(1)])


def test_other_hashes_of_the_same_things_give_the_same_findings() -> None:
    def hashed(key: int) -> list[Message]:
        def h(value: int) -> int:
            return (value * 2654435761 ^ key) & 0xFFFF_FFFF or 1

        return [
            signal(
                f"bad_{at}",
                0.01 * (at + 1),
                heads=(h(1), h(at + 10)),
                tails=(h(2),),
                networks=(h(3), h(4)),
                origins=(h(5 + at % 2),),
            )
            for at in range(12)
        ]

    assert found([*hashed(12345), mark(1)]) == found([*hashed(987_654_321), mark(1)])


def test_nothing_is_determined_before_every_partition_has_passed_the_epoch() -> None:
    search = fed([mark(0, 1), *operator(6), mark(1, 0)])
    assert search.findings == []
    search.take(mark(1, 1))
    assert activities(search.findings) == ["CREATE"]


def test_an_idle_partition_is_not_waited_for_and_the_finding_says_so() -> None:
    (finding,) = found([mark(0, 1), *operator(6), mark(0, 1, idle=True), mark(1, 0)])
    assert finding.complete is False


def test_a_signal_counts_from_its_epoch_on() -> None:
    search = fed([*operator(6, hour=3), mark(3)])
    assert search.findings == []
    search.take(mark(4))
    assert search.findings[0].time_ms == START_MS + 4 * HOUR_MS


def test_an_update_names_only_who_joined() -> None:
    first, then = found([*operator(6), mark(1), *operator(2, hour=1, name="more"), mark(2)])
    assert activities([first, then]) == ["CREATE", "UPDATE"]
    assert named([then]) == {"more_0000", "more_0001"}
    assert (then.uid, then.sequence, then.total) == (first.uid, 1, 8)
    assert first.line_uid != then.line_uid


def test_a_newcomer_joins_a_large_campaign_on_weak_evidence() -> None:
    newcomer = signal("new", 0.5, hour=1, heads=(77,), networks=(55,))
    assert named(found([*operator(20), mark(1), newcomer, mark(2)])[1:]) == {"new"}


def test_a_newcomer_of_many_requests_joins_only_when_it_is_odd_itself() -> None:
    young, settled, odd = (
        signal(name, p_value, hour=1, fold=fold, heads=(77,), networks=(55,))
        for name, p_value, fold in (("young", 0.5, 6), ("settled", 0.5, 7), ("odd", 0.05, 7))
    )
    assert named(found([*operator(20), mark(1), young, settled, odd, mark(2)])[1:]) == {"young", "odd"}


def test_without_news_nothing_is_said_again() -> None:
    assert activities(found([*operator(6), *[mark(hour) for hour in range(1, 12)]])) == ["CREATE"]


def test_a_campaign_closes_a_quiet_period_after_its_last_signal() -> None:
    created, closed = found([*operator(6), *[mark(hour) for hour in range(1, 60)]])
    assert activities([created, closed]) == ["CREATE", "CLOSE"]
    assert closed.time_ms == created.last_seen_ms + 24 * HOUR_MS
    assert closed.members == ()


def test_campaigns_that_turn_out_to_be_one_are_told_as_one() -> None:
    other = [signal(f"other_{at}", 0.02, heads=(88,), payments=(66,)) for at in range(5)]
    bridges = [signal(f"bridge_{at}", 0.01, 1, heads=(77, 88), networks=(55,), payments=(66,)) for at in range(3)]
    findings = found([*operator(6), *other, mark(1), *bridges, mark(2)])
    assert activities(findings) == ["CREATE", "CREATE", "UPDATE", "CLOSE"]
    kept, gone = findings[2], findings[3]
    assert gone.merged_into == kept.uid
    assert kept.total == 6 + 5 + 3


def test_a_signal_expires() -> None:
    search = fed([*operator(2), mark(1), *operator(2, hour=30, name="more"), mark(31)])
    assert search.findings == []
    assert search.tenants == 2


def test_the_table_holds_so_many_tenants_the_weakest_go_and_the_finding_says_so() -> None:
    search = fed([*crowd(400), *operator(6, 0.0001), mark(1)], most_tenants=50)
    assert search.tenants == 50
    assert named(search.findings) == {f"bad_{at:04}" for at in range(6)}
    assert search.findings[0].complete is False


def test_a_gap_of_years_takes_no_time() -> None:
    old = signal("old", 0.5)
    then = 1_000_000
    findings = found([old, mark(1), *everyone(hour=then), *operator(6, hour=then), mark(then + 1)])
    assert [finding.time_ms for finding in findings] == [START_MS + 1_000_001 * HOUR_MS]


@pytest.mark.parametrize(("count", "severity"), [(5, Severity.MEDIUM), (10, Severity.HIGH), (100, Severity.CRITICAL)])
def test_severity_follows_the_number_of_members(count: int, severity: Severity) -> None:
    assert found([*operator(count), mark(1)])[-1].severity is severity
