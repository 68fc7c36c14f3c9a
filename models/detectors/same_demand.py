"""Same demand: different questions that end alike, as a harvest asks for its format."""

from .detector import Detector
from .view import View

FEATURES = ("tail_top", "tail_over_head")


def score(view: View) -> float:
    """Towards suspicion, added up."""
    return view.peers("tail_top") + view.peers("tail_over_head")


DETECTOR = Detector(
    name="same_demand",
    meaning="different questions with the same ending",
    features=FEATURES,
    rises=FEATURES,
    cost_us=3.0,
    score=score,
)
