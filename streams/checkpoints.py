"""The checkpoint topic: the state of every tenant, newest wins, the mark that ends each pass; adoptions, open campaigns, verdicts."""

import asyncio
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct

from models.adoptions import Adoption
from models.partition import Checkpoint
from models.shelf import Shelf
from models.snapshot import PartitionState, unpack_partition, unpack_tenant
from schemas.errors import ForeignState
from streams.batches import BatchSender
from streams.checkpoint_records import (
    ADOPTED,
    CAMPAIGNS,
    FEEDBACK,
    MARK,
    POSITION,
    UNIT,
    body_of,
    generation_of,
    head,
    is_ours,
    position_bytes,
    position_of,
    tenant_key,
    unpack_adoptions,
)
from streams.restoration import Restoration
from streams.topic_copies import TopicCopies
from streams.topic_copy import DoubtfulError, TopicCopy
from streams.topic_reader import read_between

#: Records of the topic taken in at a time; a millisecond or two.
TOGETHER = 500
#: Partitions read at the same time, at most: each takes some megabytes meanwhile.
AT_ONCE = 8
#: What to do about state that this version cannot read.
JUDGE_ANEW = (
    "run the version that wrote it, or stop all workers and build it anew from the retained requests: distillwatch rebuild. (Or judge them "
    "beside it: give topics.checkpoints and worker.group new names and run: distillwatch topics)"
)


class Kept(Struct, frozen=True):
    """What one partition of the topic holds: the newest value of every key, of every generation that is there.

    Only the generation of the newest mark counts; others are from a re-homing that was interrupted.
    """

    newest: dict[bytes, bytes]

    @property
    def mark(self) -> PartitionState | None:
        """The mark of the highest generation; None when no pass ever ended here."""
        marks = [key for key in self.newest if key.startswith(MARK)]
        return unpack_partition(body_of(self.newest[max(marks)])) if marks else None

    @property
    def generation(self) -> int:
        """That of the mark; 0, the first one, without a mark."""
        mark = self.mark
        return mark.generation if mark else 0

    @property
    def generations(self) -> set[int]:
        """The generations of everything here."""
        return {generation_of(key) for key in self.newest}

    def beside(self, generation: int) -> list[bytes]:
        """The keys of all other generations."""
        return [key for key in self.newest if generation_of(key) != generation]

    def states(self, generation: int) -> list[bytes]:
        """The packed tenants of one generation, but for those that its mark counts as forgotten."""
        begin, mark = head(UNIT, generation), self.mark
        states = [body_of(value) for key, value in self.newest.items() if key.startswith(begin)]
        if mark is None or mark.generation != generation or not mark.forgetting:
            return states
        return [packed for packed in states if not mark.counts(unpack_tenant(packed))]

    def adoptions(self, generation: int) -> list[Adoption]:
        """The control records that were adopted, by offset; raises `ForeignState` for what this version did not write."""
        packed = self.newest.get(head(ADOPTED, generation))
        return [] if packed is None else unpack_adoptions(body_of(packed))


