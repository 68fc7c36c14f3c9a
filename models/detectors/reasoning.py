"""Reasoning: chains of thought in bulk."""

from models.compiled import compiled

from .detector import Detector
from .seen import Seen, places

FEATURES = ("reasoning", "output")
_REASONING, _OUTPUT = places(*FEATURES)


@compiled
def score(seen: Seen) -> float:
    """Towards suspicion, added up."""
    return seen.peers[_REASONING] + seen.peers[_OUTPUT] + max(0.0, seen.change[_REASONING])


DETECTOR = Detector(
    name="reasoning",
    meaning="reasoning asked for more than others do, or than before",
    features=FEATURES,
    rises=FEATURES,
    score=score,
)
