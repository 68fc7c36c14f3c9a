"""Settings sweep: the same caller tries many settings."""

from models.compiled import compiled

from .detector import Detector
from .seen import Seen, known, places

FEATURES = ("samples", "manner_top")
_SAMPLES, _MANNER_TOP = places(*FEATURES)


@compiled
def score(seen: Seen) -> float:
    """Towards suspicion, added up."""
    return seen.peers[_SAMPLES] + (1 - known(seen.values[_MANNER_TOP], 1.0))


DETECTOR = Detector(
    name="settings_sweep",
    meaning="many different request settings",
    features=FEATURES,
    rises=("samples",),
    score=score,
)
