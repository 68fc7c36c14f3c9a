"""Canaries: judged like anybody, proven by a key, and without a trace in anything else."""

import msgspec
import pytest
from msgspec.structs import replace

from models.canaries import KEPT
from models.canary_key import CanaryKey
from models.mind import Mind
from models.partition import Partition
from schemas.codec import decode_event
from schemas.event import Event, Params
from schemas.finding import Severity
from streams.canary.burst import EVENTS, burst, name_of
from tests.models.events import HOUR_MS, MINUTE_MS, SECRET, START_MS, event, mind

KEY = CanaryKey(SECRET)
PARTITIONS = 8


@pytest.fixture(scope="module")
def knowing() -> Mind:
    """The mind of a worker: it has the key."""
    return replace(mind(), canary_key=KEY)


def requests_of(partition: int, sent_ms: int) -> list[Event]:
    return [decode_event(record) for record in burst(name_of(partition, PARTITIONS, sent_ms), KEY)]


def judged(by: Mind, events: list[Event], index: int = 0) -> Partition:
    partition = Partition(by, index, PARTITIONS)
    for offset, one in enumerate(events):
        partition.apply(offset, one)
    return partition


@pytest.mark.parametrize("partition", range(PARTITIONS))
@pytest.mark.parametrize("minutes", [0, 1, 2, 17, 59])
def test_a_burst_is_judged_at_least_medium_in_every_partition_at_any_minute_of_an_hour(
    knowing: Mind, partition: int, minutes: int
) -> None:
    found = judged(knowing, requests_of(partition, START_MS + minutes * MINUTE_MS), partition).canaries.findings
    assert len(found) == 1
    assert found[0].severity >= Severity.MEDIUM
    assert found[0].requests <= EVENTS // 2


def test_a_burst_is_found_where_only_what_is_nearly_certain_is_told() -> None:
    strict = replace(mind(risk_medium=0.97, risk_high=0.98, risk_critical=0.985), canary_key=KEY)
    assert len(judged(strict, requests_of(0, START_MS)).canaries.findings) == 1


def test_records_with_canaries_among_them_give_what_they_give_without(knowing: Mind) -> None:
    ordinary = [event(n, START_MS + n * MINUTE_MS // 4, f"org_{n % 7}", f"{n % 3} {'x' * n}") for n in range(3000)]
    among: list[Event] = []
    for n, one in enumerate(ordinary):
        among += requests_of(0, one.ts + 40 * HOUR_MS) if n % 500 == 250 else []
        among.append(one)
    without, with_them = judged(knowing, ordinary), judged(knowing, among)
    assert with_them.canaries.findings
    assert [found for _, found in with_them.findings] == [found for _, found in without.findings]
    assert with_them.totals == replace(without.totals, canaries=6 * EVENTS)
    assert with_them.totals.events_in == len(ordinary)
    assert (with_them.time_ms, with_them.watermark_ms) == (without.time_ms, without.watermark_ms)
    assert with_them.messages == without.messages
    ours, theirs = with_them.checkpoint(), without.checkpoint()
    assert [unit for unit, _ in ours.tenants] == [unit for unit, _ in theirs.tenants]
    assert [replace(row, version=0) for row in ours.rows] == [replace(row, version=0) for row in theirs.rows]


def test_a_name_like_a_canarys_hides_nobody(knowing: Mind) -> None:
    real = requests_of(0, START_MS)
    forged = [replace(one, event_id=f"{n}.{'0' * 32}") for n, one in enumerate(real)]
    partition = judged(knowing, forged)
    assert partition.canaries.findings == []
    assert (partition.totals.applied, partition.totals.canaries) == (EVENTS, 0)
    assert [found.tenant for _, found in partition.findings][:1] == [real[0].tenant_id]
    assert partition.checkpoint().rows


def test_a_proof_holds_for_its_tenant_number_time_and_prompt_alone() -> None:
    real = requests_of(0, START_MS)[7]
    assert KEY.proves(real)
    assert not KEY.proves(replace(real, tenant_id=name_of(0, PARTITIONS, START_MS + 1).tenant))
    assert not KEY.proves(replace(real, event_id="8" + real.event_id[1:]))
    assert not KEY.proves(replace(real, event_id="07" + real.event_id[1:]))
    assert not KEY.proves(replace(real, ts=real.ts + HOUR_MS))
    assert not KEY.proves(replace(real, prompt="what I really want to know"))
    assert not CanaryKey(b"another secret of another house").proves(real)


@pytest.mark.parametrize(
    ("tenant", "event_id"),
    [("canary.", "1.a"), ("canary.club", "1.a"), ("canary.0.1.2", ""), ("canary.0.1.2", "²."), ("canary.0.1.2", "1.é")],
)
def test_whatever_else_bears_such_a_name_is_a_tenant(knowing: Mind, tenant: str, event_id: str) -> None:
    partition = judged(knowing, [msgspec.structs.replace(event(1, START_MS, tenant), event_id=event_id or "x")])
    assert (partition.totals.applied, partition.totals.canaries) == (1, 0)


def test_a_mind_without_the_key_takes_canaries_for_tenants() -> None:
    partition = judged(mind(), requests_of(0, START_MS))
    assert partition.findings
    assert partition.totals.applied == EVENTS


def test_canaries_do_not_pile_up_and_are_in_no_state(knowing: Mind) -> None:
    partition = Partition(knowing, 0, PARTITIONS)
    offset = 0
    for hour in range(3 * KEPT):
        for one in requests_of(0, START_MS + hour * HOUR_MS):
            partition.apply(offset, one)
            offset += 1
    assert len(partition.canaries.findings) == 3 * KEPT
    assert len({found.uid for found in partition.canaries.findings}) == 3 * KEPT
    assert len(partition.canaries._tenants) == KEPT
    checkpoint = partition.checkpoint()
    assert (checkpoint.position, checkpoint.tenants, checkpoint.rows) == (offset - 1, [], [])


def test_a_canary_read_again_after_a_restart_is_skipped_like_any_record(knowing: Mind) -> None:
    partition = judged(knowing, requests_of(0, START_MS))
    partition.canaries.findings.clear()
    for offset, one in enumerate(requests_of(0, START_MS)):
        partition.apply(offset, one)
    assert partition.canaries.findings == []
    assert (partition.totals.canaries, partition.totals.replayed) == (EVENTS, EVENTS)


def test_what_else_a_canary_says_is_not_part_of_its_proof() -> None:
    real = requests_of(0, START_MS)[0]
    assert KEY.proves(replace(real, params=Params(), account_id="a field of a later version"))
