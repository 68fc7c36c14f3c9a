"""What a detector may look at: the fold's features beside the tenant's own baseline and its peers' range."""

from math import inf
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from models.compiled import compiled
from models.features import FEATURES, INDEX

from .ground import NOWHERE, SUSPICIOUS, Ground, Range

Floats = npt.NDArray[np.float64]

MOST = 3.0
#: Folds after which half of a deviation from the own baseline is believed.
HALF_BELIEVED = 4.0
_SIGNS = np.array([float(suspicious) for suspicious in SUSPICIOUS])


class Own(NamedTuple):
    """What a tenant is used to, one number a feature: mean, standard deviation, and the folds they rest on (0: nothing yet)."""

    means: Floats
    spreads: Floats
    weights: npt.NDArray[np.uint16]


class View:
    """One fold, ready to be scored; every answer is finite, and 0 where the events do not carry a feature.

    `values` are the features in table order (NaN: missing), each an exponentially weighted mean over about the last
    three folds; `own` is what the tenant is used to, as of now. Costs 5 us to make, 0.1 us a question.
    """

    __slots__ = ("_change", "_ground", "_peers", "deviations", "own", "values")

    def __init__(self, values: Floats, own: Own, ground: Ground) -> None:
        self.own, self._ground = own, ground
        distances = np.empty((4, len(FEATURES)))
        _compare(values, *own, ground.scales, distances)
        #: Signed distances of all features from the peers' medians, then of all from the own means; NaN where unknown.
        self.deviations: Floats = distances[:2].ravel()
        self.values: list[float] = values.tolist()
        towards: list[list[float]] = distances[2:].tolist()
        self._peers, self._change = towards

    @property
    def moved(self) -> Floats:
        """Signed distances of all features from the own means, in two own deviations; NaN where the feature is missing."""
        return self.deviations[len(FEATURES) :]

    def has(self, name: str) -> bool:
        """Whether the feature is known in this fold."""
        value = self.values[INDEX[name]]
        return bool(value == value)  # noqa: PLR0124 - not NaN

    def value(self, name: str, default: float = 0.0) -> float:
        """The feature itself, in its unit; `default` where it is missing."""
        value = self.values[INDEX[name]]
        return value if value == value else default  # noqa: PLR0124

    def expected(self, name: str) -> float | None:
        """The tenant's own mean; None while nothing was learned."""
        at = INDEX[name]
        return float(self.own.means[at]) if self.own.weights[at] else None

    def peers(self, name: str) -> float:
        """How far from honest tenants' median towards suspicion: 1 is their 95th percentile; within -3 and 3."""
        return self._peers[INDEX[name]]

    def change(self, name: str) -> float:
        """How far from the tenant's own baseline towards suspicion, in its own deviations; within -3 and 3.

        Less is believed of a young baseline: half after four folds.
        """
        return self._change[INDEX[name]]

    def with_usual(self, name: str) -> "View":
        """The same fold, had this feature been as usual: at the peers' median and at the own mean, both at once."""
        at, values = INDEX[name], np.array(self.values)
        expected = self.expected(name)
        values[at] = self.range(name).middle if expected is None else expected
        usual = View(values, self.own, self._ground)
        for distances in (usual.deviations, usual.deviations[len(FEATURES) :], usual._peers, usual._change):
            distances[at] = 0.0
        return usual

    def spread(self, name: str) -> float:
        """The own standard deviation."""
        return float(self.own.spreads[INDEX[name]])

    def weight(self, name: str) -> int:
        """The folds that the own mean rests on."""
        return int(self.own.weights[INDEX[name]])

    def range(self, name: str) -> Range:
        """Where the peers lie; all 0 while there is no reference."""
        return self._ground.peers[INDEX[name]] or NOWHERE

    def oddness(self, name: str) -> float:
        """The greater of both, for explaining; minus infinity where the feature is missing."""
        return max(self.peers(name), self.change(name)) if self.has(name) else -inf


@compiled
def _compare(values: Any, means: Any, spreads: Any, weights: Any, scales: Any, out: Any) -> None:
    """Write four rows: how far each feature is from the peers' median, from the own mean, and both towards suspicion.

    Units are the peers' range and two own deviations. All within -3 and 3; a young baseline is believed less. Unknown is
    NaN in the first two rows and 0 in the others.
    """
    for at in range(len(values)):
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
        out[0, at], out[1, at] = away, moved
        out[2, at], out[3, at] = _towards(away, _SIGNS[at]), _towards(moved, _SIGNS[at])


@compiled
def _towards(distance: float, sign: float) -> float:
    """A distance towards suspicion; 0 of an unknown one."""
    if distance != distance:  # noqa: PLR0124 - NaN
        return 0.0
    return distance * sign if sign else abs(distance)
