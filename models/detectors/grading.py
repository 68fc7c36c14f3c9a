"""Grading: long questions, one-word answers, always in the same frame."""

from models.compiled import compiled

from .detector import Detector
from .seen import Seen, places

FEATURES = ("small_caps", "head_top", "characters_spread", "topic_entropy")
_SMALL_CAPS, _HEAD_TOP, _CHARACTERS_SPREAD, _TOPIC_ENTROPY = places(*FEATURES)


@compiled
def score(seen: Seen) -> float:
    """Towards suspicion, added up."""
    return (
        min(2.0, max(0.0, seen.peers[_SMALL_CAPS]))
        * (1 + max(0.0, seen.peers[_HEAD_TOP]) + max(0.0, seen.peers[_TOPIC_ENTROPY]))
        + seen.peers[_CHARACTERS_SPREAD]
    )


DETECTOR = Detector(
    name="grading",
    meaning="answers of a few tokens to long framed prompts, as in reward grading",
    features=FEATURES,
    rises=FEATURES,
    score=score,
)
