"""Records from a file to the requests topic, byte for byte."""

import time
from collections.abc import Callable, Iterable

import msgspec
from msgspec import Struct

from schemas.partitioner import partition_of
from streams.batch_producer import PATIENCE_SECONDS, BatchProducer
from streams.pace import Pace
from streams.settings import Settings
from streams.topics import topic_identity

PROGRESS_RECORDS = 1000


class ReplayResult(Struct, frozen=True, kw_only=True):
    """What became of the records; `error` is what the broker said to the last one that failed."""

    sent: int
    failed: int
    seconds: float
    error: str | None = None


class _Address(Struct):
    """The little of an event that decides where and when it goes; the rest of the record is not looked at."""

    tenant_id: str
    ts: object = None


_read = msgspec.json.Decoder(_Address).decode


class Addresses:
    """Where each record goes: key and partition of its tenant, remembered, so that the hash is taken once a tenant.

    A record that has no tenant gets no key, and these go to the partitions in turn. Holds about 200 bytes a tenant.
    """

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self._known: dict[str, tuple[bytes, int]] = {}
        self._unkeyed = 0

    def of(self, record: bytes) -> tuple[bytes | None, int, float | None]:
        """Key, partition and event time (None without one) of a record."""
        try:
            address = _read(record)
            known = self._known.get(address.tenant_id) or self._learn(address.tenant_id)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return self._no_tenant()
        if known is None:
            return self._no_tenant()
        ts = address.ts
        return known[0], known[1], float(ts) if type(ts) is int or type(ts) is float else None

    def _learn(self, tenant: str) -> tuple[bytes, int] | None:
        if not tenant:
            return None
        known = self._known[tenant] = (tenant.encode(), partition_of(tenant, self.partitions))
        return known

    def _no_tenant(self) -> tuple[None, int, None]:
        self._unkeyed += 1
        return None, self._unkeyed % self.partitions, None


def replay(
    records: Iterable[bytes],
    settings: Settings,
    *,
    speed: float | None = None,
    rate: float | None = None,
    repeat: int = 1,
    patience_seconds: float = PATIENCE_SECONDS,
    on_progress: Callable[[int], None] = lambda _: None,
) -> ReplayResult:
    """Send `records` to the requests topic, each `repeat` times in a row, and wait until every outcome is known.

    `speed` is a multiple of real time by the events' own clock and `rate` is records a second; without both as fast as
    it goes. `on_progress` gets the number of records read so far, now and then. Raises `RetryLater` when Kafka is away
    at the start, or goes away on the way for `patience_seconds` (its text says how many were sent), `RefusedToStart` when the topic is
    missing.
    """
    begin = time.monotonic()
    topic = settings.topics.requests
    addresses = Addresses(topic_identity(settings, topic)[1])
    pace = Pace(speed, rate)
    flat_out = speed is None and rate is None
    with BatchProducer(settings.kafka, topic, addresses.partitions, patience_seconds) as producer:
        count = 0
        for count, record in enumerate(records, 1):
            key, partition, ts_ms = addresses.of(record)
            if not flat_out:
                _wait_until(begin + pace.due_seconds(ts_ms))
            for _ in range(repeat):
                producer.send(partition, key, record)
            if not count % PROGRESS_RECORDS:
                on_progress(count)
        producer.flush()
        on_progress(count)
    error = str(producer.error) if producer.error is not None else None
    return ReplayResult(sent=producer.sent, failed=producer.failed, seconds=time.monotonic() - begin, error=error)


def _wait_until(due: float) -> None:
    left = due - time.monotonic()
    if left > 0:
        time.sleep(left)
