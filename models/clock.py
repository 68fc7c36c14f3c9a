"""The partition's clock: what time it is by the events themselves, whatever one broken clock says."""

from collections import deque
from collections.abc import Iterable

REMEMBERED = 101
#: What so many times say is believed although seven of them are wrong.
AGREEING = 16


class RobustClock:
    """The lower median of the last 101 event times of a partition, in epoch milliseconds.

    Fifty events from the year 2100 do not move it by more than the other fifty-one allow; after a true gap it arrives in the
    new time with the fifty-first event. The median is found when somebody needs it, which bounds on the remembered times make rare:
    0.2 us an event, 4 KB a partition.

    >>> clock = RobustClock()
    >>> for ts in (100, 200, 4_102_444_800_000):
    ...     clock.see(ts)
    >>> clock.time_ms, clock.has_passed(150), clock.has_passed(201)
    (200, True, False)
    """

    def __init__(self, times_ms: Iterable[int] = ()) -> None:
        self._last: deque[int] = deque(times_ms, maxlen=REMEMBERED)
        self._least, self._most = min(self._last, default=0), max(self._last, default=0)
        self._median: int | None = None

    @property
    def time_ms(self) -> int | None:
        """What time it is; None before the first event."""
        if self._median is None and self._last:
            ordered = sorted(self._last)
            self._median = ordered[(len(ordered) - 1) // 2]
            self._least, self._most = ordered[0], ordered[-1]
        return self._median

    @property
    def times_ms(self) -> tuple[int, ...]:
        """What it remembers, oldest first: all that is needed to build it again."""
        return tuple(self._last)

    @property
    def is_agreed(self) -> bool:
        """Whether it has seen so much that a few broken first records do not decide what time it is."""
        return len(self._last) >= AGREEING

    def see(self, ts_ms: int) -> None:
        """Take in the time of one event."""
        if not self._last:
            self._least = self._most = ts_ms
        elif ts_ms > self._most:
            self._most = ts_ms
        elif ts_ms < self._least:
            self._least = ts_ms
        self._last.append(ts_ms)
        self._median = None

    def is_ahead(self, ts_ms: int, by_ms: int) -> bool:
        """Whether a time is more than `by_ms` ahead of the clock; nothing is ahead of one that has seen nothing."""
        if not self._last or ts_ms <= self._least + by_ms:
            return False
        now_ms = self.time_ms
        return now_ms is not None and ts_ms > now_ms + by_ms

    def has_passed(self, ts_ms: int) -> bool:
        """Whether the clock shows this time or a later one."""
        if not self._last or ts_ms > self._most:
            return False
        now_ms = self.time_ms
        return now_ms is not None and now_ms >= ts_ms
