"""When requests come: days, weeks and bursts, or the even pace of a script; epoch milliseconds, ascending."""

import math
from collections.abc import Iterator
from random import Random

from msgspec import Struct

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

# Share of a day's activity by local hour; each row has the mean 1.
OFFICE: tuple[float, ...] = (
    0.05, 0.05, 0.05, 0.05, 0.05, 0.1, 0.3, 1.0, 2.0, 2.6, 2.7, 2.4,
    1.6, 2.2, 2.6, 2.4, 1.9, 1.0, 0.4, 0.2, 0.1, 0.1, 0.05, 0.05,
)  # fmt: skip
PEOPLE: tuple[float, ...] = (
    0.5, 0.25, 0.15, 0.1, 0.1, 0.2, 0.5, 0.9, 1.2, 1.3, 1.3, 1.2,
    1.1, 1.2, 1.2, 1.2, 1.2, 1.2, 1.3, 1.6, 1.9, 1.9, 1.6, 0.9,
)  # fmt: skip
MACHINE: tuple[float, ...] = (1.0,) * 24


class Rhythm(Struct, frozen=True, kw_only=True):
    """The habits behind a stream of requests.

    `hours` weighs the local hours, `zone_hours` is the offset from UTC, `weekend` the share of activity left on
    Saturday and Sunday, `burst` the spread (sigma of a log-normal) between stretches of an hour or so.
    """

    hours: tuple[float, ...] = PEOPLE
    zone_hours: int = 0
    weekend: float = 0.8
    burst: float = 0.6

    def arrivals(self, rng: Random, per_day: float, begin_ms: int, end_ms: int) -> Iterator[int]:
        """Request times with `per_day` on an average working day."""
        bin_ms, mood = 10 * MINUTE_MS, 0.0
        for begin in range(begin_ms, end_ms, bin_ms):
            mood = 0.8 * mood + 0.6 * rng.gauss(0, self.burst)  # variance stays at burst squared
            swing = math.exp(mood - self.burst**2 / 2)
            expected = per_day * bin_ms / DAY_MS * self.weight(begin) * swing
            width = min(bin_ms, end_ms - begin)
            yield from sorted(begin + rng.randrange(width) for _ in range(poisson(rng, expected * width / bin_ms)))

    def weight(self, at_ms: int) -> float:
        """Activity at this time against an average working day; 1970 began on a Thursday."""
        local_hours = at_ms // HOUR_MS + self.zone_hours
        resting = (local_hours // 24 + 3) % 7 >= 5
        return self.hours[local_hours % 24] * (self.weekend if resting else 1.0)


def steady(rng: Random, per_hour: float, begin_ms: int, end_ms: int, jitter: float) -> Iterator[int]:
    """Keep an even pace; `jitter` below 1 is the share by which a gap varies, 1 or more makes gaps exponential."""
    gap, at = HOUR_MS / per_hour, float(begin_ms)
    while at < end_ms:
        yield int(at)
        at += gap * (1 + rng.uniform(-jitter, jitter)) if jitter < 1 else rng.expovariate(1 / gap)


def growing(rng: Random, per_hour: float, growth: float, begin_ms: int, end_ms: int) -> Iterator[int]:
    """Keep a pace that is multiplied by `growth` each hour."""
    for hour, begin in enumerate(range(begin_ms, end_ms, HOUR_MS)):
        yield from steady(rng, per_hour * growth**hour, begin, min(begin + HOUR_MS, end_ms), 1.0)


def poisson(rng: Random, mean: float) -> int:
    """Draw a Poisson count; a rounded normal one where the mean is large."""
    if mean > 50:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count
