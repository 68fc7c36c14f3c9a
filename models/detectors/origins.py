"""Origins: calls from networks and machines that the tenant never used."""

from models.compiled import compiled

from .detector import Detector
from .seen import Seen, known, places

FEATURES = ("new_origins", "new_addresses", "addresses")
_NEW_ORIGINS, _NEW_ADDRESSES, _ADDRESSES = places(*FEATURES)


@compiled
def score(seen: Seen) -> float:
    """Towards suspicion, added up."""
    return (
        known(seen.values[_NEW_ORIGINS], 0.0)
        + 0.3 * known(seen.values[_NEW_ADDRESSES], 0.0)
        + 0.1 * known(seen.values[_ADDRESSES], 0.0)
    )


DETECTOR = Detector(
    name="origins",
    meaning="calls from places unknown of the tenant",
    features=FEATURES,
    rises=FEATURES,
    score=score,
)
