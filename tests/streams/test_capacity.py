"""What a machine will do is measured by the worker's own code: figures depend on the machine, how they hang together does not."""

from itertools import pairwise

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from models.mind import Mind
from models.partition import Partition
from models.snapshot import unpack_tenant
from schemas.codec import decode_event
from schemas.errors import RefusedToStart
from streams.backtest import Backtest
from streams.capacity import Asked, Capacity, Costs, Memory, Traffic, estimate, measure_costs, measure_memory
from streams.capacity.load import Load
from streams.capacity.memory import Copies
from streams.capacity.notes import notes
from streams.commands.capacity import show
from streams.configuration import mind_of
from streams.settings import Settings, WorkerSettings
from streams.simulation import Simulation, simulate
from tests.models.events import START_MS, event

STAGES = ["decode", "judge", "wake", "store", "campaigns", "alerts", "rows", "checkpoints"]
SETTINGS = Settings()
MEMORY = Memory(
    packed_mean=2000.0,
    packed_p99=3000.0,
    packed_most=3100,
    asleep=2_500.0,
    awake=20_000.0,
    campaigns=1_000.0,
    signalling=0.5,
    process=300_000_000,
)


@pytest.fixture(scope="module")
def records() -> list[bytes]:
    return list(simulate(Simulation(days=0.5, tenants=12, attackers=4, seed=5))[0])


@pytest.fixture(scope="module")
def traffic(records: list[bytes]) -> Traffic:
    return Traffic.of(records, SETTINGS.topics.partitions, 500, 100_000)


@pytest.fixture(scope="module")
def mind() -> Mind:
    return mind_of(SETTINGS.judgement, b"a secret for tests, long enough to be taken")


@pytest.fixture(scope="module")
def costs(mind: Mind, traffic: Traffic) -> list[Costs]:
    return measure_costs(mind, SETTINGS, traffic, 2, lambda *_: None)


def answer_of(
    costs: list[Costs], traffic: Traffic, tenants: int, rate: float | None = None, **settings: int | float
) -> Capacity:
    worker = WorkerSettings.model_validate(settings)
    return estimate(costs, MEMORY, traffic, worker, Asked(tenants=tenants, events_per_second=rate))


def encoded(*events: object) -> list[bytes]:
    return [msgspec.json.encode(one) for one in events]


def test_a_batch_holds_records_of_one_partition_in_the_order_of_the_file(
    records: list[bytes], traffic: Traffic
) -> None:
    of_tenant = [msgspec.json.decode(record)["tenant_id"] for record in records]
    for partition in {index for index, _ in traffic.batches}:
        batches = [batch for index, batch in traffic.batches if index == partition]
        assert all(len(batch) == 500 for batch in batches[:-1])
        held = [record for batch in batches for record in batch]
        tenants = {msgspec.json.decode(record)["tenant_id"] for record in held}
        assert held == [record for record, tenant in zip(records, of_tenant, strict=True) if tenant in tenants]
    assert traffic.records == len(records) == sum(len(batch) for _, batch in traffic.batches)


def test_a_file_is_read_up_to_a_number_of_records_and_rubbish_is_counted(records: list[bytes]) -> None:
    traffic = Traffic.of([b"rubbish", *records], 8, 500, 100)
    assert (traffic.records, traffic.bad, traffic.events, traffic.cut) == (100, 1, 99, True)
    assert not Traffic.of(records[:100], 8, 500, 100).cut


def test_a_file_without_an_event_is_refused() -> None:
    for held in ([], [b"rubbish"]):
        with pytest.raises(RefusedToStart, match=f"no event to measure: {len(held)} records"):
            Traffic.of(held, 8, 500, 100)


def test_a_round_does_what_a_worker_does_with_every_record(
    mind: Mind, costs: list[Costs], records: list[bytes], traffic: Traffic
) -> None:
    backtest = Backtest(mind, SETTINGS.topics.partitions, lambda _: None)
    backtest.feed_all(records)
    expected = backtest.result(0)
    for one in costs:
        assert one.done["records"] == len(records)
        assert one.done["alerts"] >= expected.findings > 0
        states = [unpack_tenant(packed) for packed in one.states]
        assert sum(state.applied for state in states) == expected.events_applied
        assert len(states) == expected.tenants == traffic.tenants
        assert {signal.tenant for signal in one.signals} <= {state.tenant for state in states}
        assert one.done["rows"] >= one.done["packed"] >= len(states)
        assert all(
            one.seconds[stage] > 0
            for stage in ("decode", "judge", "campaigns", "alerts", "rows", "pack", "restore", "wake", "store")
        )


