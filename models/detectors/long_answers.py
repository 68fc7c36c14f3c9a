"""Long answers: the output is the training set."""

from .detector import Detector
from .view import View

FEATURES = ("output", "expansion")


def score(view: View) -> float:
    """Towards suspicion, added up."""
    return view.peers("output") + 0.3 * view.peers("expansion") + max(0.0, view.change("output"))


DETECTOR = Detector(
    name="long_answers",
    meaning="longer answers than others have, or had before",
    features=FEATURES,
    rises=FEATURES,
    cost_us=3.0,
    score=score,
)
