"""What a detector may look at: the fold's features beside the tenant's own baseline and its peers' range."""

from collections.abc import Sequence
from math import inf

from msgspec import Struct

from ..features import FEATURES, INDEX
from ..river_state import Baseline

MOST = 3.0
#: Folds after which half of a deviation from the own baseline is believed.
HALF_BELIEVED = 4
GRAINS = tuple(feature.grain for feature in FEATURES)
SUSPICIOUS = tuple(feature.suspicious for feature in FEATURES)


class Range(Struct, frozen=True, array_like=True):
    """Where honest tenants lie: 5th, 50th and 95th percentile of a feature."""

    low: float
    middle: float
    high: float


NOWHERE = Range(0.0, 0.0, 0.0)


class View:
    """One fold, ready to be scored; every answer is finite, and 0 where the events do not carry a feature.

    `values` are the features in table order (NaN: missing), each an exponentially weighted mean over about the last three
    folds. Costs 0.5 us a question.
    """

    __slots__ = ("_baselines", "_peers", "values")

    def __init__(self, values: Sequence[float], baselines: Sequence[Baseline], peers: Sequence[Range | None]) -> None:
        self.values, self._baselines, self._peers = values, baselines, peers

    def has(self, name: str) -> bool:
        """Whether the feature is known in this fold."""
        value = self.values[INDEX[name]]
        return value == value  # noqa: PLR0124 - not NaN

    def value(self, name: str, default: float = 0.0) -> float:
        """The feature itself, in its unit; `default` where it is missing."""
        value = self.values[INDEX[name]]
        return value if value == value else default  # noqa: PLR0124

    def expected(self, name: str) -> float | None:
        """The tenant's own mean; None while nothing was learned."""
        baseline = self._baselines[INDEX[name]]
        return baseline.mean if baseline.weight else None

    def peers(self, name: str) -> float:
        """How far from honest tenants' median towards suspicion: 1 is their 95th percentile; within -3 and 3."""
        at = INDEX[name]
        value, peers = self.values[at], self._peers[at]
        if value != value or peers is None:  # noqa: PLR0124
            return 0.0
        away = value - peers.middle
        scale = peers.high - peers.middle if away > 0 else peers.middle - peers.low
        return _towards(SUSPICIOUS[at], away / max(scale, GRAINS[at]))

    def change(self, name: str) -> float:
        """How far from the tenant's own baseline towards suspicion, in its own deviations; within -3 and 3.

        Less is believed of a young baseline: half after four folds.
        """
        at = INDEX[name]
        value, baseline = self.values[at], self._baselines[at]
        if value != value or not baseline.weight:  # noqa: PLR0124
            return 0.0
        away = (value - baseline.mean) / (2 * max(baseline.spread, GRAINS[at]))
        return _towards(SUSPICIOUS[at], away * baseline.weight / (baseline.weight + HALF_BELIEVED))

    def oddness(self, name: str) -> float:
        """The greater of both, for explaining; minus infinity where the feature is missing."""
        return max(self.peers(name), self.change(name)) if self.has(name) else -inf


def _towards(suspicious: int, away: float) -> float:
    towards = away * suspicious if suspicious else abs(away)
    return min(max(towards, -MOST), MOST)
