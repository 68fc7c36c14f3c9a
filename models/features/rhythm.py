"""Volume and rhythm: how much, how evenly, how much of the day."""

from math import log2
from operator import mul

from models.profile import Profile

from .feature import MISSING, Feature


def rate(profile: Profile) -> float:
    """Requests an hour within the fold."""
    fold = profile.fold
    if fold.requests < 2:
        return MISSING
    hours = max(fold.last_ms - fold.first_ms, 1000) / 3_600_000
    return log2((fold.requests - 1) / hours)


def gap_spread(profile: Profile) -> float:
    """Spread of the logarithms of the gaps: 0 is a metronome, 1.9 chance arrivals, more is bursts."""
    return profile.fold.gaps.spread


def day_volume(profile: Profile) -> float:
    """Requests of the last 24 clock hours."""
    return log2(1 + sum(profile.recent.hours))


def active_hours(profile: Profile) -> float:
    """Clock hours of the last 24 with a request."""
    hours = profile.recent.hours
    return float(len(hours) - hours.count(0))


def hour_evenness(profile: Profile) -> float:
    """How evenly the last 24 hours' requests lie over the hours from the first active one: entropy over its maximum."""
    hours = profile.recent.hours
    total = sum(hours)
    if total < 24:
        return MISSING
    begun = next(at for at, held in enumerate(hours) if held)
    span = len(hours) - begun
    if span < 3:
        return MISSING
    shares = [held / total for held in hours if held]
    entropy: float = -sum(map(mul, shares, map(log2, shares)))
    return entropy / log2(span)


def surge(profile: Profile) -> float:
    """The last two hours' share of the day's requests."""
    hours = profile.recent.hours
    total = sum(hours)
    return (hours[-2] + hours[-1]) / total if total >= 24 else MISSING


FEATURES = (
    Feature(
        name="rate",
        unit="log2 requests/hour",
        low=-6,
        high=22,
        grain=0.5,
        suspicious=1,
        cost_us=0.4,
        held_bytes=24,
        meaning="requests an hour while the fold lasted",
        measure=rate,
    ),
    Feature(
        name="gap_spread",
        unit="log2 gap, standard deviation",
        low=0,
        high=12,
        grain=0.2,
        suspicious=-1,
        cost_us=0.3,
        held_bytes=43,
        meaning="how unevenly requests follow each other; a metronome has 0",
        measure=gap_spread,
    ),
    Feature(
        name="day_volume",
        unit="log2 requests/day",
        low=0,
        high=22,
        grain=0.5,
        suspicious=1,
        cost_us=0.6,
        held_bytes=96,
        meaning="requests in the last 24 hours",
        measure=day_volume,
    ),
    Feature(
        name="active_hours",
        unit="hours of 24",
        low=0,
        high=24,
        grain=1,
        suspicious=1,
        cost_us=1.0,
        held_bytes=24,
        meaning="hours of the last 24 that had a request",
        measure=active_hours,
    ),
    Feature(
        name="hour_evenness",
        unit="share of maximal entropy",
        low=0,
        high=1,
        grain=0.03,
        suspicious=1,
        cost_us=3.0,
        held_bytes=24,
        meaning="how evenly requests spread over the hours since the day's first",
        measure=hour_evenness,
    ),
    Feature(
        name="surge",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.6,
        held_bytes=24,
        meaning="share of the last 24 hours' requests that came in the last two",
        measure=surge,
    ),
)
