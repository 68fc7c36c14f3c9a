"""Volume: more than peers send, more than the tenant used to."""

from models.compiled import compiled

from .detector import Detector
from .seen import Seen, places

FEATURES = ("rate", "day_volume")
_RATE, _DAY_VOLUME = places(*FEATURES)


@compiled
def score(seen: Seen) -> float:
    """Towards suspicion, added up."""
    return (
        seen.peers[_RATE] + seen.peers[_DAY_VOLUME] + max(0.0, seen.change[_RATE]) + max(0.0, seen.change[_DAY_VOLUME])
    )


DETECTOR = Detector(
    name="volume",
    meaning="much traffic, or much more than before",
    features=FEATURES,
    rises=FEATURES,
    score=score,
)
