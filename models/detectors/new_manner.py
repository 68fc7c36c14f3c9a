"""New manner: settings, models or system prompts that the tenant never used."""

from models.compiled import compiled

from .detector import Detector
from .seen import Seen, known, places

FEATURES = ("new_manners", "new_models")
_NEW_MANNERS, _NEW_MODELS = places(*FEATURES)


@compiled
def score(seen: Seen) -> float:
    """Towards suspicion, added up."""
    return known(seen.values[_NEW_MANNERS], 0.0) + known(seen.values[_NEW_MODELS], 0.0)


DETECTOR = Detector(
    name="new_manner",
    meaning="a manner of calling unknown of the tenant",
    features=FEATURES,
    rises=FEATURES,
    score=score,
)
