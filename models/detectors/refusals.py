"""Refusals: the limits of the model are being felt for."""

from .detector import Detector
from .view import View

FEATURES = ("refused",)


def score(view: View) -> float:
    """Towards suspicion, added up."""
    return view.peers("refused") + max(0.0, view.change("refused"))


DETECTOR = Detector(
    name="refusals",
    meaning="many refusals",
    features=FEATURES,
    rises=FEATURES,
    cost_us=1.5,
    score=score,
)
