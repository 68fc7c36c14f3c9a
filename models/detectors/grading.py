"""Grading: long questions, one-word answers, always in the same frame."""

from .detector import Detector
from .view import View

FEATURES = ("small_caps", "head_top", "characters_spread", "topic_entropy")


def score(view: View) -> float:
    """Towards suspicion, added up."""
    return min(2.0, max(0.0, view.peers("small_caps"))) * (
        1 + max(0.0, view.peers("head_top")) + max(0.0, view.peers("topic_entropy"))
    ) + view.peers("characters_spread")


DETECTOR = Detector(
    name="grading",
    meaning="answers of a few tokens to long framed prompts, as in reward grading",
    features=FEATURES,
    rises=FEATURES,
    cost_us=3.0,
    score=score,
)
