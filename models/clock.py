"""The partition's clock: what time it is by the events themselves, whatever one broken clock, or one loud tenant's, says."""

from collections.abc import Sequence

from xxhash import xxh3_64_intdigest

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
    found when somebody needs it, which bounds on the remembered times make rare: 0.6 us an event, 20 KB a partition.

    >>> clock = RobustClock()
    >>> for ts in (100, 200, 4_102_444_800_000):
    ...     clock.see(ts, "org_a")
    >>> clock.time_ms, clock.has_passed(150), clock.has_passed(201)
    (200, True, False)
    """

    def __init__(self, times_ms: Sequence[int] = (), tenants: Sequence[int] = ()) -> None:
        """Begin with what an earlier one remembered; times without tenants count as each of another tenant."""
        self._times, self._whose = [0] * REMEMBERED, [0] * REMEMBERED
        self._seen = self._bounded = 0
        self._count: dict[int, int] = {}
        self._names: dict[str, int] = {}  # of hashes taken before
        self._least = self._most = 0
        self._median: int | None = None
        unknown = range(-1, -1 - len(times_ms) + len(tenants), -1)
        for ts_ms, tenant in zip(times_ms, (*unknown, *tenants), strict=True):
            self._take_in(ts_ms, tenant)

    @property
    def time_ms(self) -> int | None:
        """What time it is; None before the first event."""
        if self._median is None and self._seen:
            if self._seen - self._bounded >= HEARD:
                self._bounded = self._seen
                self._least, self._most = min(self.times_ms), max(self.times_ms)
            self._median = _lower_median(self._heard())
        return self._median

    @property
    def times_ms(self) -> tuple[int, ...]:
        """The times that it remembers, oldest first: with `tenants` all that is needed to build it again."""
        return tuple(self._newest_first(self._times)[::-1])

    @property
    def tenants(self) -> tuple[int, ...]:
        """Whose times they are."""
        return tuple(self._newest_first(self._whose)[::-1])

    @property
    def is_agreed(self) -> bool:
        """Whether it has seen so much that a few broken first records do not decide what time it is."""
        return self._seen >= AGREEING and len(self._heard()) >= AGREEING

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
        if not self._seen or ts_ms <= self._least + by_ms:
            return False
        now_ms = self.time_ms
        if now_ms is None or ts_ms <= now_ms + by_ms:
            return False
        return ts_ms > _lower_median(self._last()) + by_ms

    def has_passed(self, ts_ms: int) -> bool:
        """Whether the clock shows this time or a later one."""
        if not self._seen or ts_ms > self._most:
            return False
        now_ms = self.time_ms
        return now_ms is not None and now_ms >= ts_ms

    def _take_in(self, ts_ms: int, whose: int) -> None:
        at, count = self._seen % REMEMBERED, self._count
        if not self._seen:
            self._least = self._most = ts_ms
        elif ts_ms > self._most:
            self._most = ts_ms
        elif ts_ms < self._least:
            self._least = ts_ms
        if self._seen >= REMEMBERED:
            gone = self._whose[at]
            if count[gone] > 1:
                count[gone] -= 1
            else:
                del count[gone]
        count[whose] = count.get(whose, 0) + 1
        self._times[at], self._whose[at] = ts_ms, whose
        self._seen += 1
        self._median = None

    def _newest_first(self, ring: list[int]) -> list[int]:
        at = self._seen % REMEMBERED
        return ring[:at][::-1] + (ring[at:][::-1] if self._seen >= REMEMBERED else [])

    def _last(self) -> list[int]:
        """The last 101 times, in any order."""
        at = self._seen % REMEMBERED
        if at >= HEARD or self._seen < REMEMBERED:
            return self._times[max(0, at - HEARD) : at]
        return self._times[:at] + self._times[at - HEARD :]

    def _heard(self) -> list[int]:
        """The times that count."""
        total, count = min(self._seen, REMEMBERED), self._count
        loudest = max(count.values())
        if 3 * loudest <= total or total in {loudest, 2}:
            return self._last()
        times, whose = self._newest_first(self._times), self._newest_first(self._whose)
        for tenant in [one for one in count if 3 * count[one] > total]:
            least = -1
            for _ in range((total - count[tenant]) // 2):
                least = whose.index(tenant, least + 1)
            kept = [at for at in range(least + 1, len(whose)) if whose[at] != tenant]
            times = times[: least + 1] + [times[at] for at in kept]
            whose = whose[: least + 1] + [whose[at] for at in kept]
        few = total == REMEMBERED and len(times) < AGREEING
        return self._last() if few else times[:HEARD]


def _lower_median(times_ms: list[int]) -> int:
    return sorted(times_ms)[(len(times_ms) - 1) // 2]
