"""Templates: few beginnings, little variety in length."""

from .detector import Detector
from .view import View

FEATURES = ("head_top", "head_heavy", "characters_spread")


def score(view: View) -> float:
    """Towards suspicion, added up."""
    return view.peers("head_top") + view.peers("head_heavy") + view.peers("characters_spread")


DETECTOR = Detector(
    name="templates",
    meaning="near-identical prompts with changing slots",
    features=FEATURES,
    rises=FEATURES,
    cost_us=3.0,
    score=score,
)
