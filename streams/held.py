"""A partition that this worker holds: its judgement, and what of it is not safe yet."""

import asyncio
from collections import deque
from typing import Any

from models.partition import Partition
from schemas.signal import Message, Watermark
from streams.deadletter import DeadLetterLimit
from streams.event_lag import EventLag
from streams.publisher import Sent


class HeldPartition:
    """The mutable side of one held partition; owned by the pipeline, all in the event loop's thread.

    `lock` is held while records are applied and while a checkpoint collects, so that a checkpoint sees whole batches only;
    `passing` keeps one checkpoint from overtaking another.
    `waiting` are the delivered batches that are applied but not durable, oldest first; `outstanding` the sends that Kafka has not
    accepted yet; `durable` the position of the newest durable mark; `broken` is set when work on it failed half-way;
    no record from `fresh_from` on was judged by an earlier owner (None: not known yet).
    """

    def __init__(self, judge: Partition, limit: DeadLetterLimit, now: float) -> None:
        self.judge, self.limit = judge, limit
        self.lock = asyncio.Lock()
        self.passing = asyncio.Lock()
        self.ready = asyncio.Event()
        self.checked_offset = False
        self.waiting: deque[Any] = deque()
        self.outstanding: list[Sent] = []
        self.durable = -1
        self.fresh_from: int | None = None
        self.idle_at: int | None = None
        self.broken = False
        self.tail_is_over = self.skipping = False
        self.event_lag = EventLag()
        self.checked_at = now
        self.checkpointing: asyncio.Task[None] | None = None
        self.restoring: asyncio.Task[None] | None = None

    @property
    def owing(self) -> bool:
        """Whether a checkpoint would have anything to write."""
        return self.judge.position != self.durable or self.judge.roster.restating > 0

    def messages(self, end: int | None) -> list[Message]:
        """What the search for campaigns is to be told now; `end` is the end of the log.

        A partition that has nothing to read since the last time says so once, so that nobody waits for it, and says when that is over.
        """
        judge = self.judge
        told, judge.messages = judge.messages, []
        if self.idle_at is not None and self.idle_at != judge.position:
            told = [*self.wake(), *told]
        elif self.idle_at is None and judge.position == self.durable and end is not None and end <= judge.position + 1:
            told.append(Watermark(judge.index, judge.watermark_ms, idle=True))
            self.idle_at = judge.position
        return told

    def wake(self) -> list[Message]:
        """What to tell at once when there is something to read again, so that the search waits for this partition."""
        if self.idle_at is None:
            return []
        self.idle_at = None
        return [Watermark(self.judge.index, self.judge.watermark_ms)]

    def progressed(self, yes: bool) -> None:  # noqa: FBT001 - the one thing it is told
        """Note whether a batch brought anything new; after the tail of a restart one that does not is an alarm."""
        self.skipping = self.tail_is_over and not yes
        self.tail_is_over |= yes
