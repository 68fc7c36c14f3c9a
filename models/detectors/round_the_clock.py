"""Round the clock: even use of all hours, which offices and users do not have."""

from models.compiled import compiled

from .detector import Detector
from .seen import Seen, places

FEATURES = ("active_hours", "hour_evenness")
_ACTIVE_HOURS, _HOUR_EVENNESS = places(*FEATURES)


@compiled
def score(seen: Seen) -> float:
    """Towards suspicion, added up."""
    return seen.peers[_ACTIVE_HOURS] + seen.peers[_HOUR_EVENNESS]


DETECTOR = Detector(
    name="round_the_clock",
    meaning="even use of all hours of the day",
    features=FEATURES,
    rises=FEATURES,
    score=score,
)
