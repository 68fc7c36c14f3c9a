"""Coverage: many beginnings and many topics, walked through in turn."""

from .detector import Detector
from .view import View

FEATURES = ("head_number", "topic_entropy")


def score(view: View) -> float:
    """Towards suspicion, added up."""
    return view.peers("head_number") + view.peers("topic_entropy")


DETECTOR = Detector(
    name="coverage",
    meaning="systematic coverage of many tasks and topics",
    features=FEATURES,
    rises=FEATURES,
    cost_us=3.0,
    score=score,
)
