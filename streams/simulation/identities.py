"""Who a simulated tenant is on the wire: addresses reserved for documentation, private networks, opaque tokens."""

import hashlib
from random import Random

import msgspec
from msgspec import Struct

from streams.simulation.rhythm import DAY_MS, HOUR_MS

# 192.0.2.0/24, 198.51.100.0/24 and 203.0.113.0/24 are few: they play the exits that strangers share (carrier NAT, VPN,
# cloud). A network of one's own is a /48 of 2001:db8::/32.
SHARED_NETS = ("192.0.2", "198.51.100", "203.0.113")
CLOUD_ASNS = tuple(range(64512, 64520))
ACCESS_ASNS = tuple(range(64600, 64640))
COUNTRIES = ("US", "DE", "FR", "GB", "IN", "BR", "JP", "KR", "NG", "SG", "MX", "PL")
SCRIPT_AGENTS = (
    "python-client/2.3",
    "python-client/2.4",
    "node-client/5.1",
    "go-client/0.9",
    "curl-script/1",
    "router/1.8",
)
APP_AGENTS = ("chat-ios/4.2", "chat-android/4.2", "webapp/11.0", "desktop/1.7", "node-client/5.1", "java-client/3.0")
TIERS = ("free", "pro", "scale", "enterprise")
TLS_STACKS = 14
BROKERS = 4  # cards that pay for many honest tenants: resellers, agencies


class Identity(Struct, frozen=True, kw_only=True):
    """What each request of a tenant says about where it came from and who pays."""

    tenant_id: str
    accounts: tuple[str, ...]
    keys: tuple[str, ...]
    ips: tuple[str, ...]
    asn: int
    country: str
    user_agent: str
    ja4: str
    created_ms: int
    tier: str
    payment_fp: str

    def joined(self, **changes: object) -> "Identity":
        """Return this identity with something that it shares with others."""
        return msgspec.structs.replace(self, **changes)


def token(prefix: str, *parts: object, digits: int = 12) -> str:
    """Make an opaque name that depends on its parts alone."""
    text = "\x1f".join(map(str, parts)).encode()
    return f"{prefix}_{hashlib.blake2b(text, digest_size=digits // 2).hexdigest()}"


def network(rng: Random, shared: float = 0.2) -> str:
    """Choose a network to take addresses from; `shared` is the chance that it is one that strangers use as well."""
    if rng.random() < shared:
        return rng.choice(SHARED_NETS)
    return f"2001:db8:{rng.randrange(1, 65536):x}"


def address(rng: Random, net: str) -> str:
    """Choose an address in a network of `network`."""
    if net in SHARED_NETS:
        return f"{net}.{rng.randint(1, 254)}"
    return f"{net}:{rng.randrange(16):x}::{rng.randrange(1, 65536):x}"


def born(rng: Random, start_ms: int, young: float) -> int:
    """When an account was opened: a share `young` in the last forty days, the others long ago."""
    days = rng.uniform(0.05, 40) if rng.random() < young else 40 + rng.expovariate(1 / 300)
    return start_ms - int(days * DAY_MS) - HOUR_MS


class Place(Struct, frozen=True, kw_only=True):
    """How large and where a tenant is: addresses, logins, keys; `cloud` says that machines call, not people."""

    ips: int = 2
    accounts: int = 1
    keys: int = 1
    cloud: bool = False
    young: float = 0.3


def identity(rng: Random, name: str, start_ms: int, place: Place) -> Identity:
    """Make an identity; `name` must be unique in a simulation."""
    tenant_id = token("org", name)
    nets = [network(rng) for _ in range(max(1, place.ips // 8))]
    broker = rng.random() < 0.06
    stack = min(TLS_STACKS - 1, int(rng.expovariate(0.3)))
    return Identity(
        tenant_id=tenant_id,
        accounts=tuple(token("user", tenant_id, k) for k in range(place.accounts)),
        keys=tuple(token("key", tenant_id, k) for k in range(place.keys)),
        ips=tuple(address(rng, rng.choice(nets)) for _ in range(place.ips)),
        asn=rng.choice(CLOUD_ASNS if place.cloud else ACCESS_ASNS),
        country=rng.choice(COUNTRIES),
        user_agent=rng.choice(SCRIPT_AGENTS if place.cloud else APP_AGENTS),
        ja4=token(f"t13d15{stack:02}h2", "stack", stack),
        created_ms=born(rng, start_ms, place.young),
        tier=rng.choices(TIERS, (4, 4, 2, 1))[0],
        payment_fp=token("pf", "broker", rng.randrange(BROKERS)) if broker else token("pf", tenant_id),
    )
