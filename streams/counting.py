"""What a worker counts and measures of its partitions."""

from collections.abc import Iterable, Mapping
from typing import Any

from models.partition import Totals
from streams.held import HeldPartition
from streams.telemetry import Telemetry


def sum_of(parts: Iterable[Totals]) -> Totals:
    """The totals of several partitions together."""
    total = Totals()
    for one in parts:
        total.applied += one.applied
        total.duplicates += one.duplicates
        total.late += one.late
        total.dead_letters += one.dead_letters
        total.misplaced += one.misplaced
        total.replayed += one.replayed
        total.canaries += one.canaries
    return total


def count(telemetry: Telemetry, before: Totals, after: Totals) -> None:
    """Count what a batch changed in the totals of its partition."""
    telemetry.batches.inc()
    telemetry.events_in.inc(after.events_in - before.events_in)
    telemetry.events_applied.inc(after.applied - before.applied)
    telemetry.duplicates.inc(after.duplicates - before.duplicates)
    telemetry.late_events.inc(after.late - before.late)
    telemetry.future_events.inc(after.dead_letters["future"] - before.dead_letters["future"])
    telemetry.misplaced_events.inc(after.misplaced - before.misplaced)
    telemetry.replayed_events.inc(after.replayed - before.replayed)
    telemetry.canary_events.inc(after.canaries - before.canaries)


def details(held: Mapping[int, HeldPartition], totals: Totals) -> dict[str, Any]:
    """For the health page: totals by fate, and of each partition the last offset applied and the last durable one."""
    return {
        "events_in": totals.events_in,
        "events_applied": totals.applied,
        "duplicates": totals.duplicates,
        "dead_letters": totals.dead_letters.total(),
        "late_events": totals.late,
        "misplaced_events": totals.misplaced,
        "replayed_events": totals.replayed,
        "canary_events": totals.canaries,
        "tenants": sum(one.judge.tenants for one in held.values()),
        "states_to_restate": sum(one.judge.roster.restating for one in held.values()),
        "control": {str(index): _number(one) for index, one in held.items()},
        "applied": {str(index): one.judge.position for index, one in held.items()},
        "durable": {str(index): one.durable for index, one in held.items()},
    }


def _number(held: HeldPartition) -> int:
    """The control record that a partition judges by."""
    newest = held.judge.newest_control
    return newest.number if newest is not None else 0


def measure(telemetry: Telemetry, held: HeldPartition, end: int | None, now: float) -> None:
    """Set the gauges of a partition; `end` is the end of its log, `now` the wall clock in seconds."""
    judge, label = held.judge, str(held.judge.index)
    telemetry.tenants.labels(label).set(judge.tenants)
    telemetry.tenants_hydrated.labels(label).set(len(judge.hydrated))
    telemetry.tenants_on_disk.labels(label).set(judge.shelf.far)
    telemetry.state_bytes.labels(label).set(judge.shelf.size_bytes)
    telemetry.control_number.labels(label).set(_number(held))
    if end is not None and held.ready.is_set():
        telemetry.lag.labels(label).set(max(0, end - 1 - judge.position))
    held.event_lag.wait(now, waiting=end is not None and end > judge.position + 1)
    telemetry.event_lag.labels(label).set(held.event_lag.seconds or 0.0)
