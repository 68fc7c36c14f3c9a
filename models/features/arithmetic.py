"""The arithmetic that families share, compiled. `NaN` is a value that the events do not carry."""

from typing import Any

import numpy as np

from models.compiled import compiled

MISSING = float("nan")


@compiled
def share(part: int, whole: int) -> float:
    """A share; NaN of nothing."""
    return part / whole if whole else MISSING


@compiled
def mean(values: Any) -> float:
    """The mean of the values that are there; NaN of none."""
    total, count = 0.0, 0
    for value in values:
        if value == value:  # noqa: PLR0124 - not NaN
            total += value
            count += 1
    return total / count if count else MISSING


@compiled
def spread(values: Any) -> float:
    """The standard deviation of the values that are there; NaN of fewer than three."""
    total, squares, count = 0.0, 0.0, 0
    for value in values:
        if value == value:  # noqa: PLR0124 - not NaN
            total += value
            squares += value * value
            count += 1
    if count < 3:
        return MISSING
    middle = total / count
    return float(np.sqrt(max(0.0, squares / count - middle * middle)))


@compiled
def flagged(looks: Any, flag: int) -> int:
    """How many requests have a flag."""
    count = 0
    for at in range(len(looks)):
        if looks[at].flags & flag:
            count += 1
    return count


@compiled
def unknown(digests: Any, known: Any) -> float:
    """The share of a fold's values that are not known; NaN while nothing is, or where there are none (0 is no value)."""
    if known[-1] == 0:
        return MISSING
    count = new = 0
    for digest in digests:
        if digest == 0:
            continue
        count += 1
        found = False
        for held in known:
            if held == digest:
                found = True
                break
        new += not found
    return new / count if count else MISSING


@compiled
def top(digests: Any) -> float:
    """The share of the most frequent value; NaN of none."""
    count = most = 0
    for digest in digests:
        if digest == 0:
            continue
        count += 1
        times = 0
        for other in digests:
            times += other == digest
        most = max(most, times)
    return most / count if count else MISSING


@compiled
def distinct(digests: Any) -> float:
    """Distinct values over values; NaN of none."""
    count = first = 0
    for at in range(len(digests)):
        if digests[at] == 0:
            continue
        count += 1
        met = False
        for before in range(at):
            if digests[before] == digests[at]:
                met = True
                break
        first += not met
    return first / count if count else MISSING
