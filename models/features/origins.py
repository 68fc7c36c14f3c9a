"""Origins: the spread over addresses and keys, and places the tenant never called from."""

from models.profile import Profile

from .feature import MISSING, Feature, share


def addresses(profile: Profile) -> float:
    """Distinct addresses over requests."""
    held = profile.fold.addresses
    return share(len(set(held)), len(held))


def keys(profile: Profile) -> float:
    """Distinct keys over requests."""
    held = profile.fold.keys
    return share(len(set(held)), len(held))


def new_addresses(profile: Profile) -> float:
    """Share of requests from addresses not known of the tenant."""
    fold, known = profile.fold, profile.known.addresses
    return share(sum(1 for address in fold.addresses if address not in known), len(fold.addresses)) if known else MISSING


def new_origins(profile: Profile) -> float:
    """Share of requests from a network, country or TLS stack not known of the tenant."""
    fold, known = profile.fold, profile.known.origins
    return share(sum(1 for origin in fold.origins if origin not in known), len(fold.origins)) if known else MISSING


FEATURES = (
    Feature(name="addresses", unit="share", low=0, high=1, grain=0.1, suspicious=1, cost_us=0.7, held_bytes=24,
            meaning="distinct addresses over requests", measure=addresses),
    Feature(name="keys", unit="share", low=0, high=1, grain=0.1, suspicious=1, cost_us=0.7, held_bytes=24,
            meaning="distinct keys over requests", measure=keys),
    Feature(name="new_addresses", unit="share", low=0, high=1, grain=0.05, suspicious=1, cost_us=0.8, held_bytes=264,
            meaning="requests from addresses unknown of the tenant", measure=new_addresses),
    Feature(name="new_origins", unit="share", low=0, high=1, grain=0.05, suspicious=1, cost_us=0.8, held_bytes=112,
            meaning="requests from a network, country or TLS stack unknown of the tenant", measure=new_origins),
)
