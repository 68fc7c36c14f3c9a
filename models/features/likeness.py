"""Likeness: whether prompts read like the published tasks that students are trained on, and more so than they used to."""

from typing import Any

import numpy as np

from models.compiled import compiled
from models.likeness import GRADES_A_DEVIATE, MIDDLE_GRADE
from models.past import GRADES

from .feature import Feature

ENOUGH_PROMPTS = 6
ENOUGH_RECENT, ENOUGH_KNOWN = 16, 64
#: The least variance of a tenant's grades, in grades: who asks the same all day is not off by a hair.
LEAST_VARIANCE = 1.0


@compiled
def measure(looks: Any, gaps: Any, topics: Any, past: Any, out: Any) -> None:  # noqa: ARG001 - one form for all families
    """The values of `FEATURES`, in order."""
    held = past[0]
    prompts, mean, _ = moments(held.likeness)
    if prompts >= ENOUGH_PROMPTS:
        out[0] = (mean + 0.5 - MIDDLE_GRADE) / GRADES_A_DEVIATE
    before, usual, variance = moments(held.known_likeness)
    if prompts >= ENOUGH_RECENT and before >= ENOUGH_KNOWN:
        chance = max(variance, LEAST_VARIANCE) * (1.0 / prompts + 1.0 / before)
        out[1] = (mean - usual) / np.sqrt(chance)


@compiled
def moments(counts: Any) -> tuple[int, float, float]:
    """How many prompts, mean and variance of their grades."""
    prompts = total = squares = 0
    for graded in range(GRADES):
        times = int(counts[graded])
        prompts += times
        total += times * graded
        squares += times * graded * graded
    if not prompts:
        return 0, 0.0, 0.0
    mean = total / prompts
    return prompts, mean, squares / prompts - mean * mean


FEATURES = (
    Feature(
        name="likeness",
        unit="deviates of honest prompts",
        low=-4,
        high=4,
        grain=0.1,
        suspicious=1,
        cost_us=0.2,
        held_bytes=86,
        meaning="how much recent prompts read like published tasks that students are trained on",
    ),
    Feature(
        name="likeness_drift",
        unit="deviates of chance",
        low=-8,
        high=16,
        grain=0.5,
        suspicious=1,
        cost_us=0.2,
        held_bytes=22,
        meaning="how much more they read so than the tenant's known prompts",
    ),
)