def test_rounds_begin_from_nothing_each(costs: list[Costs]) -> None:
    first, second = costs
    assert (first.done, first.states, first.signals) == (second.done, second.states, second.signals)


def test_the_first_round_is_short_and_not_counted(mind: Mind, traffic: Traffic) -> None:
    told: list[tuple[int, int]] = []
    measured = measure_costs(mind, SETTINGS, traffic, 1, lambda number, one: told.append((number, one.done["records"])))
    assert len(measured) == 1
    assert [number for number, _ in told] == [0, 1]
    assert told[0][1] <= told[1][1] == traffic.records


def test_stages_add_up_and_the_spread_holds_them(costs: list[Costs], traffic: Traffic) -> None:
    answer = answer_of(costs, traffic, 1000)
    assert list(answer.stages) == STAGES
    assert answer.cpu_us_per_event == pytest.approx(sum(answer.stages.values()))
    assert answer.events_per_second_per_core * answer.cpu_us_per_event == pytest.approx(1e6)
    for stage, figure in answer.stages.items():
        least, greatest = answer.spread[stage]
        assert least <= figure <= greatest
    assert answer.need.cores == pytest.approx(1.0)


def test_an_event_costs_more_the_more_tenants_share_the_traffic(costs: list[Costs], traffic: Traffic) -> None:
    answers = [answer_of(costs, traffic, tenants) for tenants in (100, 10_000, 1_000_000)]
    for fewer, more in pairwise(answers):
        assert more.stages["checkpoints"] > fewer.stages["checkpoints"]
        assert more.cpu_us_per_event > fewer.cpu_us_per_event
        assert more.stages["judge"] == fewer.stages["judge"]
    assert [answer.stages["wake"] > 0 for answer in answers] == [False, False, True]


def test_the_bounds_of_the_worker_decide_how_often_a_tenant_is_packed(costs: list[Costs], traffic: Traffic) -> None:
    def packed(**bounds: int | float) -> float:
        return float(answer_of(costs, traffic, 100_000, 5000.0, **bounds).need.packed_per_event)

    assert packed(checkpoint_seconds=1) > packed(checkpoint_seconds=5) > packed(checkpoint_seconds=60)
    assert packed(checkpoint_seconds=60, checkpoint_bytes=100_000) > packed(checkpoint_seconds=60)


def test_tenants_over_the_limit_cost_a_way_to_the_store_instead_of_memory(costs: list[Costs], traffic: Traffic) -> None:
    few, all_of_them = (answer_of(costs, traffic, 100_000, tenants_in_memory=limit) for limit in (10_000, 100_000))
    assert few.stages["store"] > 0 == all_of_them.stages["store"]
    assert (few.need.on_disk, all_of_them.need.on_disk) == (90_000, 0)
    assert all_of_them.bytes_per_tenant - few.bytes_per_tenant == pytest.approx(0.9 * MEMORY.asleep)


def test_memory_is_that_of_the_tenants_asleep_awake_and_searched_and_of_each_worker(
    costs: list[Costs], traffic: Traffic
) -> None:
    answer = answer_of(costs, traffic, 1_000_000, hydrated_tenants=1000)
    awake = 1000
    held = 1_000_000 * (2_500 + 0.5 * 1_000) + awake * 20_000
    assert answer.need.awake == awake
    assert answer.bytes_per_tenant == pytest.approx(held / 1_000_000)
    assert answer.need.gib == pytest.approx((held + 300_000_000) / 2**30)


def test_a_rate_needs_cores_workers_and_partitions(costs: list[Costs], traffic: Traffic) -> None:
    answer = answer_of(costs, traffic, 10_000, 1_000_000.0)
    need = answer.need
    assert need.cores == pytest.approx(answer.cpu_us_per_event)
    assert need.workers >= need.cores
    assert need.partitions >= need.workers
    said = notes(answer, traffic, Asked(tenants=10_000, events_per_second=1_000_000.0), busy=True)
    assert any(f"{need.workers} workers need {need.partitions}" in note for note in said)
    assert any("the machine was busy" in note for note in said)


def test_few_records_a_cut_file_rubbish_and_a_pace_unlike_the_files_are_told(
    costs: list[Costs], traffic: Traffic
) -> None:
    told = replace(traffic, records=100, bad=1, cut=True)
    said = " ".join(notes(answer_of(costs, traffic, 1), told, Asked(tenants=1), busy=False))
    for word in (
        "rough: 100 records",
        "the file goes on",
        "1 of 100 records are no events",
        "requests an hour, here it would send",
    ):
        assert word in said
    assert "busy" not in said


