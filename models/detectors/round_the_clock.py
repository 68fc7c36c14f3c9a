"""Round the clock: even use of all hours, which offices and users do not have."""

from .detector import Detector
from .view import View

FEATURES = ("active_hours", "hour_evenness")


def score(view: View) -> float:
    """Towards suspicion, added up."""
    return view.peers("active_hours") + view.peers("hour_evenness")


DETECTOR = Detector(
    name="round_the_clock",
    meaning="even use of all hours of the day",
    features=FEATURES,
    rises=FEATURES,
    cost_us=3.0,
    score=score,
)
