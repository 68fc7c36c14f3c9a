"""Reading a piece of a partition once, in its order, without a group."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from time import monotonic
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.logs import logger

log = logger(__name__)

#: A client that has brought nothing for so long, or does not answer, is replaced: one whose broker died may be silent for ever.
SILENT_SECONDS = 15.0
#: After so long without a record it is an error.
PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 1.0
STOP_SECONDS = 5.0

Answer = TypeVar("Answer")


async def read_between(
    connection: dict[str, Any], topic: str, partition: int, begin: int = 0, end: int | None = None
) -> AsyncIterator[list[Any]]:
    """The records from offset `begin` up to, not including, `end` (None: where the log ends now), some at a time.

    What the broker no longer holds is passed over. While Kafka is away it waits, for two minutes; then it raises what the client said.
    """
    tp, heard_at = TopicPartition(topic, partition), monotonic()
    at, last = begin, end
    while True:
        consumer = AIOKafkaConsumer(**connection, enable_auto_commit=False, max_partition_fetch_bytes=1_048_576)
        try:
            at, last = await _begin(consumer, tp, at, last)
            asked_at = monotonic()
            while at < last:
                records = (await _soon(consumer.getmany(tp, timeout_ms=1000))).get(tp, [])
                at = await _soon(consumer.position(tp))
                if records:
                    yield [record for record in records if record.offset < last]
                    heard_at = asked_at = monotonic()
                elif monotonic() - asked_at > SILENT_SECONDS:
                    raise TimeoutError  # noqa: TRY301 - it ends as the failures of the client do
        except (KafkaError, TimeoutError) as error:
            if monotonic() - heard_at > PATIENCE_SECONDS:
                raise
            log.warning("a topic cannot be read now", topic=topic, partition=partition, error=type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return
        finally:
            await asyncio.wait([asyncio.create_task(consumer.stop())], timeout=STOP_SECONDS)


async def _begin(consumer: AIOKafkaConsumer, tp: TopicPartition, at: int, end: int | None) -> tuple[int, int]:
    """Set a new client to offset `at`; where it begins to read, and where it is to end."""
    await _soon(consumer.start())
    consumer.assign([tp])
    first = (await _soon(consumer.beginning_offsets([tp])))[tp]
    last = (await _soon(consumer.end_offsets([tp])))[tp]
    # seek_to_beginning can lose against the reset to the end that assign begins
    consumer.seek(tp, max(at, first))
    return max(at, first), last if end is None else min(end, last)


async def _soon(answer: Coroutine[Any, Any, Answer]) -> Answer:
    return await asyncio.wait_for(answer, SILENT_SECONDS)
