"""What a worker counts and measures of its partitions."""

from collections.abc import Iterable

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


def measure(telemetry: Telemetry, held: HeldPartition, end: int | None, now: float) -> None:
    """Set the gauges of a partition; `end` is the end of its log, `now` the wall clock in seconds."""
    judge, label = held.judge, str(held.judge.index)
    telemetry.tenants.labels(label).set(judge.tenants)
    telemetry.tenants_hydrated.labels(label).set(judge.awake)
    telemetry.state_bytes.labels(label).set(judge.state_bytes)
    telemetry.control_number.labels(label).set(judge.newest_control.number if judge.newest_control else 0)
    if end is not None and held.ready.is_set():
        telemetry.lag.labels(label).set(max(0, end - 1 - judge.position))
    held.event_lag.wait(now, waiting=end is not None and end > judge.position + 1)
    telemetry.event_lag.labels(label).set(held.event_lag.seconds or 0.0)
