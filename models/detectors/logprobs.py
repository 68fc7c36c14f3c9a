"""Log-probabilities: the model's distribution, asked for token by token."""

from .detector import Detector
from .view import View

FEATURES = ("logprobs", "samples", "repeated")


def score(view: View) -> float:
    """Towards suspicion, added up."""
    return 2 * max(0.0, view.peers("logprobs")) + max(0.0, view.peers("samples")) + max(0.0, view.peers("repeated"))


DETECTOR = Detector(
    name="logprobs",
    meaning="harvest of log-probabilities",
    features=FEATURES,
    rises=FEATURES,
    cost_us=3.0,
    score=score,
)
