"""Origins: calls from networks and machines that the tenant never used."""

from .detector import Detector
from .view import View

FEATURES = ("new_origins", "new_addresses", "addresses")


def score(view: View) -> float:
    """Towards suspicion, added up."""
    return view.value("new_origins") + 0.3 * view.value("new_addresses") + 0.1 * view.value("addresses")


DETECTOR = Detector(
    name="origins",
    meaning="calls from places unknown of the tenant",
    features=FEATURES,
    rises=FEATURES,
    cost_us=1.5,
    score=score,
)
