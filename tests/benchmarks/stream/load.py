"""What a worker asks of broker and ClickHouse: bytes of each topic, records, rows, and the CPU of both, after a run of all roles."""

from msgspec import Struct

from streams.clickhouse.client import connect
from streams.lag import end_offsets
from streams.settings import Settings
from tests.benchmarks.stream.content import Content
from tests.benchmarks.stream.cores import cpu_seconds
from tests.benchmarks.stream.ground import Ground
from tests.benchmarks.stream.rivals import Rivals
from tests.benchmarks.stream.runner import JOBS, metrics, start

ROLES = ("requests", "dead", "alerts", "rows", "signals", "checkpoints")
ALL = next(job for job in JOBS if job.name == "all")


class TopicLoad(Struct, frozen=True, kw_only=True):
    """One topic: records, and bytes a record on disk, compressed as its producer left them."""

    role: str
    records: int
    records_per_event: float
    bytes_per_record: float


class Load(Struct, frozen=True, kw_only=True):
    """What `events` events at `events_per_second` caused; CPU is of broker and engine, for the worker and its producer together.

    `rows_per_state` is how many rows come with a packed tenant, so that rows can be reckoned for any number of tenants.
    """

    events: int
    events_per_second: float
    tenants: int
    checkpoint_seconds: float
    topics: list[TopicLoad]
    rows_stored: int
    rows_per_state: float
    row_bytes_in_clickhouse: float
    broker_cpu_us: float
    clickhouse_cpu_us: float
    worker_cpu_us: float


def load(content: Content, rate: float, seconds: float, ground: Ground, rivals: Rivals) -> Load:
    """Let a worker of all roles meet records at a steady rate, with checkpoints as by default."""
    settings = ground.settings("load", requests="load.requests")
    records = content.records[: round(rate * seconds)]
    parts = (ground.kafka, ground.clickhouse)
    with start(ALL, settings, ground, rivals, ground.cores.measured(0)) as running:
        running.program.wait_until(lambda: _partitions(settings) > 0, "load, starting")
        before = [cpu_seconds(part.process.pid() or 0) for part in parts] + [running.program.cpu_seconds]
        ground.load(settings, records, rate)
        running.program.wait_until(lambda: running.processed() >= len(records) and running.safe(), "load")
        after = [cpu_seconds(part.process.pid() or 0) for part in parts] + [running.program.cpu_seconds]
        told = metrics(settings.watch.port)
    cpu = [(late - early) / len(records) * 1e6 for early, late in zip(before, after, strict=True)]
    topics = [_topic(role, settings, ground, len(records)) for role in ROLES]
    states = (
        next(topic.records for topic in topics if topic.role == "checkpoints") - told["distillwatch_checkpoints_total"]
    )
    rows = round(told["distillwatch_sink_rows_total"])
    return Load(
        events=len(records),
        events_per_second=rate,
        tenants=round(sum(value for name, value in told.items() if name.startswith("distillwatch_tenants{"))),
        checkpoint_seconds=settings.worker.checkpoint_seconds,
        topics=topics,
        rows_stored=rows,
        rows_per_state=rows / max(1.0, states),
        row_bytes_in_clickhouse=_bytes_stored(settings) / max(1, rows),
        broker_cpu_us=cpu[0],
        clickhouse_cpu_us=cpu[1],
        worker_cpu_us=cpu[2],
    )


def _partitions(settings: Settings) -> float:
    return metrics(settings.watch.port).get("distillwatch_partitions", 0.0)


def _topic(role: str, settings: Settings, ground: Ground, events: int) -> TopicLoad:
    name: str = getattr(settings.topics, role)
    records = sum(end_offsets(settings, name).values())
    held = ground.bytes_on_disk(name)
    return TopicLoad(
        role=role, records=records, records_per_event=records / events, bytes_per_record=held / max(1, records)
    )


def _bytes_stored(settings: Settings) -> int:
    """Bytes on disk of all parts of our tables, compressed by ClickHouse."""
    client = connect(settings.clickhouse)
    try:
        found = client.query(
            "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = {database:String}",
            parameters={"database": settings.clickhouse.database},
        ).result_rows
    finally:
        client.close()
    return int(str(found[0][0] or 0))
