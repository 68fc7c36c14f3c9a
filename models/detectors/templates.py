"""Templates: few beginnings, little variety in length."""

from models.compiled import compiled

from .detector import Detector
from .seen import Seen, places

FEATURES = ("head_top", "head_heavy", "characters_spread")
_HEAD_TOP, _HEAD_HEAVY, _CHARACTERS_SPREAD = places(*FEATURES)


@compiled
def score(seen: Seen) -> float:
    """Towards suspicion, added up."""
    return seen.peers[_HEAD_TOP] + seen.peers[_HEAD_HEAVY] + seen.peers[_CHARACTERS_SPREAD]


DETECTOR = Detector(
    name="templates",
    meaning="near-identical prompts with changing slots",
    features=FEATURES,
    rises=FEATURES,
    score=score,
)
