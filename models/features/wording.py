"""Wording: whether a tenant asks in other words than it used to, whatever those are."""

from typing import Any

import numpy as np

from models.compiled import compiled
from models.likeness import AXES, MIDDLE_GRADE
from models.past import WORDING

from .feature import Feature
from .likeness import ENOUGH_KNOWN, ENOUGH_RECENT, moments

#: The least variance of a tenant's grades: who asks the same all day is not off by a hair.
LEAST_VARIANCE = 0.5


@compiled
def measure(looks: Any, gaps: Any, topics: Any, past: Any, out: Any) -> None:  # noqa: ARG001 - one form for all families
    """The values of `FEATURES`, in order.

    The distance is the sum of squared deviates over likeness and the axes of wording, each by the variance that the tenant's known prompts
    have. Of a hundred prompts with a quarter of tasks it tells more than either alone: by itself 76 and 33% of windows at 1% of
    honest ones for two corpora, where likeness alone has 33 and 8%, the axes 53 and 26%.
    """
    held = past[0]
    recent, known = held.wording, held.known_wording
    prompts, before = float(recent[0]), float(known[0])
    if prompts < ENOUGH_RECENT or before < ENOUGH_KNOWN:
        return
    _, mean, _ = moments(held.likeness)
    _, usual, variance = moments(held.known_likeness)
    distance = (mean - usual) ** 2 / max(variance, LEAST_VARIANCE)
    for axis in range(AXES):
        usual = known[1 + axis] / before
        variance = known[WORDING + axis] / before - (usual - MIDDLE_GRADE) ** 2
        distance += (recent[1 + axis] / prompts - usual) ** 2 / max(variance, LEAST_VARIANCE)
    out[0] = np.log2((distance / (1.0 / prompts + 1.0 / before) + 1.0) / (AXES + 2.0))


FEATURES = (
    Feature(
        name="wording_drift",
        unit="log2 of times chance",
        low=-3,
        high=7,
        grain=0.15,
        suspicious=1,
        cost_us=0.2,
        held_bytes=130,
        meaning="how far the words of recent prompts are from the tenant's known ones",
    ),
)
