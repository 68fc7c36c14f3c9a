"""Same demand: different questions that end alike, as a harvest asks for its format."""

from models.compiled import compiled

from .detector import Detector
from .seen import Seen, places

FEATURES = ("tail_top", "tail_over_head")
_TAIL_TOP, _TAIL_OVER_HEAD = places(*FEATURES)


@compiled
def score(seen: Seen) -> float:
    """Towards suspicion, added up."""
    return seen.peers[_TAIL_TOP] + seen.peers[_TAIL_OVER_HEAD]


DETECTOR = Detector(
    name="same_demand",
    meaning="different questions with the same ending",
    features=FEATURES,
    rises=FEATURES,
    score=score,
)
