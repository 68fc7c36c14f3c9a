"""The partition's clock: what time it is by the events themselves, whatever one broken clock, or one loud tenant's, says."""

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
from xxhash import xxh3_64_intdigest

from .compiled import compiled

#: The clock is the median of so many times.
HEARD = 101
#: They are taken from so many records, so that a tenant with nine tenths of the traffic leaves thirty of others among them.
REMEMBERED = 303
#: What so many times say is believed although seven of them are wrong.
AGREEING = 16
MOST_NAMES = 200
_NAME_BITS = 0xFFFF_FFFF


class RobustClock:
    """The lower median of the last 101 event times of a partition, in epoch milliseconds; one tenant does not outvote all others.

    Of a tenant that sent more than a third of the last 303 records only so many count, the newest, as are half of those of all others
    together. So the clocks of one tenant, however loud, move nothing while others speak. Where of 303 records fewer than sixteen times
    would count by this rule the last 101 do: else one record of another tenant would decide, and a partition that one tenant fills would
    stand still. Fifty events from the year 2100 do not move it by more than the other fifty-one allow; after a true gap it arrives in the
    new time with the fifty-first event, if several tenants send. Tenants are remembered by a 32-bit hash of their names. The median is
    found when somebody needs it, which bounds on the remembered times make rare: 0.5 us an event, and 5 us where it
    is asked for; 8 KB a partition.

    >>> clock = RobustClock()
    >>> for ts in (100, 200, 4_102_444_800_000):
    ...     clock.see(ts, "org_a")
    >>> clock.time_ms, clock.has_passed(150), clock.has_passed(201)
    (200, True, False)
    """

    def __init__(self, times_ms: Sequence[int] = (), tenants: Sequence[int] = ()) -> None:
        """Begin with what an earlier one remembered; times without tenants count as each of another tenant."""
        # Written as Python's arrays, which takes a third of the time, and read as numpy's.
        self._ring, self._names_ring = array("q", bytes(8 * REMEMBERED)), array("q", bytes(8 * REMEMBERED))
        self._times, self._whose = np.frombuffer(self._ring, np.int64), np.frombuffer(self._names_ring, np.int64)
        self._seen = self._bounded = 0
        self._names: dict[str, int] = {}  # of hashes taken before
        #: No time that it remembers is earlier, and none is later: who asks often looks here first.
        self.least_ms = self.most_ms = 0
        self._told: tuple[int, int] | None = None
        unknown = range(-1, -1 - len(times_ms) + len(tenants), -1)
        for ts_ms, tenant in zip(times_ms, (*unknown, *tenants), strict=True):
            self._take_in(ts_ms, tenant)

    @property
    def time_ms(self) -> int | None:
        """What time it is; None before the first event."""
        return self._asked()[0] if self._seen else None

    @property
    def times_ms(self) -> tuple[int, ...]:
        """The times that it remembers, oldest first: with `tenants` all that is needed to build it again."""
        return tuple(self._oldest_first(self._times))

    @property
    def tenants(self) -> tuple[int, ...]:
        """Whose times they are."""
        return tuple(self._oldest_first(self._whose))

    @property
    def is_agreed(self) -> bool:
        """Whether it has seen so much that a few broken first records do not decide what time it is."""
        return self._seen >= AGREEING and self._asked()[1] >= AGREEING

    def see(self, ts_ms: int, tenant: str) -> None:
        """Take in the time of one event of this tenant."""
        whose = self._names.get(tenant)
        if whose is None:
            if len(self._names) > MOST_NAMES:
                self._names.clear()
            whose = self._names[tenant] = xxh3_64_intdigest(tenant.encode()) & _NAME_BITS
        self._take_in(ts_ms, whose)

    def is_ahead(self, ts_ms: int, by_ms: int) -> bool:
        """Whether a time is more than `by_ms` ahead of the clock; nothing is ahead of one that has seen nothing.

        It is not when most of the last 101 records say otherwise, whoever sent them: the only one who still sends is heard at once.
        """
        if not self._seen or ts_ms <= self.least_ms + by_ms:
            return False
        if ts_ms <= self._asked()[0] + by_ms:
            return False
        return ts_ms > int(_of_the_last(self._times, self._seen)) + by_ms

    def has_passed(self, ts_ms: int) -> bool:
        """Whether the clock shows this time or a later one."""
        return self._seen > 0 and ts_ms <= self.most_ms and self._asked()[0] >= ts_ms

    def _take_in(self, ts_ms: int, whose: int) -> None:
        at = self._seen % REMEMBERED
        if not self._seen:
            self.least_ms = self.most_ms = ts_ms
        elif ts_ms > self.most_ms:
            self.most_ms = ts_ms
        elif ts_ms < self.least_ms:
            self.least_ms = ts_ms
        self._ring[at], self._names_ring[at] = ts_ms, whose
        self._seen += 1
        self._told = None

    def _asked(self) -> tuple[int, int]:
        """The median, and of how many times it is one."""
        if self._told is None:
            if self._seen - self._bounded >= HEARD:
                self._bounded = self._seen
                held = self._times[: self._seen]
                self.least_ms, self.most_ms = int(held.min()), int(held.max())
            median, heard = _of_all(self._times, self._whose, self._seen)
            self._told = int(median), int(heard)
        return self._told

    def _oldest_first(self, ring: "np.ndarray[Any, Any]") -> list[int]:
        at = self._seen % REMEMBERED
        held: list[int] = ring.tolist()
        return held[at:] + held[:at] if self._seen >= REMEMBERED else held[:at]


