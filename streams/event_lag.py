"""How long ago happened what is judged now: lag in event time, told from the silence of tenants."""

from collections import deque
from collections.abc import Sequence
from statistics import median_low

from schemas.canary import PREFIX
from schemas.errors import BadRecord
from schemas.event import Event

REMEMBERED = 9
LOOKED_AT = 8
FORGOTTEN_SECONDS = 600.0


class EventLag:
    """The lag of one partition: the median over the last nine batches of the age of an event when it was judged.

    One broken clock moves nothing. While records wait and none is judged it grows with the wall clock. A partition that has nothing to read
    forgets its lag after ten minutes: its tenants are silent, nothing is late. Canaries are not looked at. Costs a microsecond a batch.

    >>> lag = EventLag()
    >>> lag.wait(5000.0, waiting=False)
    >>> lag.seconds is None
    True
    """

    def __init__(self) -> None:
        self._ages: deque[float] = deque(maxlen=REMEMBERED)
        self._judged_at = self._heard_at = self._stuck = 0.0

    @property
    def seconds(self) -> float | None:
        """The lag in seconds; negative when clocks ahead of ours write the times, None when there is nothing to be late."""
        return median_low(self._ages) + self._stuck if self._ages else None

    def see(self, events: Sequence[Event | BadRecord], now: float) -> None:
        """Take in a batch that was judged at the wall clock `now` (seconds): its last event counts."""
        self._judged_at, self._stuck = now, 0.0
        for event in events[: -LOOKED_AT - 1 : -1]:
            if isinstance(event, Event) and event.tenant_id[:7] != PREFIX:
                self._ages.append(now - event.ts / 1000)
                self._heard_at = now
                return

    def wait(self, now: float, *, waiting: bool) -> None:
        """Note what time it is, and whether records wait to be judged."""
        self._stuck = max(0.0, now - self._judged_at) if waiting and self._judged_at else 0.0
        if not waiting and now - self._heard_at > FORGOTTEN_SECONDS:
            self._ages.clear()


def degraded(lags: dict[int, float], most_seconds: float) -> list[str]:
    """What to say of partitions that are further behind than `most_seconds`.

    >>> degraded({0: 5.0, 3: 7200.0}, 1800.0)
    ['partition 3 judges what happened 7,200 s ago']
    """
    return [
        f"partition {index} judges what happened {lag:,.0f} s ago" for index, lag in lags.items() if lag > most_seconds
    ]
