"""What a fold looks like: its features beside the tenant's own baseline and its peers' range, and what the detectors say."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.features import FEATURES, INDEX

from .comparison import compare, make_usual
from .ground import NOWHERE, Ground, Range
from .scores import DETECTORS
from .seen import Floats, Seen

NUMBER = len(FEATURES)
#: Signed distances of all features from the peers' medians, then of all from the own means, then all scores.
INPUTS = 2 * NUMBER + len(DETECTORS)


class Own(NamedTuple):
    """What a tenant is used to, one number a feature: mean, standard deviation, and the folds they rest on (0: nothing yet)."""

    means: Floats
    spreads: Floats
    weights: npt.NDArray[np.uint16]


class View:
    """One fold, compared and scored; every answer is finite, and 0 where the events do not carry a feature.

    `values` are the features in table order (NaN: missing), each an exponentially weighted mean over about the last
    three folds; `own` is what the tenant is used to, as of now. `inputs` are what a forest may ask for: the signed distances of all
    features from the peers' medians, then of all from the own means (NaN: unknown), then the detectors' scores. `towards` has two
    rows, the same distances towards suspicion. Costs 4 us to make, nothing when it was compared already.
    """

    __slots__ = ("_ground", "inputs", "own", "towards", "values")

    def __init__(
        self, values: Floats, own: Own, ground: Ground, inputs: Floats | None = None, towards: Floats | None = None
    ) -> None:
        self.values, self.own, self._ground = values, own, ground
        if inputs is None or towards is None:
            inputs, towards = np.empty(INPUTS), np.empty((2, NUMBER))
            compare(values, *own, ground.scales, inputs, towards)
        self.inputs, self.towards = inputs, towards

    @property
    def scales(self) -> Floats:
        """What distances are measured in: a row a feature, as `Ground` has them."""
        return self._ground.scales

    @property
    def seen(self) -> Seen:
        """The fold as detectors are given it."""
        return Seen(self.values, self.towards[0], self.towards[1])

    @property
    def scores(self) -> Floats:
        """What each detector says, in their order."""
        return self.inputs[2 * NUMBER :]

    @property
    def deviations(self) -> Floats:
        """Signed distances of all features from the peers' medians, then of all from the own means; NaN where unknown."""
        return self.inputs[: 2 * NUMBER]

    @property
    def moved(self) -> Floats:
        """Signed distances of all features from the own means, in two own deviations; NaN where the feature is missing."""
        return self.inputs[NUMBER : 2 * NUMBER]

    def has(self, name: str) -> bool:
        """Whether the feature is known in this fold."""
        value = self.values[INDEX[name]]
        return bool(value == value)  # noqa: PLR0124 - not NaN

    def value(self, name: str) -> float:
        """The feature itself, in its unit; 0 where it is missing."""
        return float(self.values[INDEX[name]]) if self.has(name) else 0.0

    def expected(self, name: str) -> float | None:
        """The tenant's own mean; None while nothing was learned."""
        at = INDEX[name]
        return float(self.own.means[at]) if self.own.weights[at] else None

    def with_usual(self, name: str) -> "View":
        """The same fold, had this feature been as usual: at the peers' median and at the own mean, both at once."""
        values, inputs, towards = self.values.copy(), self.inputs.copy(), self.towards.copy()
        make_usual(INDEX[name], values, self.own.means, self.own.weights, self._ground.scales, inputs, towards)
        return View(values, self.own, self._ground, inputs, towards)

    def weight(self, name: str) -> int:
        """The folds that the own mean rests on."""
        return int(self.own.weights[INDEX[name]])

    def range(self, name: str) -> Range:
        """Where the peers lie; all 0 while there is no reference."""
        return self._ground.peers[INDEX[name]] or NOWHERE