class CheckpointLog:
    """Writes and reads checkpoints; partition N of the topic belongs to partition N of the requests.

    A key names its generation, so that state written anew for another home stands beside the old one until its mark is there.
    A value is the position (8 bytes, big-endian, signed) and the packed state. The highest position of a key wins, not the
    latest record: a worker that was declared dead and writes once more hides nothing. With `copies` a partition that was copied before
    is read from its local copy, and the topic from where that ends.
    """

    def __init__(
        self, topic: str, sender: BatchSender, connection: dict[str, Any], copies: TopicCopies | None = None
    ) -> None:
        self._topic, self._sender, self._connection, self._copies = topic, sender, connection, copies
        self._reading = asyncio.Semaphore(AT_ONCE)

    async def write(self, partition: int, checkpoint: Checkpoint) -> int:
        """Make one pass durable: tenants first, then the mark; returns its bytes once Kafka has accepted all of it.

        The tombstones of those forgotten follow the mark; a header of theirs is the position at which they were written.
        """
        records = _tenants(checkpoint)
        records.append((head(MARK, checkpoint.generation), _prefix(checkpoint) + checkpoint.mark))
        size = await self._send(partition, records)
        await self.write_tombstones(partition, checkpoint)
        return size

    async def write_tombstones(self, partition: int, checkpoint: Checkpoint) -> None:
        """Drop the state of those forgotten; after the mark that counts them, or where no mark counts yet."""
        if checkpoint.forgotten:
            tombstones = [(tenant_key(checkpoint.generation, unit), None) for unit in checkpoint.forgotten]
            headers = [(POSITION, position_bytes(checkpoint.position))]
            await self._sender.send(self._topic, partition, tombstones, headers)

    async def write_tenants(self, partition: int, checkpoint: Checkpoint) -> int:
        """The first half of `write`: without the mark nothing of it counts when it is of a new generation."""
        return await self._send(partition, _tenants(checkpoint))

    async def write_adoptions(self, partition: int, generation: int, adoptions: list[Adoption]) -> None:
        """Make durable which control records a partition judges by, and from where on; all of them in one record."""
        value = position_bytes(adoptions[-1].first_offset) + msgspec.msgpack.encode(adoptions)
        await self._send(partition, [(head(ADOPTED, generation), value)])

    async def read(self, partition: int, shelf: Shelf) -> tuple[PartitionState | None, list[Adoption]]:
        """Bring the newest packed state of each tenant of a partition to its shelf; returns the newest mark, and the adoptions.

        Holds no more than some records in memory beside the shelf. Raises `ForeignState` when state was written for a new home here,
        but its mark is missing.
        """
        copy = await self._copies.trusted(partition) if self._copies else None
        try:
            found = await self._found(partition, shelf, copy)
        except DoubtfulError as doubt:
            if self._copies:
                self._copies.distrust(partition, doubt)
            shelf.clear()
            found = await self._found(partition, shelf, None)
        if self._copies:
            self._copies.read(partition)
        if found.is_interrupted:
            raise ForeignState(
                f"the state of partition {partition} was being re-homed and that was interrupted; stop all workers and run: "
                "distillwatch rehome"
            )
        return found.mark, found.adoptions

    async def read_all(self, partition: int) -> Kept:
        """Everything that a partition holds; raises `ForeignState` for what no worker wrote."""
        newest = await self._newest(partition)
        return Kept({key: value for key, value in newest.items() if key not in (CAMPAIGNS, FEEDBACK)})

    async def write_campaigns(self, position: int, packed: bytes) -> int:
        """Make the open campaigns durable, on partition 0; returns the bytes once Kafka has accepted them."""
        return await self._send(0, [(CAMPAIGNS, position_bytes(position) + packed)])

    async def read_campaigns(self) -> bytes | None:
        """The newest open campaigns, packed; None when none were ever written. Passes over the states of tenants."""
        newest = (await self._newest(0, only=CAMPAIGNS)).get(CAMPAIGNS)
        return newest and body_of(newest)

    async def forget_campaigns(self) -> None:
        """Drop the open campaigns: positions of another topic would hide those that are written next."""
        await self._sender.send(self._topic, 0, [(CAMPAIGNS, None)])

    async def write_feedback(self, serial: int, packed: bytes) -> None:
        """Make the verdicts durable, on partition 0; the highest serial wins."""
        await self._send(0, [(FEEDBACK, position_bytes(serial) + packed)])

    async def read_feedback(self) -> bytes | None:
        """The newest verdicts, packed; None when none were ever written. Passes over the states of tenants."""
        newest = (await self._newest(0, only=FEEDBACK)).get(FEEDBACK)
        return newest and body_of(newest)

    async def _found(self, partition: int, shelf: Shelf, copy: TopicCopy | None) -> Restoration:
        found = await self._read(partition, Restoration(shelf), copy)
        while not found.is_right:
            shelf.clear()
            found = await self._read(partition, Restoration(shelf, found.newest), copy)
        return found

    async def _read(self, partition: int, restoration: Restoration, copy: TopicCopy | None) -> Restoration:
        """Read the topic, or the copy and then the topic from where that ends."""
        async with self._reading:
            rows = copy.rows() if copy else iter(())
            while some := list(islice(rows, TOGETHER)):
                restoration.take(some)
                await asyncio.sleep(0)  # others want to live meanwhile: heartbeats, health
            async for records in read_between(self._connection, self._topic, partition, copy.extent.end if copy else 0):
                for begin in range(0, len(records), TOGETHER):
                    restoration.take(records[begin : begin + TOGETHER])
                    await asyncio.sleep(0)
        return restoration

    async def _newest(self, partition: int, only: bytes | None = None) -> dict[bytes, bytes]:
        newest: dict[bytes, bytes] = {}
        async for records in read_between(self._connection, self._topic, partition):
            _keep_highest(newest, [one for one in records if only in (None, one.key)])
        return newest

    async def _send(self, partition: int, records: list[tuple[bytes, bytes]]) -> int:
        await self._sender.send(self._topic, partition, records)
        return sum(len(key) + len(value) for key, value in records)


def _tenants(checkpoint: Checkpoint) -> list[tuple[bytes, bytes]]:
    prefix = _prefix(checkpoint)
    return [(tenant_key(checkpoint.generation, unit), prefix + packed) for unit, packed in checkpoint.tenants]


def _prefix(checkpoint: Checkpoint) -> bytes:
    return position_bytes(checkpoint.position)


def _keep_highest(newest: dict[bytes, bytes], records: list[Any]) -> None:
    for record in records:
        if not is_ours(record.key, record.value):
            raise ForeignState("the checkpoint topic holds a record that no worker wrote")
        if record.value is None:
            newest.pop(record.key, None)
            continue
        known = newest.get(record.key)
        if known is None or position_of(known) <= position_of(record.value):
            newest[record.key] = record.value
