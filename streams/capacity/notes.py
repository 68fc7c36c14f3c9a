"""What to know before one believes the figures of a measurement."""

from streams.capacity.estimate import Asked, Capacity
from streams.capacity.traffic import Traffic

#: With fewer records the figure is rough: what is done once a tenant weighs as much as what is done each time.
ROUGH_RECORDS = 5_000
NOT_MEASURED = (
    "Kafka: fetching, delivery by Faust, batches and zstd of what is produced, acknowledging",
    "ClickHouse: columns, HTTP, the insert",
)
WITH_KAFKA = "python -m tests.benchmarks.worker_cost FILE"


def notes(answer: Capacity, traffic: Traffic, asked: Asked, *, busy: bool) -> list[str]:
    """One sentence for each thing that makes the figures less than they seem; `busy` says that the machine had other work."""
    said = []
    if traffic.records < ROUGH_RECORDS:
        said.append(f"rough: {traffic.records:,} records only; give {ROUGH_RECORDS:,} or more")
    if traffic.cut:
        said.append(
            f"the file goes on: the first {traffic.records:,} records were measured (--most); tenants grow for some days"
        )
    if traffic.bad:
        said.append(f"{traffic.bad:,} of {traffic.records:,} records are no events; those cost less")
    if busy:
        said.append("the machine was busy with other work; an idle one is faster")
    said += [*_pace(answer, traffic), *_partitions(answer, traffic, asked)]
    return said


def _pace(answer: Capacity, traffic: Traffic) -> list[str]:
    """Whether tenants would send as fast as in the file: a slow one has more folds, windows, rows and packings an event."""
    need = answer.need
    pace = traffic.events / traffic.tenants / traffic.span_ms * 3_600_000
    here = need.events_per_second * 3600 / need.tenants
    if pace / 4 < here < pace * 4:
        return []
    alike = need.events_per_second * 3600 / pace
    tells = f"a tenant of the file sends {pace:,.3g} requests an hour, here it would send {here:,.3g}"
    return [
        f"{tells}; {need.events_per_second:,.0f} a second are those of {alike:,.0f} tenants like the file's (--tenants)"
    ]


def _partitions(answer: Capacity, traffic: Traffic, asked: Asked) -> list[str]:
    need, said = answer.need, []
    if need.partitions > traffic.partitions:
        set_to = f"topics.partitions is {traffic.partitions}, for which the memory is reckoned"
        said.append(f"{set_to}: {need.workers} workers need {need.partitions} at least")
    largest = traffic.largest / max(1.0, need.tenants / traffic.tenants)
    if asked.events_per_second and largest * need.cores > 1:
        said.append(
            f"the largest tenant sends {largest:.0%} of the requests, more than a core judges, and one worker judges a tenant"
        )
    return said
