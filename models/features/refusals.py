"""Refusals: how often the model would not."""

from typing import Any

from models.compiled import compiled
from models.look import ANSWERED, REFUSED

from .arithmetic import flagged, share
from .feature import Feature


@compiled
def measure(looks: Any, gaps: Any, topics: Any, past: Any, out: Any) -> None:  # noqa: ARG001 - one form for all families
    """The values of `FEATURES`, in order."""
    out[0] = share(flagged(looks, REFUSED), flagged(looks, ANSWERED))


FEATURES = (
    Feature(
        name="refused",
        unit="share",
        low=0,
        high=1,
        grain=0.04,
        suspicious=1,
        cost_us=0.2,
        held_bytes=22,
        meaning="answers that were refusals",
    ),
)
