"""From a record's append to its alert's append, both by the broker's clock, at half the load that the job can bear."""

import time
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from msgspec import Struct

from schemas.rows import FindingRow, decode_row
from streams.settings import Settings
from streams.tail import read_topic
from tests.benchmarks.stream.content import Content
from tests.benchmarks.stream.cores import waited_seconds
from tests.benchmarks.stream.ground import Ground
from tests.benchmarks.stream.rivals import Rivals
from tests.benchmarks.stream.runner import Job, Running, start

SHARE_OF_SATURATED = 0.5
MOST_SECONDS = 20.0
DRAINED_RECORDS = 25_000
#: Thresholds of our worker that open and close many findings in little traffic; an alert's way is the same at any threshold.
EAGER = {"risk_medium": 0.02, "risk_high": 0.1, "risk_critical": 0.3, "quiet_hours": 1}


class Latency(Struct, frozen=True, kw_only=True):
    """Of the alerts of one run, in milliseconds; percentiles are None without alerts.

    `starved` is the share of the time in which the job could have run and had no processor: above a tenth it measures the machine's
    other work, not the job.
    """

    job: str
    words: str
    events_per_second: float
    alerts: int
    p50_ms: float | None
    p99_ms: float | None
    greatest_ms: float | None
    starved: float


def latency(job: Job, content: Content, ground: Ground, rivals: Rivals) -> Latency:
    """Let a job drain what waits for it, then meet records at half that rate, and time every alert that one of these caused."""
    name = f"{job.name}-at-half"
    settings = ground.settings(name, requests=f"{name}.requests", judgement=EAGER)
    warm = min(DRAINED_RECORDS, len(content.records) // 3)
    ground.fill(settings, content.records[:warm])
    with start(job, settings, ground, rivals, ground.cores.measured(0)) as running:
        rate = SHARE_OF_SATURATED * _drain(running, warm)
        running.program.wait_until(running.safe, "latency, warming up")
        loaded = content.records[warm : warm + round(rate * MOST_SECONDS)]
        begun, waited = time.monotonic(), waited_seconds(running.program.pid)
        ground.load(settings, loaded, rate)
        running.program.wait_until(lambda: running.processed() >= warm + len(loaded), "latency")
        waited = (waited_seconds(running.program.pid) - waited) / (time.monotonic() - begun)
        running.program.wait_until(running.safe, "latency")
    first_ms = _begin_ms(settings, warm)
    took = sorted(appended - caused for caused, appended in _pairs(job, settings) if caused >= first_ms)
    return Latency(
        job=job.name,
        words=job.words,
        events_per_second=rate,
        alerts=len(took),
        p50_ms=quantile(took, 0.5),
        p99_ms=quantile(took, 0.99),
        greatest_ms=quantile(took, 1.0),
        starved=waited,
    )


def _drain(running: Running, waiting: int) -> float:
    """Events a second while records wait, from the fifth part of them on."""
    looks: list[tuple[float, int]] = []

    def done() -> bool:
        looks.append((time.monotonic(), running.processed()))
        return looks[-1][1] >= waiting

    running.program.wait_until(done, "latency, draining")
    begin, *rest = [look for look in looks if look[1] >= waiting // 5]
    busy = [look for look in rest if look[1] < waiting] or rest[-1:] or [looks[-1]]
    return (busy[-1][1] - begin[1]) / max(0.1, busy[-1][0] - begin[0]) or 1.0


def _begin_ms(settings: Settings, warm: int) -> int:
    """When the first record of the load was appended."""
    stamps: list[int] = sorted(record.timestamp for record in read_topic(settings, settings.topics.requests))
    return stamps[warm]


def _pairs(job: Job, settings: Settings) -> Iterator[tuple[int, int]]:
    """Of each alert when the record that caused it was appended, and when the alert was."""
    alerts = read_topic(settings, settings.topics.alerts)
    if not job.role:
        yield from ((orjson.loads(record.value)["caused_ms"], record.timestamp) for record in alerts)
        return
    causes = _causes(settings)
    for record in alerts:
        line = dict(record.headers)["ce_id"].decode()
        if line in causes:  # a campaign's line is caused by no one record
            yield causes[line], record.timestamp


def _causes(settings: Settings) -> dict[str, int]:
    """When the record behind each line of a finding was appended: the line's row tells its partition and offset."""
    stamps = _stamps(read_topic(settings, settings.topics.requests))
    rows = (decode_row(record.value) for record in read_topic(settings, settings.topics.rows))
    return {
        row.line_uid: stamps[row.source_partition, row.version]  # of the first home, a version is an offset
        for row in rows
        if isinstance(row, FindingRow)
    }


def _stamps(records: Iterable[Any]) -> dict[tuple[int, int], int]:
    return {(record.partition, record.offset): record.timestamp for record in records}


def quantile(ordered: list[int], share: float) -> float | None:
    """The least value that so large a share does not exceed."""
    if not ordered:
        return None
    return float(ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))])
