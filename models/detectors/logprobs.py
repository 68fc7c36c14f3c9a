"""Log-probabilities: the model's distribution, asked for token by token."""

from models.compiled import compiled

from .detector import Detector
from .seen import Seen, places

FEATURES = ("logprobs", "samples", "repeated")
_LOGPROBS, _SAMPLES, _REPEATED = places(*FEATURES)


@compiled
def score(seen: Seen) -> float:
    """Towards suspicion, added up."""
    return 2 * max(0.0, seen.peers[_LOGPROBS]) + max(0.0, seen.peers[_SAMPLES]) + max(0.0, seen.peers[_REPEATED])


DETECTOR = Detector(
    name="logprobs",
    meaning="harvest of log-probabilities",
    features=FEATURES,
    rises=FEATURES,
    score=score,
)
