"""Broad template: the same beginning or ending around contents from everywhere."""

from .detector import Detector
from .view import View

FEATURES = ("topic_entropy", "head_top", "tail_top")


def score(view: View) -> float:
    """Towards suspicion, added up."""
    return view.peers("topic_entropy") + max(view.peers("head_top"), view.peers("tail_top"))


DETECTOR = Detector(
    name="broad_template",
    meaning="one template around contents from many topics",
    features=FEATURES,
    rises=FEATURES,
    cost_us=3.0,
    score=score,
)
