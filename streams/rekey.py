"""Raw records of another topic to the requests topic, each to the partition of its tenant."""

import asyncio
import signal
import threading
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from heapq import merge
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError, MessageSizeTooLargeError
from msgspec import Struct

from schemas.errors import RefusedToStart, RetryLater
from streams.kafka_client import aiokafka_settings
from streams.lag import end_offsets
from streams.logs import logger
from streams.replay import Addresses
from streams.settings import Settings
from streams.topics import admin, topic_identity

log = logger(__name__)

POLL_MS = 500
BATCH_BYTES = 524_288
RECORDS_AT_ONCE = 5_000
STOP_SECONDS, CLOSE_SECONDS = 10.0, 3.0


class RekeyResult(Struct, frozen=True, kw_only=True):
    """How many records were copied, how many had no readable tenant, and how many were larger than the topic takes."""

    copied: int
    without_tenant: int
    too_large: int


def rekey(
    settings: Settings, source: str, *, once: bool = False, on_progress: Callable[[int], None] = lambda _: None
) -> RekeyResult:
    """Copy the records of `source`, value and headers byte for byte, until SIGTERM or SIGINT.

    The key becomes the payload's tenant and the partition the tenant's; a record without a readable tenant keeps its key,
    and these go to the partitions in turn. Records of one source partition stay in their order; of those that were fetched
    together from several the oldest goes first. Each is copied at least once: one that comes twice is recognised by its id.
    Records that the requests topic takes for too large are told in the log, with their offsets, and stay behind.

    `once` ends where the source ended at the start. `on_progress` gets the number of copied records after each commit.
    Raises `RefusedToStart` when the source is missing or is the requests topic, `RetryLater` when Kafka is away.
    """
    if source == settings.topics.requests:
        raise RefusedToStart(f"{source} is the requests topic itself: name the topic that holds the raw records")
    with admin(settings.kafka) as client:
        if source not in client.list_topics():
            raise RefusedToStart(f"topic {source} is missing: there is nothing to copy from")
    partitions = topic_identity(settings, settings.topics.requests)[1]
    ends = end_offsets(settings, source) if once else None
    rekeying = Rekeying(settings, source, partitions, on_progress)
    try:
        return asyncio.run(rekeying.run(ends))
    except KafkaError as error:
        where = settings.kafka.bootstrap_servers
        raise RetryLater(
            f"Kafka at {where} went away ({type(error).__name__}); run it again, it goes on where it was safe"
        ) from None