@compiled
def _of_all(times: Any, whose: Any, seen: int) -> tuple[int, int]:
    """The lower median of the times that count, and how many they are."""
    total = min(seen, REMEMBERED)
    first, second, count, other = _loud(whose, total)
    first_left = (total - count) // 2 if 3 * count > total else total
    second_left = (total - other) // 2 if 3 * other > total else total
    loudest = max(count, other)
    heard, newest = np.empty(HEARD, np.int64), 0
    if total // 3 < loudest < total and total > 2:
        for back in range(1, total + 1):
            at = (seen - back) % REMEMBERED
            if count and whose[at] == first:
                first_left -= 1
                taken = first_left >= 0
            elif other and whose[at] == second:
                second_left -= 1
                taken = second_left >= 0
            else:
                taken = True
            if taken and newest < HEARD:
                heard[newest] = times[at]
                newest += 1
        if total < REMEMBERED or newest >= AGREEING:
            return _lower_median(heard[:newest]), newest
    return _of_the_last(times, seen), min(total, HEARD)


@compiled
def _loud(whose: Any, total: int) -> tuple[int, int, int, int]:
    """The only two who can have more than a third of the places (J. Misra and D. Gries, 1982), and how many each has."""
    first = second = count = other = 0
    for at in range(total):
        if count and whose[at] == first:
            count += 1
        elif other and whose[at] == second:
            other += 1
        elif not count:
            first, count = whose[at], 1
        elif not other:
            second, other = whose[at], 1
        else:
            count -= 1
            other -= 1
    known, also = count > 0, other > 0
    count = other = 0
    for at in range(total):
        if known and whose[at] == first:
            count += 1
        elif also and whose[at] == second:
            other += 1
    return first, second, count, other


@compiled
def _of_the_last(times: Any, seen: int) -> int:
    """The lower median of the last 101 times, whoever sent them."""
    count = min(seen, HEARD)
    last = np.empty(count, np.int64)
    for back in range(count):
        last[back] = times[(seen - 1 - back) % REMEMBERED]
    return _lower_median(last)


@compiled
def _lower_median(times: Any) -> int:
    median: int = np.sort(times)[(len(times) - 1) // 2]
    return median
