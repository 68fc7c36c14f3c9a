"""Long answers: the output is the training set."""

from models.compiled import compiled

from .detector import Detector
from .seen import Seen, places

FEATURES = ("output", "expansion")
_OUTPUT, _EXPANSION = places(*FEATURES)


@compiled
def score(seen: Seen) -> float:
    """Towards suspicion, added up."""
    return seen.peers[_OUTPUT] + 0.3 * seen.peers[_EXPANSION] + max(0.0, seen.change[_OUTPUT])


DETECTOR = Detector(
    name="long_answers",
    meaning="longer answers than others have, or had before",
    features=FEATURES,
    rises=FEATURES,
    score=score,
)
