"""Coverage: many beginnings and many topics, walked through in turn."""

from models.compiled import compiled

from .detector import Detector
from .seen import Seen, places

FEATURES = ("head_number", "topic_entropy")
_HEAD_NUMBER, _TOPIC_ENTROPY = places(*FEATURES)


@compiled
def score(seen: Seen) -> float:
    """Towards suspicion, added up."""
    return seen.peers[_HEAD_NUMBER] + seen.peers[_TOPIC_ENTROPY]


DETECTOR = Detector(
    name="coverage",
    meaning="systematic coverage of many tasks and topics",
    features=FEATURES,
    rises=FEATURES,
    score=score,
)
