"""Harvest: even hours, long answers, endings alike, topics spread: an honest tenant has one of them, a harvest most."""

from models.compiled import compiled

from .detector import Detector
from .seen import Seen, places

FEATURES = ("hour_evenness", "output", "tail_over_head", "topic_entropy", "characters")
_PLACES = places(*FEATURES)


@compiled
def score(seen: Seen) -> float:
    """Their sum, each cut off at twice the peers' 95th percentile: no single one can make a harvest."""
    total = 0.0
    for at in _PLACES:
        total += min(seen.peers[at], 2.0)
    return total


DETECTOR = Detector(
    name="harvest",
    meaning="several marks of a harvest together",
    features=FEATURES,
    rises=FEATURES,
    score=score,
)
