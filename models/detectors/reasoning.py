"""Reasoning: chains of thought in bulk."""

from .detector import Detector
from .view import View

FEATURES = ("reasoning", "output")


def score(view: View) -> float:
    """Towards suspicion, added up."""
    return view.peers("reasoning") + view.peers("output") + max(0.0, view.change("reasoning"))


DETECTOR = Detector(
    name="reasoning",
    meaning="reasoning asked for more than others do, or than before",
    features=FEATURES,
    rises=FEATURES,
    cost_us=3.0,
    score=score,
)
