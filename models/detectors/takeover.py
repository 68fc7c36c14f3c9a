"""Takeover: new places, new manner, new content at once, as after a key was resold."""

from .detector import Detector
from .view import View

FEATURES = ("new_origins", "new_manners", "new_models", "topic_drift")


def score(view: View) -> float:
    """Towards suspicion, added up."""
    return sum([max(0.0, view.change(name)) for name in FEATURES])


DETECTOR = Detector(
    name="takeover",
    meaning="places, settings and content change together",
    features=FEATURES,
    rises=FEATURES,
    cost_us=4.0,
    score=score,
)
