"""Onset: several features leave the own baseline together."""

from .detector import Detector
from .view import View

FEATURES = ("rate", "output", "head_number", "topic_entropy", "single", "large_caps")


def score(view: View) -> float:
    """Towards suspicion, added up."""
    return sum([max(0.0, view.change(name)) for name in FEATURES])


DETECTOR = Detector(
    name="onset",
    meaning="volume, content and form leave the own baseline together",
    features=FEATURES,
    rises=FEATURES,
    cost_us=5.0,
    score=score,
)
