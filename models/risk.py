"""From p-values to a risk: a score card with weights that are never negative, its level over time, and what a level means."""

from bisect import bisect_right
from collections.abc import Mapping

from msgspec import Struct

FOLD_REQUESTS = 16


class ScoreCard(Struct, frozen=True):
    """Weights by detector, the level's pace, and the table from level to risk; numbers only.

    The evidence of each detector has an exponentially weighted level: a fold of 16 requests moves it by `pace`, a
    smaller one by less. The level of the tenant is `bias` plus their weighted sum. Evidence within a tenant is not
    independent, so levels are not added up over time. `levels` and `risks` are the ends of straight pieces; risk is 0
    below the first.
    """

    bias: float
    pace: float
    weights: dict[str, float]
    levels: tuple[float, ...]
    risks: tuple[float, ...]

    def step(self, requests: int) -> float:
        """The share that a fold of so many requests has in the new level."""
        return min(1.0, self.pace * requests / FOLD_REQUESTS)

    def level(self, evidences: Mapping[str, float]) -> float:
        """The level of a tenant; never falls when a detector's evidence rises."""
        return self.bias + sum([weight * evidences.get(name, 0.0) for name, weight in self.weights.items()])

    def risk(self, level: float) -> float:
        """The risk in [0, 1) that a level stands for; never falls when the level rises."""
        at = bisect_right(self.levels, level)
        if at == 0:
            return self.risks[0]
        if at == len(self.levels):
            return self.risks[-1]
        part = (level - self.levels[at - 1]) / (self.levels[at] - self.levels[at - 1])
        return self.risks[at - 1] + part * (self.risks[at] - self.risks[at - 1])
