"""New manner: settings, models or system prompts that the tenant never used."""

from .detector import Detector
from .view import View

FEATURES = ("new_manners", "new_models")


def score(view: View) -> float:
    """Towards suspicion, added up."""
    return view.value("new_manners") + view.value("new_models")


DETECTOR = Detector(
    name="new_manner",
    meaning="a manner of calling unknown of the tenant",
    features=FEATURES,
    rises=FEATURES,
    cost_us=1.0,
    score=score,
)
