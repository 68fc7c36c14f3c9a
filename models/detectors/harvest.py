"""Harvest: even hours, long answers, endings alike, topics spread: an honest tenant has one of them, a harvest most."""

from .detector import Detector
from .view import View

FEATURES = ("hour_evenness", "output", "tail_over_head", "topic_entropy", "characters")


def score(view: View) -> float:
    """Their sum, each cut off at twice the peers' 95th percentile: no single one can make a harvest."""
    return sum([min(view.peers(name), 2.0) for name in FEATURES])


DETECTOR = Detector(
    name="harvest",
    meaning="several marks of a harvest together",
    features=FEATURES,
    rises=FEATURES,
    cost_us=4.0,
    score=score,
)
