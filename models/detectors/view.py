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

    __slots__ = ("_away", "_change", "_ground", "_likenesses", "_moved", "_peers", "own", "values")

    def __init__(self, values: Floats, own: Own, ground: Ground) -> None:
        self.own, self._ground = own, ground
        deviations = np.empty((4, len(FEATURES)))
        likenesses = np.empty(len(ground.weights))
        _compare(values, *own, ground.scales, deviations)
        _liken(deviations, ground.weights, likenesses)
        self.values: list[float] = values.tolist()
        self._likenesses: list[float] = likenesses.tolist()
        self._away, self._moved, self._peers, self._change = deviations.tolist()

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

    def deviations(self) -> tuple[list[float], list[float]]:
        """The signed distances of all features from the peers' medians, and from the own means; 0 where unknown."""
        return self._away, self._moved

    def likeness(self, playbook: str) -> float:
        """How like the campaigns of a playbook the fold is (log-odds without offset); 0 without that playbook."""
        at = self._ground.names.get(playbook)
        return 0.0 if at is None else self._likenesses[at]

    def likest(self, playbook: str) -> str | None:
        """The feature that makes it most like the campaigns of a playbook."""
        away, moved = self._away, self._moved
        said = {
            at: _said(away[at], moved[at], *weights)
            for at, *weights in self._ground.playbooks.get(playbook, ())
            if self.values[at] == self.values[at]
        }
        return FEATURES[max(said, key=said.__getitem__)].name if said else None

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

    Units are the peers' range and two own deviations. All within -3 and 3, 0 where unknown; a young baseline is believed less.
    """
    for at in range(len(values)):
        value = values[at]
        away = moved = 0.0
        middle, above, below, grain = scales[at]
        if value == value and middle == middle:  # noqa: PLR0124 - not NaN
            away = value - middle
            away /= above if away > 0 else below
            away = min(max(away, -MOST), MOST)
        if value == value and weights[at]:  # noqa: PLR0124 - not NaN
            scale = 2 * max(spreads[at], grain)
            moved = (value - means[at]) / scale * weights[at] / (weights[at] + HALF_BELIEVED)
            moved = min(max(moved, -MOST), MOST)
        out[0, at], out[1, at] = away, moved
        sign = _SIGNS[at]
        out[2, at] = away * sign if sign else abs(away)
        out[3, at] = moved * sign if sign else abs(moved)


@compiled
def _said(away: float, moved: float, above: float, beyond: float, below: float, risen: float, fallen: float) -> float:
    """What one feature says in a playbook."""
    of_peers = above * away + beyond * max(away - 1.0, 0.0) if away > 0 else -below * away
    return of_peers + (risen * moved if moved > 0 else -fallen * moved)


@compiled
def _liken(deviations: Any, playbooks: Any, out: Any) -> None:
    """How like the campaigns of each playbook a fold of these deviations is; sums in the order of the features."""
    for number in range(len(playbooks)):
        total = 0.0
        for at in range(deviations.shape[1]):
            above, beyond, below, risen, fallen = playbooks[number, at]
            total += _said(deviations[0, at], deviations[1, at], above, beyond, below, risen, fallen)
        out[number] = total
