"""How often tenants are packed and woken at a rate: arithmetic over the pauses that the tenants of the file make."""

from typing import Any

import numpy as np

Pauses = np.ndarray[Any, np.dtype[np.float64]]


class Load:
    """N tenants, each a copy of one of the file that begins elsewhere in the file's time; all of them faster or slower together.

    `pauses` are the times between the requests of a tenant, of all tenants, in shares of the file's time; those of one tenant
    add up to 1, for after its last request it begins anew. So copies send in bursts as their originals do. Working sets after
    P. Denning (1968): a tenant is touched within a time unless that lies in one of its pauses.

    >>> load = Load(np.ones(100), tenants=10_000)  # each sends once, then everybody else
    >>> round(load.touched(1)), round(load.touched(10_000)), round(load.touched(10**9))
    (1, 10000, 10000)
    """

    def __init__(self, pauses: Pauses, tenants: int) -> None:
        self._pauses, self.tenants = np.sort(pauses), tenants
        self._copies = tenants / round(float(pauses.sum()))
        self._sums = np.concatenate(([0.0], np.cumsum(self._pauses)))

    def touched(self, events: float) -> float:
        """How many tenants are expected among so many requests in a row."""
        time = events / (self._copies * len(self._pauses))
        shorter = int(np.searchsorted(self._pauses, time))
        return float(self._sums[shorter] + (len(self._pauses) - shorter) * time) * self._copies

    def events_until(self, touched: float) -> float:
        """Among how many requests so many tenants are expected; infinite when there are not so many."""
        if touched >= self.tenants * (1 - 1e-9):
            return float("inf")
        low, high = 0.0, 1.0
        while self.touched(high) < touched:
            low, high = high, high * 2
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.touched(middle) < touched else (low, middle)
        return high

    def packed_per_event(self, events_per_second: float, seconds: float, most: float) -> float:
        """Tenants that checkpoints pack, an event: a pass every so many seconds, or when `most` have changed.

        >>> Load(np.ones(100), tenants=100).packed_per_event(1000, seconds=5, most=50_000)
        0.02
        >>> Load(np.ones(1), tenants=1_000_000).packed_per_event(25_000, seconds=5, most=12_800)
        1.0
        """
        events = max(1.0, min(events_per_second * seconds, self.events_until(most)))
        return min(1.0, round(self.touched(events) / events, 9))

    def woken_per_event(self, awake: int) -> float:
        """The share of requests whose tenant is asleep when those that were idle longest are put to sleep and `awake` stay.

        >>> pauses = np.array([0.01, 0.01, 0.98])  # three requests in a row, then a long pause
        >>> round(Load(pauses, tenants=1_000_000).woken_per_event(160_000), 2)
        0.33
        """
        if awake >= self.tenants:
            return 0.0
        time = self.events_until(awake) / (self._copies * len(self._pauses))
        return float(np.mean(self._pauses > time))
