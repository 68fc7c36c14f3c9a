"""Parameters: what the caller asks the model to give beyond words, and how constant it is in asking."""

from typing import Any

from models.compiled import compiled
from models.look import CONTINUED, DESCRIBED, LARGE_CAPPED, LOGPROBS, PLAIN, REASONING, SAMPLES, SMALL_CAPPED

from .arithmetic import flagged, share, top, unknown
from .feature import Feature


@compiled
def measure(looks: Any, gaps: Any, topics: Any, past: Any, out: Any) -> None:  # noqa: ARG001 - one form for all families
    """The values of `FEATURES`, in order."""
    described = flagged(looks, DESCRIBED)
    out[0] = share(flagged(looks, LOGPROBS), described)
    out[1] = share(flagged(looks, SAMPLES), described)
    out[2] = share(flagged(looks, REASONING), described)
    out[3] = share(flagged(looks, SMALL_CAPPED), described)
    out[4] = share(flagged(looks, LARGE_CAPPED), described)
    out[5] = share(flagged(looks, PLAIN), described)
    out[6] = 1 - flagged(looks, CONTINUED) / len(looks)
    out[7] = unknown(looks.manner, past[0].known_manners)
    out[8] = top(looks.manner)
    out[9] = unknown(looks.model, past[0].known_models)


FEATURES = (
    Feature(
        name="logprobs",
        unit="share",
        low=0,
        high=1,
        grain=0.1,
        suspicious=1,
        cost_us=0.2,
        held_bytes=86,
        meaning="requests for log-probabilities",
    ),
    Feature(
        name="samples",
        unit="share",
        low=0,
        high=1,
        grain=0.1,
        suspicious=1,
        cost_us=0.2,
        held_bytes=22,
        meaning="requests for several answers to one prompt",
    ),
    Feature(
        name="reasoning",
        unit="share",
        low=0,
        high=1,
        grain=0.1,
        suspicious=1,
        cost_us=0.2,
        held_bytes=22,
        meaning="requests with reasoning switched on",
    ),
    Feature(
        name="small_caps",
        unit="share",
        low=0,
        high=1,
        grain=0.1,
        suspicious=1,
        cost_us=0.2,
        held_bytes=22,
        meaning="requests that allow an answer of 64 tokens or fewer",
    ),
    Feature(
        name="large_caps",
        unit="share",
        low=0,
        high=1,
        grain=0.1,
        suspicious=1,
        cost_us=0.2,
        held_bytes=22,
        meaning="requests that allow an answer of 2,048 tokens or more by name",
    ),
    Feature(
        name="plain",
        unit="share",
        low=0,
        high=1,
        grain=0.1,
        suspicious=1,
        cost_us=0.2,
        held_bytes=22,
        meaning="requests with neither system prompt nor tools",
    ),
    Feature(
        name="single",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.2,
        held_bytes=126,
        meaning="requests that continue no conversation",
    ),
    Feature(
        name="new_manners",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.2,
        held_bytes=110,
        meaning="requests with settings and system prompt unknown of the tenant",
    ),
    Feature(
        name="manner_top",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.2,
        held_bytes=22,
        meaning="requests made in the fold's most frequent manner",
    ),
    Feature(
        name="new_models",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.2,
        held_bytes=102,
        meaning="requests to a model unknown of the tenant",
    ),
)
