"""Laws of a partition: what becomes of a record, and what survives a restart."""

import lz4.block  # type: ignore[import-untyped]
import msgspec
import pytest

from models.assessor import Assessor
from models.mind import Mind
from models.partition import Checkpoint, Partition
from models.snapshot import FORM, unpack_partition
from schemas.errors import BadRecord, ForeignState
from schemas.event import Event
from schemas.finding import Reason
from tests.models.behaviour import harvests
from tests.models.events import HOUR_MS, MINUTE_MS, START_MS, event, mind


def partition(ground: Mind | None = None, **more: int | str) -> Partition:
    return Partition(ground or mind(), 0, 1, **more)  # type: ignore[arg-type]


def fed(events: list[Event], ground: Mind | None = None) -> Partition:
    judge = partition(ground)
    for offset, one in enumerate(events):
        judge.apply(offset, one)
    return judge


def requests(checkpoint: Checkpoint) -> int:
    return sum(row.requests for row in checkpoint.rows)


def steady(count: int, gap_ms: int = MINUTE_MS, tenant: str = "org_a") -> list[Event]:
    return [event(number, START_MS + number * gap_ms, tenant) for number in range(count)]


def test_every_record_has_one_fate() -> None:
    judge = fed([*steady(40), event(3, START_MS + 41 * MINUTE_MS)])  # number 3 came before
    judge.apply(41, BadRecord("not_json", "malformed JSON"))
    totals = judge.totals
    assert (totals.applied, totals.duplicates, totals.dead_letters.total()) == (40, 1, 1)
    assert totals.events_in == 42


def test_the_rows_hold_every_applied_request_once() -> None:
    judge = fed(steady(500))
    assert requests(judge.checkpoint()) == 500
    assert judge.checkpoint().rows == []


def test_a_finding_shows_what_the_prompts_have_in_common() -> None:
    judge = fed([*harvests(400)])
    skeletons = {template.skeleton for _, finding in judge.findings for template in finding.templates}
    assert skeletons == {"… of your reasoning step after step"}


def test_what_is_behind_a_risk_is_looked_for_with_each_hundredth_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    judge, found = partition(mind(risk_medium=0.25)), Assessor.reasons

    def reasons(assessor: Assessor) -> tuple[Reason, ...]:
        told.append(assessor.assess().risk)
        return found(assessor)

    monkeypatch.setattr(Assessor, "reasons", reasons)
    for offset, one in enumerate(harvests(600)):
        judge.apply(offset, one)
    steps = [int(100 * risk) for risk in told]
    assert len(steps) > 5
    assert steps == sorted(set(steps))


def test_an_event_from_2100_is_a_dead_letter_and_moves_no_clock() -> None:
    judge = fed(
        [*steady(20), event(99, 4_102_444_800_000), *[event(n, START_MS + n * MINUTE_MS) for n in range(21, 40)]]
    )
    assert judge.totals.dead_letters == {"future": 1}
    assert judge.totals.late == 0
    assert [letter.offset for letter in judge.dead] == [20]


def test_a_late_event_is_counted_in_its_own_window_as_a_newer_version() -> None:
    judge = fed(steady(90))
    first = {row.window_start_ms: row for row in judge.checkpoint().rows}[START_MS]
    judge.apply(90, event(900, START_MS + MINUTE_MS))
    (row,) = judge.checkpoint().rows
    assert (row.window_start_ms, row.requests, row.late_events) == (START_MS, first.requests + 1, 0)
    assert row.version > first.version
    assert judge.totals.late == 1


def test_an_event_whose_window_is_gone_is_counted_as_late_in_the_newest_one() -> None:
    judge = fed(steady(600))
    judge.checkpoint()
    judge.apply(600, event(900, START_MS + MINUTE_MS))
    (row,) = judge.checkpoint().rows
    assert row.window_start_ms == START_MS + 9 * HOUR_MS
    assert row.late_events == 1


def test_a_record_from_1970_stops_nothing() -> None:
    judge = fed([*steady(20), event(99, 0), *[event(n, START_MS + n * MINUTE_MS) for n in range(21, 40)]])
    assert (judge.totals.applied, judge.totals.late) == (40, 1)


@pytest.mark.parametrize("cut", [1, 17, 100, 299])
def test_a_restart_from_a_checkpoint_changes_nothing(cut: int) -> None:
    ground, events = mind(), [*steady(300), *steady(300, 40_000, "org_b")]
    events.sort(key=lambda one: one.ts)
    whole = fed(events, ground)
    first = fed(events[:cut], ground)
    saved = first.checkpoint()
    second = partition(ground)
    second.restore(unpack_partition(saved.mark), [packed for _, packed in saved.tenants])
    for offset, one in enumerate(events):  # everything is delivered again
        second.apply(offset, one)
    assert second.totals.replayed == cut
    assert second.totals.applied == whole.totals.applied
    assert first.findings + second.findings == whole.findings
    newest = {(row.tenant, row.window_start_ms): row for row in [*saved.rows, *second.checkpoint().rows]}
    assert newest == {(row.tenant, row.window_start_ms): row for row in whole.checkpoint().rows}


def test_a_tenant_whose_snapshot_is_newer_than_the_mark_is_not_judged_twice() -> None:
    ground, events = mind(), steady(100)
    earlier, later = fed(events[:30], ground), fed(events[:60], ground)
    mark, tenants = earlier.checkpoint().mark, later.checkpoint().tenants  # the pass at 60 died before its mark
    judge = partition(ground)
    judge.restore(unpack_partition(mark), [packed for _, packed in tenants])
    for offset, one in enumerate(events):
        judge.apply(offset, one)
    assert judge.totals.applied == 100
    assert judge.totals.replayed == 60


