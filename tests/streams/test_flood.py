"""Many tenants and little memory: who is pushed out comes back as he was, and a flood pushes out nobody who matters."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.accounts import Unit
from models.mind import Mind
from models.partition import Partition
from models.shelf import Shelf
from models.snapshot import unpack_partition, unpack_tenant
from schemas.event import Event
from schemas.finding import Finding
from schemas.rows import TenantWindow
from streams.capacity.growth import resident_bytes
from streams.state_directory import StateDirectory
from tests.models.events import MINUTE_MS, START_MS, event, mind

AWAKE, IN_MEMORY, BATCH = 200, 1_000, 500
SUSPECTS = tuple(f"org_suspect_{number}" for number in range(20))
Found = list[tuple[int, Finding]]


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[StateDirectory]:
    made = StateDirectory(tmp_path / "state", IN_MEMORY)
    yield made
    made.end()


class Judge:
    """A partition that is given its records as a pipeline gives them: by batches, with a pass whenever many have changed."""

    def __init__(self, ground: Mind, shelf: Shelf | None = None, awake: int = AWAKE) -> None:
        self.partition = Partition(ground, 0, 1, most_awake=awake, shelf=shelf)
        self.rows: dict[tuple[str, int], TenantWindow] = {}
        self.states: dict[Unit, bytes] = {}
        self._awake, self._next = awake, 0

    def feed(self, events: list[Event]) -> None:
        for begin in range(0, len(events), BATCH):
            batch = events[begin : begin + BATCH]
            self.partition.fetch(one.tenant_id for one in batch)
            for one in batch:
                self.partition.apply(self._next, one)
                self._next += 1
            if self.partition.changed >= self._awake:
                self.end_pass()

    def end_pass(self) -> None:
        done = self.partition.checkpoint()
        self.rows |= {(row.tenant, row.window_start_ms): row for row in done.rows}
        self.states |= done.tenants


def suspicious() -> Mind:
    return mind(risk_medium=1e-9, risk_high=0.5, risk_critical=0.9)


def attack(begin: int, end: int) -> list[Event]:
    """Requests of the suspects: two folds of each open a finding."""
    return [event(number, START_MS + number * 1000, tenant) for number in range(begin, end) for tenant in SUSPECTS]


def test_a_flood_of_tenants_with_one_event_each_pushes_out_no_suspect_and_fills_no_memory(directory: StateDirectory) -> None:
    judge, tenants = Judge(suspicious(), directory.open(0)), 200_000
    judge.feed(attack(0, 40))
    judge.end_pass()
    opened = len(judge.partition.findings)
    before = resident_bytes()
    for begin in range(0, tenants, 10_000):
        judge.feed([event(number, START_MS + MINUTE_MS, f"org_once_{number}") for number in range(begin, begin + 10_000)])
        judge.partition.messages.clear()
        judge.rows.clear()
        judge.states.clear()
    grown, shelf = resident_bytes() - before, judge.partition.shelf
    assert opened >= len(SUSPECTS)
    assert (judge.partition.tenants, shelf.tenants) == (tenants + len(SUSPECTS), tenants + len(SUSPECTS))
    assert shelf.tenants - shelf.far <= IN_MEMORY
    assert set(SUSPECTS) <= {tenant for tenant, _ in judge.partition.hydrated}
    assert len(judge.partition.hydrated) <= AWAKE
    assert grown < 100_000_000, "a limit of a thousand tenants holds a hundred megabytes"
    print(f"\n{tenants} tenants: {grown / 1e6:.0f} MB more, {shelf.size_bytes / 1e6:.0f} MB of state")
    alone = Judge(suspicious())
    alone.feed([*attack(0, 40), *attack(40, 60)])
    judge.feed(attack(40, 60))
    assert [finding for _, finding in judge.partition.findings] == [finding for _, finding in alone.partition.findings]


@pytest.mark.parametrize("limit", [1, 30])
def test_whoever_is_pushed_out_comes_back_the_same(tmp_path: Path, limit: int) -> None:
    directory, ground = StateDirectory(tmp_path, limit), suspicious()
    small, large = Judge(ground, directory.open(0), awake=7), Judge(ground, awake=10_000)
    events = [event(n, START_MS + n * 20_000, f"org_{n * n % 61}") for n in range(6_000)]
    for judge in (small, large):
        judge.feed(events)
        judge.end_pass()
    assert small.partition.shelf.tenants - small.partition.shelf.far <= limit
    assert small.partition.shelf.far > 0
    assert small.partition.totals == large.partition.totals
    assert small.partition.findings == large.partition.findings
    assert small.partition.messages == large.partition.messages
    assert small.rows == large.rows
    assert dict(small.partition.shelf) == small.states == large.states
    directory.end()


def test_who_takes_over_a_shelf_counts_the_same_and_expects_the_same_closes(directory: StateDirectory) -> None:
    ground, events = suspicious(), attack(0, 40)
    first = Judge(ground)
    first.feed(events)
    saved = first.partition.checkpoint()
    packed = first.states | dict(saved.tenants)
    again = Partition(ground, 0, 1, shelf=directory.open(0))
    for unit, one in packed.items():
        again.shelf.put(unit, one)
    again.resume(unpack_partition(saved.mark))
    assert sum(1 for _ in again.recount()) == len(packed) // 200
    given = Partition(ground, 0, 1)
    given.restore(unpack_partition(saved.mark), packed.values())
    assert again.totals == given.totals == first.partition.totals
    later = START_MS + 24 * 60 * MINUTE_MS
    for judge in (again, given):
        for number in range(200):
            judge.apply(len(events) + number, event(number, later, "org_later"))
    assert again.findings == given.findings
    assert {finding.tenant for _, finding in again.findings} >= set(SUSPECTS)
    assert all(unpack_tenant(one).case is not None for one in packed.values())
