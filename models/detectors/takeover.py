"""Takeover: new places, new manner, new content at once, as after a key was resold."""

from models.compiled import compiled

from .detector import Detector
from .seen import Seen, places

FEATURES = ("new_origins", "new_manners", "new_models", "topic_drift")
_PLACES = places(*FEATURES)


@compiled
def score(seen: Seen) -> float:
    """Towards suspicion, added up."""
    total = 0.0
    for at in _PLACES:
        total += max(0.0, seen.change[at])
    return total


DETECTOR = Detector(
    name="takeover",
    meaning="places, settings and content change together",
    features=FEATURES,
    rises=FEATURES,
    score=score,
)
