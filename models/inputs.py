"""What the forest is asked with: every feature against peers and own past, and the score of every detector."""

import numpy as np

from .detectors import DETECTORS, View
from .detectors.view import Floats
from .features import FEATURES

#: The names of the inputs, in their order; a table of trees goes by them.
INPUTS: tuple[str, ...] = (
    *(f"{feature.name} away from peers" for feature in FEATURES),
    *(f"{feature.name} moved from own" for feature in FEATURES),
    *(detector.name for detector in DETECTORS),
)
_SCORES = tuple(detector.score for detector in DETECTORS)


def scores_of(view: View) -> Floats:
    """What each detector says of a fold, in their order. Costs 30 us."""
    return np.array([score(view) for score in _SCORES])


def inputs_of(view: View, scores: Floats) -> Floats:
    """The inputs of a fold, in their order; NaN where the events do not carry what one needs."""
    return np.concatenate((view.deviations, scores))
