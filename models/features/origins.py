"""Origins: the spread over addresses, and places the tenant never called from."""

from typing import Any

from models.compiled import compiled

from .arithmetic import distinct, unknown
from .feature import Feature


@compiled
def measure(looks: Any, gaps: Any, topics: Any, past: Any, out: Any) -> None:  # noqa: ARG001 - one form for all families
    """The values of `FEATURES`, in order."""
    out[0] = distinct(looks.address)
    out[1] = unknown(looks.address, past[0].known_addresses)
    out[2] = unknown(looks.origin, past[0].known_origins)


FEATURES = (
    Feature(
        name="addresses",
        unit="share",
        low=0,
        high=1,
        grain=0.1,
        suspicious=1,
        cost_us=0.2,
        held_bytes=86,
        meaning="distinct addresses over requests",
    ),
    Feature(
        name="new_addresses",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.2,
        held_bytes=102,
        meaning="requests from addresses unknown of the tenant",
    ),
    Feature(
        name="new_origins",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.2,
        held_bytes=110,
        meaning="requests from a network, country or TLS stack unknown of the tenant",
    ),
)
