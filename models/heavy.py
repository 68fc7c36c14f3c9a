"""What is heavy in a stream: sixteen places for the values that come most often."""

from typing import Any

import numpy as np

from .compiled import compiled

HEAVY_SLOTS = 16
HEAVY_MASS = 240


@compiled
def count(digests: Any, counts: Any, mass: int, digest: int) -> int:
    """Count a heavy hitter in one of 16 places; returns the mass: how many were counted, halved with every count above 240.

    A newcomer takes the place of the oldest value seen once; where there is none, every count is lowered by one (Misra and
    Gries, 1982). So a stream of values seen once stays light, and what is heavy stays. Places are in the order of arrival.
    """
    free = once = -1
    for place in range(HEAVY_SLOTS):
        if counts[place] == 0:
            free = place
            break
        if digests[place] == digest:
            counts[place] += 1
            return _halved(digests, counts, mass + 1)
        if counts[place] == 1 and once < 0:
            once = place
    if free < 0 and once >= 0:
        _drop(digests, counts, once)
        free = HEAVY_SLOTS - 1
    if free >= 0:
        digests[free], counts[free] = digest, 1
    else:
        for place in range(HEAVY_SLOTS):
            counts[place] -= 1
        _compact(digests, counts)
    return _halved(digests, counts, mass + 1)


@compiled
def heaviest(digests: Any, counts: Any, least: float, places: Any) -> int:
    """Write where the heaviest values counted `least` times or more lie, equal ones in the order of arrival; returns how many fit."""
    told = np.zeros(len(counts), np.bool_)
    for number in range(len(places)):
        best = -1
        for place in range(len(counts)):
            fits = counts[place] and counts[place] >= least and digests[place] and not told[place]
            if fits and (best < 0 or counts[place] > counts[best]):
                best = place
        if best < 0:
            return number
        told[best], places[number] = True, best
    return len(places)


@compiled
def _halved(digests: Any, counts: Any, mass: int) -> int:
    if mass <= HEAVY_MASS:
        return mass
    for place in range(HEAVY_SLOTS):
        counts[place] >>= 1
    _compact(digests, counts)
    return mass >> 1


@compiled
def _drop(digests: Any, counts: Any, gone: int) -> None:
    for place in range(gone, HEAVY_SLOTS - 1):
        digests[place], counts[place] = digests[place + 1], counts[place + 1]
    digests[HEAVY_SLOTS - 1] = counts[HEAVY_SLOTS - 1] = 0


@compiled
def _compact(digests: Any, counts: Any) -> None:
    """Close the gaps that values lowered to nothing left."""
    to = 0
    for place in range(HEAVY_SLOTS):
        if counts[place]:
            digests[to], counts[to] = digests[place], counts[place]
            to += 1
    for place in range(to, HEAVY_SLOTS):
        digests[place] = counts[place] = 0
