"""Volume: more than peers send, more than the tenant used to."""

from .detector import Detector
from .view import View

FEATURES = ("rate", "day_volume")


def score(view: View) -> float:
    """Towards suspicion, added up."""
    return (
        view.peers("rate")
        + view.peers("day_volume")
        + max(0.0, view.change("rate"))
        + max(0.0, view.change("day_volume"))
    )


DETECTOR = Detector(
    name="volume",
    meaning="much traffic, or much more than before",
    features=FEATURES,
    rises=FEATURES,
    cost_us=3.0,
    score=score,
)
