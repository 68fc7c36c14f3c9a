"""Refusals: the limits of the model are being felt for."""

from models.compiled import compiled

from .detector import Detector
from .seen import Seen, places

FEATURES = ("refused",)
(_REFUSED,) = places(*FEATURES)


@compiled
def score(seen: Seen) -> float:
    """Towards suspicion, added up."""
    return seen.peers[_REFUSED] + max(0.0, seen.change[_REFUSED])


DETECTOR = Detector(
    name="refusals",
    meaning="many refusals",
    features=FEATURES,
    rises=FEATURES,
    score=score,
)
