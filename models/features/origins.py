"""Origins: the spread over addresses, and places the tenant never called from."""

from models.profile import Profile

from .feature import Feature, share, unknown


def addresses(profile: Profile) -> float:
    """Distinct addresses over requests."""
    held = profile.fold.addresses
    return share(len(held), sum(held.values()))


def new_addresses(profile: Profile) -> float:
    """Share of requests from addresses not known of the tenant."""
    return unknown(profile.fold.addresses, profile.known.addresses)


def new_origins(profile: Profile) -> float:
    """Share of requests from a network, country or TLS stack not known of the tenant."""
    return unknown(profile.fold.origins, profile.known.origins)


FEATURES = (
    Feature(
        name="addresses",
        unit="share",
        low=0,
        high=1,
        grain=0.1,
        suspicious=1,
        cost_us=0.7,
        held_bytes=24,
        meaning="distinct addresses over requests",
        measure=addresses,
    ),
    Feature(
        name="new_addresses",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.8,
        held_bytes=264,
        meaning="requests from addresses unknown of the tenant",
        measure=new_addresses,
    ),
    Feature(
        name="new_origins",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.8,
        held_bytes=112,
        meaning="requests from a network, country or TLS stack unknown of the tenant",
        measure=new_origins,
    ),
)
