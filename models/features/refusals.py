"""Refusals: how often the model would not."""

from models.profile import Profile

from .feature import Feature, share


def refused(profile: Profile) -> float:
    """Share of answers that were refusals."""
    return share(profile.fold.refused, profile.fold.responses)


FEATURES = (
    Feature(
        name="refused",
        unit="share",
        low=0,
        high=1,
        grain=0.04,
        suspicious=1,
        cost_us=0.3,
        held_bytes=26,
        meaning="answers that were refusals",
        measure=refused,
    ),
)
