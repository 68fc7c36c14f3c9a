"""The checkpoint topic: the state of every tenant, newest wins, and the mark that ends each pass."""

from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from models.partition import Checkpoint, Unit
from models.snapshot import PartitionState, unpack_partition
from schemas.errors import ForeignState
from streams.batches import BatchSender

_MARK_KEY = b"mark"
_POSITION_BYTES = 8


def tenant_key(unit: Unit) -> bytes:
    """The key of a tenant's state: its name and subject, told apart by their lengths."""
    tenant, subject = unit[0].encode(), unit[1].encode()
    return b"unit" + len(tenant).to_bytes(2, "big") + tenant + subject


class CheckpointLog:
    """Writes and reads checkpoints; partition N of the topic belongs to partition N of the requests.

    A value is the position (8 bytes, big-endian, signed) and the packed state. The highest position of a key wins, not the
    latest record: a worker that was declared dead and writes once more hides nothing.
    """

    def __init__(self, topic: str, sender: BatchSender, connection: dict[str, Any]) -> None:
        self._topic, self._sender, self._connection = topic, sender, connection

    async def write(self, partition: int, checkpoint: Checkpoint) -> int:
        """Make one pass durable: tenants first, then the mark; returns its bytes once Kafka has accepted all of it."""
        prefix = checkpoint.position.to_bytes(_POSITION_BYTES, "big", signed=True)
        records = [(tenant_key(unit), prefix + packed) for unit, packed in checkpoint.tenants]
        records.append((_MARK_KEY, prefix + checkpoint.mark))
        await self._sender.send(self._topic, partition, records)
        return sum(len(key) + len(value) for key, value in records)

    async def read(self, partition: int) -> tuple[PartitionState | None, list[bytes]]:
        """The newest mark of a partition, and the newest packed state of each of its tenants."""
        newest = await self._newest(TopicPartition(self._topic, partition))
        mark = newest.pop(_MARK_KEY, None)
        states = [value[_POSITION_BYTES:] for value in newest.values()]
        return (unpack_partition(mark[_POSITION_BYTES:]) if mark else None), states

    async def _newest(self, tp: TopicPartition) -> dict[bytes, bytes]:
        consumer = AIOKafkaConsumer(**self._connection, enable_auto_commit=False, max_partition_fetch_bytes=8_388_608)
        newest: dict[bytes, bytes] = {}
        await consumer.start()
        try:
            consumer.assign([tp])
            begin, end = (await consumer.beginning_offsets([tp]))[tp], (await consumer.end_offsets([tp]))[tp]
            consumer.seek(tp, begin)  # seek_to_beginning can lose against the reset to the end that assign begins
            while await consumer.position(tp) < end:
                for records in (await consumer.getmany(tp, timeout_ms=1000)).values():
                    _keep_highest(newest, records)
        finally:
            await consumer.stop()
        return newest


def _keep_highest(newest: dict[bytes, bytes], records: list[Any]) -> None:
    for record in records:
        if record.value is None:
            newest.pop(record.key, None)
            continue
        if record.key is None or len(record.value) <= _POSITION_BYTES:
            raise ForeignState("the checkpoint topic holds a record that no worker wrote")
        known = newest.get(record.key)
        if known is None or _position(known) <= _position(record.value):
            newest[record.key] = record.value


def _position(value: bytes) -> int:
    return int.from_bytes(value[:_POSITION_BYTES], "big", signed=True)