def test_tenants_touched_are_those_that_a_file_of_copies_would_touch() -> None:
    random = np.random.default_rng(3)
    span_ms = 1_000_000
    tenants = [np.sort(random.integers(0, span_ms, size)) for size in (1, 2, 3, 50)]
    drawn = [(index, int(ms)) for index, times in enumerate(tenants) for ms in times]
    records = encoded(
        *(event(number, START_MS + ms, tenant=f"org_{index}") for number, (index, ms) in enumerate(drawn)),
        event(0, START_MS, tenant="org_first"),
        event(0, START_MS + span_ms, tenant="org_last"),
    )
    traffic = Traffic.of(records, 8, 500, 1000)
    assert traffic.span_ms == span_ms
    copies = 400
    load = Load(traffic.pauses(), tenants=copies * traffic.tenants)
    # Each copy begins somewhere else in the file's time and goes round; count who is there within a stretch of it.
    stretch = 0.01
    expected = sum(
        bool(np.any((np.array(times) - START_MS - begin) % span_ms < stretch * span_ms))
        for times in traffic.times_ms.values()
        for begin in random.uniform(0, span_ms, copies)
    )
    assert load.touched(stretch * copies * traffic.events) == pytest.approx(expected, rel=0.2)


def test_a_worker_packs_as_many_tenants_as_was_reckoned(mind: Mind, records: list[bytes], traffic: Traffic) -> None:
    copies, every = 20, 200
    events = sorted(map(decode_event, records), key=lambda one: one.ts)
    first_ms, stretch_ms = events[0].ts, -(-(traffic.span_ms + 1) // copies)
    # Of each copy another stretch of the file's time, all at once: the bursts stay as they are.
    moved = [
        replace(one, tenant_id=f"{one.tenant_id}_{place}", ts=first_ms + rest)
        for one in events
        for place, rest in [divmod(one.ts - first_ms, stretch_ms)]
    ]
    partition, packed = Partition(mind, 0, 1), 0
    for offset, one in enumerate(sorted(moved, key=lambda one: one.ts), 1):
        partition.apply(offset, one)
        if offset % every == 0 or offset == len(moved):
            packed += len(partition.checkpoint().tenants)
    reckoned = Load(traffic.pauses(), copies * traffic.tenants).packed_per_event(every, seconds=1, most=1e9)
    assert packed / len(moved) == pytest.approx(reckoned, rel=0.15)


def test_times_that_are_all_the_same_and_a_tenant_alone_make_no_trouble() -> None:
    traffic = Traffic.of(encoded(event(1, START_MS), event(2, START_MS)), 8, 500, 10)
    load = Load(traffic.pauses(), tenants=1)
    assert (load.touched(0), load.touched(5), load.woken_per_event(1)) == (0, 1, 0)


def test_a_process_of_its_own_measures_what_a_tenant_takes(costs: list[Costs], mind: Mind, traffic: Traffic) -> None:
    copies = Copies.of(mind.config, costs[0], traffic)
    assert [{one.tenant_id for one in each} for each in copies.requests] == [
        {unpack_tenant(packed).tenant} for packed in copies.states
    ]
    memory = measure_memory(replace(copies, asleep=(200, 1200), awake=(50, 150)))
    assert memory.packed_mean <= memory.packed_p99 <= memory.packed_most == max(map(len, copies.states))
    assert memory.asleep > memory.packed_mean / 2
    assert memory.awake > memory.asleep
    assert memory.campaigns > 0 < memory.signalling <= 1
    assert memory.process > 50_000_000


def test_memory_that_cannot_be_measured_is_one_line(mind: Mind) -> None:
    with pytest.raises(RefusedToStart, match="measures memory ended with code"):
        measure_memory(Copies(config=mind.config, states=[b"no state"], requests=[[]], signals=[]))


def test_the_table_says_the_same_and_what_to_know_before_one_believes_it(
    costs: list[Costs], traffic: Traffic, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = answer_of(costs, traffic, 100_000)
    show(answer, traffic, 2, ["the file is not yours"])
    said = capsys.readouterr().out
    for word in (
        *STAGES,
        "total",
        "GiB",
        "tenant asleep",
        "cores",
        "Not measured: Kafka",
        "Note: the file is not yours",
    ):
        assert word in said
    for figure in (
        f"{answer.cpu_us_per_event:.2f}",
        f"{answer.events_per_second_per_core:,.0f}",
        f"{answer.need.gib:.2f} GiB",
    ):
        assert figure in said
