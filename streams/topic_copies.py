"""The local copies of the checkpoint topic that a worker keeps: opened when it starts, trusted when they prove right, kept up to date."""

import asyncio
from contextlib import suppress
from pathlib import Path
from time import thread_time
from typing import Any

from aiokafka.errors import KafkaError

from streams.logs import logger
from streams.topic_copy import DoubtfulError, TopicCopy, digest_of
from streams.topic_reader import read_between

log = logger(__name__)

#: The topic is followed once in so many intervals of checkpoints.
EVERY = 6
#: Records copied in one transaction, some milliseconds; and the share of a core that copying takes.
TOGETHER, SHARE = 100, 0.25


class TopicCopies:
    """One copy for each partition that is held; owned by one event loop.

    A copy is what Kafka said, no more: whoever reads it, and then the topic from where it ends, has read the topic. It is used only when
    the topic still holds the last mark in it, at its offset (`Extent`). What is doubtful is thrown away, with a line in the log that says
    why, and the topic is read from its beginning. A copy that cannot be kept is done without: nothing depends on it.
    """

    def __init__(
        self, directory: Path, connection: dict[str, Any], topic: str, topic_id: str, checkpoint_seconds: float
    ) -> None:
        self._directory, self._connection = directory, connection
        self._topic, self._topic_id, self._seconds = topic, topic_id, checkpoint_seconds * EVERY
        self._held: dict[int, TopicCopy] = {}
        self._followed: dict[int, bool] = {}  # whether that has been done once
        self._following: asyncio.Task[None] | None = None

    async def trusted(self, partition: int) -> TopicCopy | None:
        """The copy of a partition, when there is one that says what the topic says; `read` says when it has been read."""
        self.close(partition)
        try:
            copy = self._open(partition)
            if copy.extent.mark < 0:
                return None
            if not await self._is_witnessed(copy):
                raise DoubtfulError("the topic does not hold the record that it ends with")  # noqa: TRY301 - one way to throw it away
        except DoubtfulError as doubt:
            self.distrust(partition, doubt)
            return None
        log.info("state comes from the local copy", partition=partition, rows=copy.extent.rows, offset=copy.extent.end)
        return copy

    def distrust(self, partition: int, why: DoubtfulError) -> None:
        """Throw a copy away and begin another, if that is possible."""
        log.warning("the local copy of the state is thrown away, the topic is read", partition=partition, reason=str(why))
        self.close(partition)
        with suppress(OSError, DoubtfulError):
            for left in self._directory.glob(f"copy-{partition}.sqlite*"):
                left.unlink()
            self._open(partition)

    def read(self, partition: int) -> None:
        """Follow the topic from now on: nobody reads the copy any more."""
        self._followed[partition] = False

    def close(self, partition: int) -> None:
        """Follow a partition no longer; its copy stays for who takes it over again."""
        self._followed.pop(partition, None)
        if (copy := self._held.pop(partition, None)) is not None:
            copy.close()

    def start(self) -> None:
        """Keep the copies up to date, until `stop`."""
        self._following = asyncio.create_task(self._follow(), name="copy the checkpoint topic")

    async def stop(self) -> None:
        """Let go of all files."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.wait([self._following])
        for partition in list(self._held):
            self.close(partition)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            for partition in sorted(self._followed):
                try:
                    await self.catch_up(partition)
                    self._tell(partition)
                except DoubtfulError as doubt:
                    self.distrust(partition, doubt)  # and not followed again before the next start: the disk may be full
                except (KafkaError, TimeoutError, OSError) as error:
                    log.warning("the checkpoint topic cannot be copied now", partition=partition, error=type(error).__name__)

    async def catch_up(self, partition: int) -> None:
        """Copy what has come to a partition's topic since the last time; raises `DoubtfulError` when the copy is not to be used."""
        if (copy := self._held.get(partition)) is None:
            return
        async for records in read_between(self._connection, self._topic, partition, copy.extent.end):
            for begin in range(0, len(records), TOGETHER):
                if self._held.get(partition) is not copy:  # given up or thrown away meanwhile
                    return
                begun = thread_time()
                copy.take(records[begin : begin + TOGETHER])
                await asyncio.sleep((thread_time() - begun) * (1 / SHARE - 1))

    def _tell(self, partition: int) -> None:
        if (copy := self._held.get(partition)) is not None and self._followed.get(partition) is False:
            self._followed[partition] = True
            log.info("the local copy is up to date", partition=partition, rows=copy.extent.rows, offset=copy.extent.end)

    def _open(self, partition: int) -> TopicCopy:
        path = self._directory / f"copy-{partition}.sqlite"
        copy = self._held[partition] = TopicCopy(path, self._topic_id, partition)
        return copy

    async def _is_witnessed(self, copy: TopicCopy) -> bool:
        """Whether the topic holds the last mark of the copy where it was."""
        at, partition = copy.extent.mark, copy.extent.partition
        async for records in read_between(self._connection, self._topic, partition, at, at + 1):
            return any(one.offset == at and one.value is not None and digest_of(one) == copy.extent.digest for one in records)
        return False
