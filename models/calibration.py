"""From a detector's score to a p-value: how often an honest tenant is as odd as that."""

from bisect import bisect_left
from math import exp, log

from msgspec import Struct

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
LOGARITHMS = tuple(log(probability) for probability in PROBABILITIES)
#: Where the upper tail begins, in the tables.
_TAIL = PROBABILITIES.index(0.05)
_TAIL_FALL = LOGARITHMS[-1] - LOGARITHMS[_TAIL]


class Calibration(Struct, frozen=True, array_like=True):
    """The scores that the share `PROBABILITIES[i]` of honest folds reach or pass, ascending; 21 numbers.

    Between two of them the logarithm of the probability is interpolated; above the last it goes on at the slope of the
    upper tail, down to 1e-5. Below the first the p-value is 1. Costs 0.6 us.
    """

    scores: tuple[float, ...]

    def p_value(self, score: float) -> float:
        """The probability of a score so high or higher at an honest tenant, in [1e-5, 1]; never rises with the score."""
        scores = self.scores
        at = bisect_left(scores, score)
        if at == 0:
            return 1.0
        if at == len(scores):
            return self._beyond(score)
        below, least = scores[at - 1], LOGARITHMS[at - 1]
        return exp(least + (score - below) / (scores[at] - below) * (LOGARITHMS[at] - least))

    def _beyond(self, score: float) -> float:
        """The tail: as steep as from the 5% point to the last; flat where those are one."""
        last = self.scores[-1]
        width = last - self.scores[_TAIL]
        if width <= 0:
            return PROBABILITIES[-1] if score > last else PROBABILITIES[_TAIL]
        return max(LEAST, exp(LOGARITHMS[-1] + _TAIL_FALL / width * (score - last)))
