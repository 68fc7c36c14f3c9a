"""Comparing a fold with its peers and with the tenant's own past, compiled: distances, and what the detectors say of them."""

from typing import Any

import numpy as np

from models.compiled import compiled

from .ground import SUSPICIOUS
from .scores import score
from .seen import Seen

MOST = 3.0
#: Folds after which half of a deviation from the own baseline is believed.
HALF_BELIEVED = 4.0
_NUMBER = len(SUSPICIOUS)
_SIGNS = np.array([float(suspicious) for suspicious in SUSPICIOUS])


@compiled
def compare(values: Any, means: Any, spreads: Any, weights: Any, scales: Any, inputs: Any, towards: Any) -> None:
    """Write how far each feature is from the peers' median and from the own mean, both towards suspicion too, and all scores.

    Units are the peers' range and two own deviations. All within -3 and 3; a young baseline is believed less. Unknown is
    NaN in `inputs` and 0 in `towards`.
    """
    for at in range(_NUMBER):
        value = values[at]
        known = value == value  # noqa: PLR0124 - not NaN
        middle, above, below, grain = scales[at]
        away = np.nan
        if known and middle == middle:  # noqa: PLR0124 - not NaN
            away = value - middle
            away /= above if away > 0 else below
            away = min(max(away, -MOST), MOST)
        moved = 0.0 if known else np.nan
        if known and weights[at]:
            scale = 2 * max(spreads[at], grain)
            moved = (value - means[at]) / scale * weights[at] / (weights[at] + HALF_BELIEVED)
            moved = min(max(moved, -MOST), MOST)
        inputs[at], inputs[_NUMBER + at] = away, moved
        towards[0, at], towards[1, at] = _towards(away, _SIGNS[at]), _towards(moved, _SIGNS[at])
    score(Seen(values, towards[0], towards[1]), inputs[2 * _NUMBER :])


@compiled
def make_usual(at: int, values: Any, means: Any, weights: Any, scales: Any, inputs: Any, towards: Any) -> None:
    """Change what was compared as if one feature were at the own mean (before one is learned, at the peers' median) and at no distance."""
    middle = scales[at, 0]
    if weights[at]:
        values[at] = means[at]
    else:
        values[at] = middle if middle == middle else 0.0  # noqa: PLR0124 - not NaN
    inputs[at] = inputs[_NUMBER + at] = 0.0
    towards[0, at] = towards[1, at] = 0.0
    score(Seen(values, towards[0], towards[1]), inputs[2 * _NUMBER :])


@compiled
def _towards(distance: float, sign: float) -> float:
    """A distance towards suspicion; 0 of an unknown one."""
    if distance != distance:  # noqa: PLR0124 - NaN
        return 0.0
    return distance * sign if sign else abs(distance)
