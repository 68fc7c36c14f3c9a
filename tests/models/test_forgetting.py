"""Tenants that are forgotten: the same in a file as in a stream, and nothing is lost or doubled whenever a worker dies."""

from random import Random

import pytest

from models.accounts import Unit
from models.mind import Mind
from models.partition import Checkpoint, Partition
from models.shelf import MemoryShelf
from models.snapshot import unpack_partition, unpack_tenant
from schemas.event import Event
from schemas.finding import Finding
from schemas.rows import TenantWindow
from schemas.signal import Message
from tests.models.events import HOUR_MS, MINUTE_MS, START_MS, event, mind

DAY_MS = 24 * HOUR_MS
EAGER = {"risk_medium": 1e-9, "risk_high": 0.5, "risk_critical": 0.9}
Rows = dict[tuple[str, int], TenantWindow]


def ground(**more: int | float) -> Mind:
    return mind(forget_ms=2 * DAY_MS, **more)


def bursts(seed: int, tenants: int = 25, days: int = 14) -> list[Event]:
    """Each tenant sends some tens of requests, pauses for hours or days, and does so again; now and then one twice, or late."""
    chance, events = Random(seed), []
    for tenant in range(tenants):
        at_ms, number = START_MS + chance.randrange(2 * DAY_MS), 0
        while at_ms < START_MS + days * DAY_MS:
            for _ in range(chance.randrange(1, 40)):
                at_ms += chance.randrange(10_000)
                again = chance.random() < 0.03
                late_ms = HOUR_MS if chance.random() < 0.03 else 0
                events.append((at_ms, event(number - again, at_ms - late_ms, f"org_{tenant}")))
                number += not again
            at_ms += round(DAY_MS * chance.choice([0.1, 0.5, 1.9, 2.2, 4, 6]))
    return [one for _, one in sorted(events, key=lambda pair: pair[0])]


class Stream:
    """A partition that is fed by a worker, and what it leaves on the topics; it may die within a pass."""

    def __init__(self, made_from: Mind) -> None:
        self._mind = made_from
        self.states: dict[Unit, bytes] = {}
        self.mark: bytes | None = None
        self.rows: Rows = {}
        self.findings: dict[str, Finding] = {}
        self.tombstones = 0
        self.start()

    def start(self) -> None:
        self.partition = Partition(self._mind, 0, 1)
        for unit, packed in self.states.items():
            self.partition.shelf.put(unit, packed)
        self.partition.resume(unpack_partition(self.mark) if self.mark else None)
        assert not list(self.partition.recount())

    def feed(self, events: list[Event], begin: int = 0) -> None:
        for offset in range(begin, len(events)):
            self.partition.apply(offset, events[offset])
        self.findings |= {finding.line_uid: finding for _, finding in self.partition.findings}

    def end_pass(self, steps: int = 3) -> None:
        """Rows and tenants, the mark, the tombstones: as many of these steps as it lives to do."""
        made: Checkpoint = self.partition.checkpoint()
        self.rows |= {(row.tenant, row.window_start_ms): row for row in made.rows}
        self.states |= dict(made.tenants)
        if steps > 1:
            self.mark = made.mark
        if steps > 2:
            for unit in made.forgotten:
                self.states.pop(unit, None)
            self.tombstones += len(made.forgotten)


def undisturbed(events: list[Event], made_from: Mind) -> tuple[dict[str, Finding], Rows, list[Message], Partition]:
    """By a partition that never makes a pass before the end: nothing is dropped, everything is judged by the rule alone."""
    partition = Partition(made_from, 0, 1)
    for offset, one in enumerate(events):
        partition.apply(offset, one)
    rows = {(row.tenant, row.window_start_ms): row for row in partition.checkpoint().rows}
    return {finding.line_uid: finding for _, finding in partition.findings}, rows, partition.messages, partition


@pytest.mark.parametrize("every", [7, 40, 300])
def test_when_what_is_forgotten_is_dropped_changes_no_finding_no_signal_and_no_row(every: int) -> None:
    made_from, events = ground(**EAGER), bursts(every)
    findings, rows, messages, whole = undisturbed(events, made_from)
    stream = Stream(made_from)
    for end in range(every, len(events) + every, every):
        stream.feed(events[:end], max(0, end - every))
        stream.end_pass()
    assert stream.tombstones > 10
    assert stream.findings == findings
    assert stream.partition.messages == messages
    assert stream.rows == rows
    assert stream.partition.totals == whole.totals
    assert set(stream.states) == {unit for unit, _ in stream.partition.shelf}
    assert len(stream.states) < 25


