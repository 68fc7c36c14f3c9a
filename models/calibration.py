"""From a detector's score to a p-value: how often an honest tenant is as odd as that."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from .compiled import compiled

#: The upper-tail probabilities at which a table holds a detector's score, descending.
PROBABILITIES = (
    1.0,
    0.9,
    0.75,
    0.6,
    0.5,
    0.4,
    0.3,
    0.2,
    0.15,
    0.1,
    0.07,
    0.05,
    0.03,
    0.02,
    0.015,
    0.01,
    0.007,
    0.005,
    0.003,
    0.002,
    0.001,
)
LEAST = 1e-5
LOGARITHMS = np.log(np.array(PROBABILITIES))
# Where the upper tail begins, in the tables.
_TAIL = PROBABILITIES.index(0.05)
_TAIL_FALL = float(LOGARITHMS[-1] - LOGARITHMS[_TAIL])
_LAST = len(PROBABILITIES) - 1
_LAST_PROBABILITY, _TAIL_PROBABILITY = PROBABILITIES[-1], PROBABILITIES[_TAIL]

Floats = npt.NDArray[np.float64]


class Calibration(Struct, frozen=True, array_like=True):
    """The scores that the share `PROBABILITIES[i]` of honest folds reach or pass, ascending; 21 numbers."""

    scores: tuple[float, ...]

    def p_value(self, score: float) -> float:
        """The probability of a score so high or higher at an honest tenant, in [1e-5, 1]; never rises with the score."""
        return p_value(np.array(self.scores), score)


def calibration_rows(calibrations: Sequence[Calibration | None]) -> Floats:
    """The scores of many calibrations, a row each; a row of NaN where there is none."""
    nothing = (float("nan"),) * len(PROBABILITIES)
    return np.array([nothing if each is None else each.scores for each in calibrations])


@compiled
def p_value(scores: Any, score: float) -> float:
    """The p-value of a score by one row of a table; 1 by a row of NaN.

    Between two entries the logarithm of the probability is interpolated; above the last it goes on at the slope of the
    upper tail, down to 1e-5. Below the first the p-value is 1.
    """
    if not score > scores[0]:
        return 1.0
    if score > scores[_LAST]:
        return _beyond(scores, score)
    at = 1
    while scores[at] < score:
        at += 1
    below, least = scores[at - 1], LOGARITHMS[at - 1]
    return float(np.exp(least + (score - below) / (scores[at] - below) * (LOGARITHMS[at] - least)))


@compiled
def _beyond(scores: Any, score: float) -> float:
    """The tail: as steep as from the 5% point to the last; flat where those are one."""
    last = scores[_LAST]
    width = last - scores[_TAIL]
    if width <= 0:
        return _LAST_PROBABILITY if score > last else _TAIL_PROBABILITY
    return max(LEAST, float(np.exp(LOGARITHMS[_LAST] + _TAIL_FALL / width * (score - last))))


@compiled
def p_values(scores: Floats, rows: Floats, out: Floats) -> None:
    """Write the p-value of each score by its row."""
    for at in range(len(scores)):
        out[at] = p_value(rows[at], scores[at])
