"""Volume and rhythm: how much, how evenly, how much of the day."""

from typing import Any

import numpy as np

from models.compiled import compiled
from models.past import HOUR_MS, HOURS

from .arithmetic import spread
from .feature import Feature


@compiled
def measure(looks: Any, gaps: Any, topics: Any, past: Any, out: Any) -> None:  # noqa: ARG001 - one form for all families
    """The values of `FEATURES`, in order."""
    hours = past[0].hours
    total, active, begun = 0, 0, HOURS
    for place in range(HOURS):
        total += hours[place]
        if hours[place]:
            active += 1
            begun = min(begun, place)
    seconds = (looks[-1].at_ms - looks[0].at_ms) / 1000
    out[0] = np.log2((len(looks) - 1) / (max(seconds, 1.0) * 1000 / HOUR_MS)) if len(looks) > 1 else np.nan
    out[1] = spread(gaps)
    out[2] = np.log2(1.0 + total)
    out[3] = active
    out[4] = _evenness(hours, total, begun)
    out[5] = (hours[HOURS - 2] + hours[HOURS - 1]) / total if total >= 24 else np.nan


@compiled
def _evenness(hours: Any, total: int, begun: int) -> float:
    """Entropy of the requests over the hours since the first active one, over its maximum."""
    span = HOURS - begun
    if total < 24 or span < 3:
        return float(np.nan)
    entropy = 0.0
    for place in range(begun, HOURS):
        if hours[place]:
            share = hours[place] / total
            entropy -= share * np.log2(share)
    return entropy / float(np.log2(span))


FEATURES = (
    Feature(
        name="rate",
        unit="log2 requests/hour",
        low=-6,
        high=22,
        grain=0.5,
        suspicious=1,
        cost_us=0.2,
        held_bytes=22,
        meaning="requests an hour while the fold lasted",
    ),
    Feature(
        name="gap_spread",
        unit="log2 gap, standard deviation",
        low=0,
        high=12,
        grain=0.2,
        suspicious=-1,
        cost_us=0.2,
        held_bytes=30,
        meaning="how unevenly requests follow each other; a metronome has 0",
    ),
    Feature(
        name="day_volume",
        unit="log2 requests/day",
        low=0,
        high=22,
        grain=0.5,
        suspicious=1,
        cost_us=0.2,
        held_bytes=78,
        meaning="requests in the last 24 hours",
    ),
    Feature(
        name="active_hours",
        unit="hours of 24",
        low=0,
        high=24,
        grain=1,
        suspicious=1,
        cost_us=0.2,
        held_bytes=22,
        meaning="hours of the last 24 that had a request",
    ),
    Feature(
        name="hour_evenness",
        unit="share of maximal entropy",
        low=0,
        high=1,
        grain=0.03,
        suspicious=1,
        cost_us=0.2,
        held_bytes=22,
        meaning="how evenly requests spread over the hours since the day's first",
    ),
    Feature(
        name="surge",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.2,
        held_bytes=22,
        meaning="share of the last 24 hours' requests that came in the last two",
    ),
)