@pytest.mark.parametrize("seed", range(6))
def test_a_worker_that_dies_within_any_pass_loses_and_doubles_nothing_of_whom_it_forgets(seed: int) -> None:
    made_from, events, chance = ground(**EAGER), bursts(seed), Random(seed)
    findings, rows, _, whole = undisturbed(events, made_from)
    stream, end = Stream(made_from), 0
    while end < len(events):
        begin, end = end, min(len(events), end + chance.randrange(1, 60))
        stream.feed(events[:end], begin)
        steps = chance.choice([1, 2, 3, 3])
        stream.end_pass(steps)
        if steps < 3 or chance.random() < 0.2:
            stream.start()
            end = stream.partition.position + 1
    stream.end_pass()
    assert stream.findings == findings
    assert stream.rows == rows
    totals = stream.partition.totals
    assert (totals.applied, totals.duplicates, totals.late) == (
        whole.totals.applied,
        whole.totals.duplicates,
        whole.totals.late,
    )
    stream.start()
    assert stream.partition.totals.events_in == len(events)


def test_who_comes_back_begins_anew_as_young_and_keeps_only_what_he_accounts_for() -> None:
    made_from = ground()
    old = [event(number, START_MS + number * MINUTE_MS) for number in range(100)]
    others = [event(number, START_MS + 5 * DAY_MS + number, "org_b") for number in range(200)]
    back = [event(number, START_MS + 5 * DAY_MS + number * MINUTE_MS) for number in range(1000, 1050)]
    partition, fresh = Partition(made_from, 0, 1), Partition(made_from, 0, 1)
    for offset, one in enumerate([*old, *others, *back]):
        partition.apply(offset, one)
        if offset >= len(old):
            fresh.apply(offset, one)
    states = [unpack_tenant(dict(one.checkpoint().tenants)["org_a", ""]) for one in (partition, fresh)]
    assert (states[0].applied, states[0].applied_before, states[1].applied) == (150, 100, 50)
    assert (states[0].folds, states[0].first_ms, states[0].assessor) == (
        states[1].folds,
        states[1].first_ms,
        states[1].assessor,
    )


def test_an_open_case_is_not_forgotten_before_it_is_closed_and_told() -> None:
    made_from = ground(**EAGER, quiet_ms=3 * DAY_MS)
    stream = Stream(made_from)
    events = [event(number, START_MS + number * MINUTE_MS) for number in range(40)]
    events += [event(number, START_MS + DAY_MS + number * HOUR_MS, f"org_b{number % 4}") for number in range(200)]
    for end in range(10, len(events), 10):
        stream.feed(events[:end], end - 10)
        stream.end_pass()
    assert stream.tombstones == 1
    told = [finding.activity.name for finding in stream.findings.values() if finding.tenant == "org_a"]
    assert (told[0], told[-1]) == ("CREATE", "CLOSE")


def test_a_tenant_whose_clock_is_far_ahead_does_not_keep_the_others_from_being_dropped() -> None:
    stream = Stream(ground())
    ahead = [event(0, START_MS + 4000 * DAY_MS, "org_ahead")]  # the first record of all: there is no clock yet
    some = [event(0, START_MS, f"org_{number}") for number in range(30)]
    later = [event(number, START_MS + (3 + number // 20) * DAY_MS, "org_b") for number in range(300)]
    events = [*ahead, *some, *later]
    for end in range(31, len(events) + 1, 10):
        stream.feed(events[:end], 0 if end == 31 else end - 10)
        stream.end_pass()
    assert {unit[0] for unit in stream.states} == {"org_ahead", "org_b"}
    assert stream.partition.totals.events_in == len(events)


def test_what_was_forgotten_is_in_the_mark_and_named_by_it() -> None:
    stream = Stream(ground())
    events = [event(0, START_MS, "org_a"), *[event(n, START_MS + 5 * DAY_MS + n, f"org_b{n % 4}") for n in range(100)]]
    stream.feed(events[:1])
    stream.end_pass()
    stream.feed(events, 1)
    stream.end_pass(steps=2)
    assert stream.mark is not None
    mark = unpack_partition(stream.mark)
    assert (mark.forgotten.tenants, mark.forgotten.applied, mark.forgetting) == (1, 1, (("org_a", ""),))
    assert ("org_a", "") in stream.states  # it died before the tombstone
    stream.start()
    assert (stream.partition.tenants, stream.partition.totals.events_in) == (4, 101)
    given = Partition(ground(), 0, 1, shelf=MemoryShelf())
    given.restore(mark, stream.states.values())
    assert (given.tenants, given.totals.events_in) == (4, 101)
    stream.feed([*events, event(101, START_MS + 6 * DAY_MS, "org_b0")], 101)
    stream.end_pass()
    assert (stream.tombstones, ("org_a", "") in stream.states) == (1, False)
