"""Reading a piece of a partition once, in its order, without a group."""

from collections.abc import AsyncIterator
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition


async def read_between(
    connection: dict[str, Any], topic: str, partition: int, begin: int = 0, end: int | None = None
) -> AsyncIterator[list[Any]]:
    """The records from offset `begin` up to, not including, `end` (None: where the log ends now), some at a time.

    What the broker no longer holds is passed over.
    """
    tp = TopicPartition(topic, partition)
    consumer = AIOKafkaConsumer(**connection, enable_auto_commit=False, max_partition_fetch_bytes=8_388_608)
    await consumer.start()
    try:
        consumer.assign([tp])
        first, last = (await consumer.beginning_offsets([tp]))[tp], (await consumer.end_offsets([tp]))[tp]
        last = last if end is None else min(end, last)
        # seek_to_beginning can lose against the reset to the end that assign begins
        consumer.seek(tp, max(begin, first))
        while await consumer.position(tp) < last:
            for records in (await consumer.getmany(tp, timeout_ms=1000)).values():
                yield [record for record in records if record.offset < last]
    finally:
        await consumer.stop()
