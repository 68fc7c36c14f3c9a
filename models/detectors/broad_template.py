"""Broad template: the same beginning or ending around contents from everywhere."""

from models.compiled import compiled

from .detector import Detector
from .seen import Seen, places

FEATURES = ("topic_entropy", "head_top", "tail_top")
_TOPIC_ENTROPY, _HEAD_TOP, _TAIL_TOP = places(*FEATURES)


@compiled
def score(seen: Seen) -> float:
    """Towards suspicion, added up."""
    return seen.peers[_TOPIC_ENTROPY] + max(seen.peers[_HEAD_TOP], seen.peers[_TAIL_TOP])


DETECTOR = Detector(
    name="broad_template",
    meaning="one template around contents from many topics",
    features=FEATURES,
    rises=FEATURES,
    score=score,
)
