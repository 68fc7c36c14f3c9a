"""Metronome: requests follow each other more evenly than people or queues make them."""

from .detector import Detector
from .view import View

FEATURES = ("gap_spread",)


def score(view: View) -> float:
    """Towards suspicion, added up."""
    return view.peers("gap_spread")


DETECTOR = Detector(
    name="metronome",
    meaning="evenly spaced requests",
    features=FEATURES,
    rises=FEATURES,
    cost_us=1.0,
    score=score,
)
