"""Who is woken where not all may be awake is packed again at once, and nobody can tell by what comes out."""

from collections.abc import Callable

from models.mind import Mind
from models.partition import Partition
from schemas.event import Event
from schemas.rows import TenantWindow
from tests.models.events import START_MS, event, mind

TOGETHER, PASS = 8, 96
Rows = dict[tuple[str, int], TenantWindow]


def crowd(number: int) -> Event:
    """One tenant that sends every other request, and twenty others in turn, one of them twice in a row."""
    name = "busy" if number % 2 else number // 2 % 20 if number // 2 % 20 < 19 else 18
    return event(number, START_MS + number * 60_000, f"org_{name}")


def fed(
    judge: Partition, count: int, after_each: Callable[[list[str]], object] = lambda _: None, first: int = 0
) -> tuple[list[dict[str, bytes]], Rows]:
    """The packed tenants of each pass, and the newest rows."""
    passes, rows = list[dict[str, bytes]](), Rows()
    for begin in range(first, count, TOGETHER):
        events = [crowd(number) for number in range(begin, begin + TOGETHER)]
        judge.fetch(one.tenant_id for one in events)
        after_each([one.tenant_id for one in events])
        for offset, one in enumerate(events, begin):
            judge.apply(offset, one)
        if (begin + TOGETHER) % PASS == 0:
            done = judge.checkpoint()
            passes.append({unit[0]: packed for unit, packed in done.tenants})
            rows |= {(row.tenant, row.window_start_ms): row for row in done.rows}
    return passes, rows


def suspicious() -> Mind:
    return mind(risk_medium=1e-9, risk_high=0.5, risk_critical=0.9)


def test_tenants_that_rest_between_passes_are_judged_packed_and_told_in_rows_as_those_awake() -> None:
    for ground in (mind(), suspicious()):
        few, all_of_them = Partition(ground, 0, 1, most_awake=3), Partition(ground, 0, 1)
        assert fed(few, 10 * PASS) == fed(all_of_them, 10 * PASS)
        assert (few.findings, few.messages, few.totals) == (
            all_of_them.findings,
            all_of_them.messages,
            all_of_them.totals,
        )
        assert few.tenants == all_of_them.tenants == 20


def test_who_is_woken_rests_with_the_next_records_and_who_comes_back_before_the_pass_stays() -> None:
    judge, awake, stayed = Partition(mind(), 0, 1, most_awake=3), list[set[str]](), list[set[str]]()

    def look(coming: list[str]) -> None:
        awake.append({tenant for tenant, _ in judge.hydrated})
        stayed.append(awake[-1].difference(coming))

    fed(judge, 5 * PASS, look)
    batches = PASS // TOGETHER
    for begin in range(batches, 5 * batches, batches):
        assert all(len(some) <= 3 for some in stayed[begin : begin + 5])  # nobody has come back yet
        assert len(stayed[begin + batches - 1]) > 3
        assert all("org_busy" in some for some in awake[begin + 2 : begin + batches])


def test_who_is_to_send_is_awake_before_it_does_and_rests_again_when_nothing_came_of_it() -> None:
    judge = Partition(mind(), 0, 1, most_awake=3)
    fed(judge, 4 * PASS)
    packed = dict(judge.shelf)
    judge.fetch(["org_7", "org_never_seen", "org_7"])
    assert ("org_7", "") in judge.hydrated
    judge.apply(4 * PASS, event(4 * PASS, START_MS + 10**12, "org_7"))  # of the future: refused
    judge.fetch([])
    assert ("org_7", "") not in judge.hydrated
    assert judge.tenants == 20
    assert dict(judge.shelf) == packed


def test_who_came_back_and_sent_nothing_is_packed_with_the_pass() -> None:
    judge = Partition(mind(), 0, 1, most_awake=3)
    fed(judge, 4 * PASS)
    judge.fetch(["org_7"])
    judge.apply(4 * PASS, event(4 * PASS, START_MS + 4 * PASS * 60_000, "org_7"))
    judge.fetch([])
    resting = dict(judge.shelf)["org_7", ""]
    judge.fetch(["org_7"])
    assert judge.checkpoint().tenants == [(("org_7", ""), resting)]


def test_where_all_may_be_awake_nobody_rests() -> None:
    judge, awake = Partition(mind(), 0, 1, most_awake=20), list[int]()
    fed(judge, 5 * PASS, lambda _: awake.append(len(judge.hydrated)))
    assert max(awake) == 20


def test_where_all_may_be_awake_the_shelf_keeps_places_until_somebody_is_to_sleep() -> None:
    for ground in (mind(), suspicious()):
        judge = Partition(ground, 0, 1, most_awake=20)
        passes, _ = fed(judge, 5 * PASS)
        newest = {tenant: packed for done in passes for tenant, packed in done.items()}
        assert [packed for _, packed in judge.shelf] == 20 * [b""]
        judge.roster.most_awake = 3
        judge.checkpoint()
        asleep = {tenant: packed for (tenant, _), packed in judge.shelf if packed}
        assert len(asleep) == 17
        assert asleep == {tenant: packed for tenant, packed in newest.items() if tenant in asleep}
        assert asleep.keys().isdisjoint(tenant for tenant, _ in judge.hydrated)
        undisturbed = Partition(ground, 0, 1, most_awake=20)
        fed(undisturbed, 5 * PASS)
        assert fed(judge, 10 * PASS, first=5 * PASS) == fed(undisturbed, 10 * PASS, first=5 * PASS)
        assert judge.findings == undisturbed.findings


def test_suspects_stay_awake() -> None:
    judge = Partition(suspicious(), 0, 1, most_awake=3)
    fed(judge, 10 * PASS)
    suspects = {finding.tenant for _, finding in judge.findings}
    woken = [unit for unit in judge.hydrated if unit[0] in suspects]
    judge.fetch([])
    assert suspects
    assert [unit for unit in judge.hydrated if unit[0] in suspects] == woken
