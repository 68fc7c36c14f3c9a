"""Work that one worker does at a time: it goes with a topic's one partition, and its state is read back before the first batch."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from streams.delivery import Offsets


class Holding:
    """What an owner keeps while it holds its topic; dropped with it."""

    def __init__(self) -> None:
        self.restoring: asyncio.Task[None] | None = None


Held = TypeVar("Held", bound=Holding)


class TopicOwner(ABC, Generic[Held]):
    """Holds the one partition of a topic, or nothing; batches are worked on one after the other, after the state was restored.

    `offsets` gives where the log of the partition ends: None when it is not this worker's.
    """

    def __init__(self, offsets: Callable[[], Offsets]) -> None:
        self._offsets = offsets
        self._lock = asyncio.Lock()
        self._held: Held | None = None

    def take(self, partitions: Iterable[int]) -> None:
        """Begin to hold the topic, if it is among what was assigned; the state is read back in the background."""
        if self._held is None and any(True for _ in partitions):
            held = self._held = self._begin()
            held.restoring = asyncio.create_task(self._restore(held), name=f"restore {type(self).__name__.lower()}")

    async def release(self, partitions: Iterable[int]) -> None:
        """Stop holding it, after the work in hand; what is not acknowledged is read again by the next owner."""
        if any(True for _ in partitions) and self._held is not None:
            held, self._held = self._held, None
            if held.restoring is not None:
                held.restoring.cancel()
            async with self._lock:
                self._end(held)

    async def handle(self, batch: Any) -> None:
        """Take in one batch; it is acknowledged when all that it led to is safe."""
        async with self._lock:
            if self._held is None:
                if self._offsets().end is None:  # taken away while it was queued: the next owner reads it again
                    return
                self.take([0])
            held = self._held
            if held is not None and await self._restored(held):
                await self._work(held, batch)

    @property
    def restoring(self) -> bool:
        """Whether the state is still being read back."""
        held = self._held
        return held is not None and held.restoring is not None and not held.restoring.done()

    def _ready(self) -> Held | None:
        """What is held, once it is restored; raises what the restoring raised."""
        held = self._held
        if held is None or held.restoring is None or not held.restoring.done():
            return None
        held.restoring.result()
        return held

    async def _restored(self, held: Held) -> bool:
        """Wait for the state; False when the topic was taken away meanwhile."""
        if held.restoring is None:
            return False
        await asyncio.wait([held.restoring])
        if held.restoring.cancelled() or self._held is not held:
            return False
        held.restoring.result()
        return True

    @abstractmethod
    def _begin(self) -> Held:
        """What is kept from now on, empty."""

    @abstractmethod
    async def _restore(self, held: Held) -> None:
        """Read the state back."""

    @abstractmethod
    async def _work(self, held: Held, batch: Any) -> None:
        """Take in one batch; under the lock."""

    @abstractmethod
    def _end(self, held: Held) -> None:
        """The topic is gone; under the lock."""
