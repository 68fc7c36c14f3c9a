"""When a harvest asks."""

from random import Random

from streams.simulation.rhythm import DAY_MS, Rhythm, steady

from .effort import Cadence

_JITTER: dict[str, float] = {"metronome": 0.0, "even": 0.3, "poisson": 1.0}


def times(rng: Random, cadence: Cadence, a_day: float, begin_ms: int, end_ms: int) -> list[int]:
    """Request times in a span, ascending, `a_day` on average; a person's days have as many, in fewer hours."""
    if a_day <= 0 or begin_ms >= end_ms:
        return []
    if cadence != "days":
        first = begin_ms + int(rng.random() * DAY_MS / a_day)
        return list(steady(rng, a_day / 24, first, end_ms, _JITTER[cadence]))
    rhythm = Rhythm(zone_hours=rng.randint(-8, 9), weekend=1.0)
    return list(rhythm.arrivals(rng, a_day, begin_ms, end_ms))
