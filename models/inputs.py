"""What the forest is asked with: every feature against peers and own past, and the score of every detector, as a view holds them."""

from .detectors import DETECTORS
from .features import FEATURES

#: The names of the inputs, in their order; a table of trees goes by them.
INPUTS: tuple[str, ...] = (
    *(f"{feature.name} away from peers" for feature in FEATURES),
    *(f"{feature.name} moved from own" for feature in FEATURES),
    *(detector.name for detector in DETECTORS),
)
