"""From what each fold says to a risk: a level over time, and what a level means among honest tenants."""

from bisect import bisect_right
from math import exp, log

from msgspec import Struct

FOLD_REQUESTS = 16


class ScoreCard(Struct, frozen=True):
    """The level's pace and the table of what a level means; numbers only.

    A tenant begins at the level `prior`, which weighs as much as `newcomer` requests; a fold of 16 requests moves the level by
    the share `pace` towards the log-odds of that fold, a smaller one by less, and by more while the tenant is young. Evidence
    within a tenant is not independent, so it is not added up over time. `shares` are those of
    honest tenant-days on which the level reaches `levels[i]` at least once, falling; `risks` is what that is called, rising.
    """

    prior: float
    pace: float
    newcomer: float
    levels: tuple[float, ...]
    shares: tuple[float, ...]
    risks: tuple[float, ...]

    def step(self, requests: int, before: int) -> float:
        """The share in the new level of a fold of so many requests, of a tenant that had sent so many `before`."""
        return step(requests, before, self.pace, self.newcomer)

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


def step(requests: float, before: float, pace: float, newcomer: float) -> float:
    """The share that a fold has in the new level: `pace` for 16 requests, or its part of all requests when that is more.

    >>> step(16, 1000, 0.45, 8.0), step(8, 0, 0.45, 8.0), step(1, 0, 0.45, 9.0)
    (0.45, 0.5, 0.1)
    """
    return min(1.0, max(pace * requests / FOLD_REQUESTS, requests / (before + requests + newcomer)))
