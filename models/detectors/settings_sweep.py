"""Settings sweep: the same caller tries many settings."""

from .detector import Detector
from .view import View

FEATURES = ("samples", "manner_top")


def score(view: View) -> float:
    """Towards suspicion, added up."""
    return view.peers("samples") + (1 - view.value("manner_top", 1.0))


DETECTOR = Detector(
    name="settings_sweep",
    meaning="many different request settings",
    features=FEATURES,
    rises=("samples",),
    cost_us=1.5,
    score=score,
)
