"""Following a topic without a group: from its beginning or a time, again and again up to where it ends by then."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import ConsumerStoppedError, KafkaError

from streams.logs import logger

log = logger(__name__)

PAUSE_SECONDS = 1.0


class Follower:
    """Hands every record of a topic to `take` once, in the order of each partition; owned by one event loop.

    Nothing is read but by `catch_up`; after a restart everything is read again. With `since_ms` records written before that time
    (epoch milliseconds) are passed over, without reading them.
    """

    def __init__(
        self, connection: dict[str, Any], topic: str, take: Callable[[Any], None], since_ms: int | None = None
    ) -> None:
        self._connection, self._topic, self._take, self._since_ms = connection, topic, take, since_ms
        self._consumer: AIOKafkaConsumer | None = None
        self._lock = asyncio.Lock()
        self._stopped = False

    async def catch_up(self) -> None:
        """Read up to where the topic ends now; while Kafka is away, wait for it."""
        async with self._lock:
            while not self._stopped:
                try:
                    await self._read()
                except (KafkaError, ConsumerStoppedError) as error:
                    log.warning("a topic cannot be read now", topic=self._topic, error=type(error).__name__)
                    await asyncio.sleep(PAUSE_SECONDS)
                else:
                    return

    async def stop(self) -> None:
        """Close the connection; whoever reads is let go."""
        self._stopped = True
        if self._consumer is not None:
            consumer, self._consumer = self._consumer, None
            await consumer.stop()

    async def _read(self) -> None:
        consumer = await self._started()
        ends = await consumer.end_offsets(list(consumer.assignment()))
        while any([await consumer.position(tp) < end for tp, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    self._take(record)

    async def _started(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(
                self._topic, **self._connection, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest"
            )
            try:
                await consumer.start()
                await self._pass_over(consumer)
            except BaseException:
                await consumer.stop()
                raise
            self._consumer = consumer
        return self._consumer

    async def _pass_over(self, consumer: AIOKafkaConsumer) -> None:
        if self._since_ms is None:
            return
        begins = await consumer.offsets_for_times(dict.fromkeys(consumer.assignment(), self._since_ms))
        for tp, end in (await consumer.end_offsets(list(begins))).items():
            consumer.seek(tp, begins[tp].offset if begins[tp] is not None else end)
