"""From what each fold says to a risk: a level over time, and what a level means among honest tenants."""

from bisect import bisect_right
from math import exp, log

from msgspec import Struct

FOLD_REQUESTS = 16


class ScoreCard(Struct, frozen=True):
    """The level's pace and the table of what a level means; numbers only.

    A tenant begins at the level `prior`; a fold of 16 requests moves it by the share `pace` towards the log-odds of that fold,
    a smaller one by less. Evidence within a tenant is not independent, so it is not added up over time. `shares` are those of
    honest tenant-days on which the level reaches `levels[i]` at least once, falling; `risks` is what that is called, rising.
    """

    prior: float
    pace: float
    levels: tuple[float, ...]
    shares: tuple[float, ...]
    risks: tuple[float, ...]

    def step(self, requests: int) -> float:
        """The share that a fold of so many requests has in the new level."""
        return min(1.0, self.pace * requests / FOLD_REQUESTS)

    def risk(self, level: float) -> float:
        """The risk in [0, 1) that a level stands for; never falls when the level rises."""
        return self._between(level, self.risks)

    def honest_share(self, level: float) -> float:
        """The share of honest tenant-days that reach a level at least once, in (0, 1]; never rises with the level."""
        return exp(self._between(level, tuple(map(log, self.shares))))

    def _between(self, level: float, values: tuple[float, ...]) -> float:
        """The value at a level, in straight pieces; flat beyond both ends."""
        at = bisect_right(self.levels, level)
        if at in {0, len(self.levels)}:
            return values[max(at - 1, 0)]
        part = (level - self.levels[at - 1]) / (self.levels[at] - self.levels[at - 1])
        return values[at - 1] + part * (values[at] - values[at - 1])
