"""Onset: several features leave the own baseline together."""

from models.compiled import compiled

from .detector import Detector
from .seen import Seen, places

FEATURES = ("rate", "output", "head_number", "topic_entropy", "single", "large_caps")
_PLACES = places(*FEATURES)


@compiled
def score(seen: Seen) -> float:
    """Towards suspicion, added up."""
    total = 0.0
    for at in _PLACES:
        total += max(0.0, seen.change[at])
    return total


DETECTOR = Detector(
    name="onset",
    meaning="volume, content and form leave the own baseline together",
    features=FEATURES,
    rises=FEATURES,
    score=score,
)