def test_tenants_over_the_limit_sleep_as_bytes_and_wake_up_the_same() -> None:
    ground = mind()
    small, large = partition(ground, most_awake=2), partition(ground)
    events = [event(n, START_MS + n * 1000, f"org_{n % 7}") for n in range(700)]
    for offset, one in enumerate(events):
        small.apply(offset, one)
        large.apply(offset, one)
        if offset % 10 == 0:
            small.checkpoint()
            assert len(small.hydrated) <= 2
    assert small.tenants == large.tenants == 7
    assert small.totals == large.totals
    assert small.findings == large.findings


@pytest.mark.parametrize(("topic_id", "partitions"), [("another", 1), ("", 2)])
def test_the_state_of_another_topic_or_partition_count_is_refused_and_the_cure_named(
    topic_id: str, partitions: int
) -> None:
    saved = fed(steady(10)).checkpoint()
    other = Partition(mind(), 0, partitions, topic_id)
    with pytest.raises(ForeignState, match="distillwatch rehome"):
        other.restore(unpack_partition(saved.mark), [packed for _, packed in saved.tenants])


def test_a_tenant_on_a_foreign_partition_is_judged_and_counted_as_misplaced() -> None:
    tenants = [f"org_{number}" for number in range(8)]
    judge = Partition(mind(), 0, 2)
    for offset, tenant in enumerate(tenants):
        judge.apply(offset, event(offset, START_MS, tenant))
    assert judge.totals.applied == 8
    assert 0 < judge.totals.misplaced < 8


def test_another_secret_gives_the_same_findings_and_scores() -> None:
    config = mind().config
    events = steady(400, 20_000)
    one, two = (
        fed(events, Mind.of(config, b"one secret of sixteen")),
        fed(events, Mind.of(config, b"another secret of 16")),
    )
    assert one.findings == two.findings
    judged = [[(row.risk, row.scores) for row in judge.checkpoint().rows] for judge in (one, two)]
    assert judged[0] == judged[1]


def test_a_key_that_was_changed_resets_what_it_keyed_and_nothing_else() -> None:
    config, events = mind().config, steady(50)
    saved = fed(events, Mind.of(config, b"one secret of sixteen")).checkpoint()
    judge = partition(Mind.of(config, b"another secret of 16"))
    judge.restore(unpack_partition(saved.mark), [packed for _, packed in saved.tenants])
    judge.apply(50, event(50, START_MS + 50 * MINUTE_MS))
    assert judge.totals.applied == 51


def test_a_declared_evaluator_opens_no_finding_until_its_day_is_over() -> None:
    hour = 60 * MINUTE_MS
    eager = {"risk_medium": 1e-9, "risk_high": 0.5, "risk_critical": 0.9}
    ground = mind(**eager)
    allowed = mind(**eager, allowed_until_ms={"org_a": START_MS + hour})  # type: ignore[arg-type]
    events = steady(120)
    freely, declared = fed(events, ground), fed(events, allowed)
    assert min(finding.time_ms for _, finding in freely.findings) < START_MS + hour
    assert min(finding.time_ms for _, finding in declared.findings) >= START_MS + hour
    told = [[row.risk for row in judge.checkpoint().rows][:1] for judge in (freely, declared)]
    assert told[0] == told[1]


@pytest.mark.parametrize("wrong_by_ms", [400 * 24 * HOUR_MS, -400 * 24 * HOUR_MS])
def test_a_broken_clock_with_nine_tenths_of_the_records_closes_nothing_early_and_refuses_no_honest_event(
    wrong_by_ms: int,
) -> None:
    honest = [event(n, START_MS + n * MINUTE_MS, f"org_{n % 9}") for n in range(800)]
    broken = [event(n, START_MS + n * 6_000 + wrong_by_ms, "org_broken") for n in range(8000)]
    mixed = [one for n, each in enumerate(honest) for one in (each, *broken[10 * n : 10 * n + 9])]
    judge, alone = fed(mixed), fed(honest)
    offsets = {offset for offset, one in enumerate(mixed) if one.tenant_id != "org_broken"}
    assert not offsets & {letter.offset for letter in judge.dead}
    assert judge.time_ms is not None
    assert alone.time_ms is not None
    assert abs(judge.time_ms - alone.time_ms) < HOUR_MS


def test_the_clock_of_a_partition_comes_back_from_its_mark_with_whose_times_it_remembers() -> None:
    judge = fed([event(n, START_MS + n * MINUTE_MS, f"org_{n % 3}") for n in range(400)])
    mark = unpack_partition(judge.checkpoint().mark)
    assert (len(mark.times_ms), len(set(mark.times_of))) == (303, 3)
    again = partition()
    again.restore(mark, [])
    assert unpack_partition(again.checkpoint().mark) == mark


def test_a_mark_that_does_not_say_whose_times_it_holds_is_read() -> None:
    state = unpack_partition(fed(steady(50)).checkpoint().mark)
    older = msgspec.msgpack.encode([getattr(state, name) for name in state.__struct_fields__[:-1]])
    judge = partition()
    judge.restore(unpack_partition(bytes((FORM,)) + lz4.block.compress(older)), [])
    assert judge.time_ms == START_MS + 24 * MINUTE_MS