class Rekeying:
    """One run of the copy: owns a consumer in the group `<worker.group>-rekey` and a producer, and what they have done so far."""

    def __init__(self, settings: Settings, source: str, partitions: int, on_progress: Callable[[int], None]) -> None:
        self._settings, self._source, self._on_progress = settings, source, on_progress
        self._addresses = Addresses(partitions)
        self._stop = asyncio.Event()
        self._copied = self._without_tenant = self._too_large = 0

    async def run(self, ends: dict[int, int] | None) -> RekeyResult:
        """Copy until stopped, or until everything before `ends` is committed."""
        connection = aiokafka_settings(self._settings.kafka)
        self._producer = AIOKafkaProducer(
            **connection,
            acks="all",
            enable_idempotence=True,
            compression_type="lz4",
            max_batch_size=BATCH_BYTES,
        )
        self._consumer = AIOKafkaConsumer(
            self._source,
            **connection,
            group_id=self._settings.worker.group + "-rekey",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=2_097_152,
        )
        with _stopped_by_signals(self._stop):
            copying, stopped = asyncio.create_task(self._copy(ends)), asyncio.create_task(self._stop.wait())
            try:
                await asyncio.wait({copying, stopped}, return_when=asyncio.FIRST_COMPLETED)
                await asyncio.wait({copying}, timeout=STOP_SECONDS)  # what is under way ends, unless Kafka is gone
                if copying.done():
                    copying.result()
            finally:
                await _end(copying, stopped)
                await _end_soon(self._consumer.stop(), self._producer.stop())
        return RekeyResult(copied=self._copied, without_tenant=self._without_tenant, too_large=self._too_large)

    async def _copy(self, ends: dict[int, int] | None) -> None:
        await self._producer.start()
        await self._consumer.start()
        while not self._stop.is_set() and not (ends is not None and await self._reached(ends)):
            await self._copy_some()

    async def _copy_some(self) -> None:
        """Copy what one poll gives, and commit it once Kafka has accepted every record."""
        polled = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=RECORDS_AT_ONCE)
        if not polled:
            return
        await asyncio.gather(
            *(self._send(partition, records) for partition, records in self._placed(polled.values()).items())
        )
        try:
            await self._consumer.commit({tp: records[-1].offset + 1 for tp, records in polled.items()})
        except (CommitFailedError, IllegalStateError):  # somebody else owns a partition now, and copies these once more
            log.warning("partitions were taken away: some records are copied twice", topic=self._source)
        self._on_progress(self._copied)

    def _placed(self, polled: Iterable[list[Any]]) -> dict[int, list[tuple[bytes | None, Any]]]:
        """The records, with the key each gets, by the partition it goes to."""
        out: dict[int, list[tuple[bytes | None, Any]]] = defaultdict(list)
        for record in merge(*polled, key=lambda record: record.timestamp):
            key, partition, _ = self._addresses.of(record.value or b"")
            self._without_tenant += key is None
            out[partition].append((record.key if key is None else key, record))
        return out

    async def _send(self, partition: int, records: list[tuple[bytes | None, Any]]) -> None:
        """Send records to one partition in order; returns when the fate of each is known."""
        topic, sent = self._settings.topics.requests, []
        for batch, held in self._batches(records):
            sent.append((await self._producer.send_batch(batch, topic, partition=partition), held))
        for outcome, held in sent:
            try:
                await outcome
            except MessageSizeTooLargeError:
                if len(held) > 1:
                    low = f"max.message.bytes of topic {topic} is below {BATCH_BYTES}, the size of a batch: raise it"
                    raise RefusedToStart(low) from None
                self._leave_behind(held[0])
            else:
                self._copied += len(held)

    def _batches(self, records: list[tuple[bytes | None, Any]]) -> Iterator[tuple[Any, list[Any]]]:
        """The records packed in batches, each with what it holds; one that is larger than a batch has its own."""
        batch, held = self._producer.create_batch(), list[Any]()
        for key, record in records:
            if _append(batch, key, record) is None:
                yield batch, held
                batch, held = self._producer.create_batch(), []
                _append(batch, key, record)
            held.append(record)
        yield batch, held

    def _leave_behind(self, record: Any) -> None:
        self._too_large += 1
        log.warning(
            "a record is larger than the requests topic takes and stays behind",
            topic=self._source,
            partition=record.partition,
            offset=record.offset,
            bytes=len(record.value or b""),
        )

    async def _reached(self, ends: dict[int, int]) -> bool:
        """Whether everything before the ends is committed, by this process or another one of the group."""
        mine = self._consumer.assignment()
        for index, end in ends.items():
            tp = TopicPartition(self._source, index)
            at = await self._consumer.position(tp) if tp in mine else await self._consumer.committed(tp) or 0
            if at < end:
                return False
        return True


def _append(batch: Any, key: bytes | None, record: Any) -> Any:
    # The time is that of the copy: under its old time a record could be past the topic's retention at once.
    return batch.append(key=key, value=record.value, timestamp=None, headers=list(record.headers))


async def _end(*tasks: "asyncio.Task[Any]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _end_soon(*work: Coroutine[Any, Any, None]) -> None:
    """Give each a moment: the clients would wait for ever for a broker that is gone."""
    tasks = [asyncio.create_task(one) for one in work]
    await asyncio.wait(tasks, timeout=CLOSE_SECONDS)
    await _end(*tasks)


@contextmanager
def _stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set the event; only the main thread can hear them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
