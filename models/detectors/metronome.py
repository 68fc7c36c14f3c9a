"""Metronome: requests follow each other more evenly than people or queues make them."""

from models.compiled import compiled

from .detector import Detector
from .seen import Seen, places

FEATURES = ("gap_spread",)
(_GAP_SPREAD,) = places(*FEATURES)


@compiled
def score(seen: Seen) -> float:
    """Towards suspicion, added up."""
    return seen.peers[_GAP_SPREAD]


DETECTOR = Detector(
    name="metronome",
    meaning="evenly spaced requests",
    features=FEATURES,
    rises=FEATURES,
    score=score,
)
