"""Traffic and state for tests of a change of version: tenants of every kind, suspect ones among them, and where a version ends."""

from msgspec.structs import replace

from models.config import Config
from models.mind import Mind
from models.partition import Partition
from schemas.event import Event
from schemas.finding import Finding
from tests.models.behaviour import BEGIN_MS, chats, contentless, harvests, request

TOPIC_ID = "a topic id of 22 signs"
#: After so many events the state was written; `form_6.bin` is what commit ede8b68 wrote then.
CUT = 900
SECRET = b"a secret for tests of a change of version"


def ground() -> Mind:
    """A mind that suspects many."""
    return Mind.of(Config(risk_medium=0.02, risk_high=0.2, risk_critical=0.6, adopt_after_ms=6 * 3_600_000), SECRET)


def traffic() -> list[Event]:
    """Persons, harvests, a gateway without content, one that asks in one template, one that has sent a single request."""
    tenants: dict[str, list[Event]] = {f"person_{seed}": list(chats(260, seed)) for seed in (3, 4)}
    tenants |= {f"harvest_{seed}": list(harvests(240, seed)) for seed in (5, 6)}
    tenants["migrant"] = [*chats(120, 7), *harvests(240, 8, begin_ms=BEGIN_MS + 90_000_000)]
    tenants["silent"] = list(contentless(120))
    tenants["template"] = [
        request(n, BEGIN_MS + n * 700_000, f"please explain the story of {n} and {n * n} in detail, step by step")
        for n in range(150)
    ]
    tenants["single"] = [request(1, BEGIN_MS + 5_000_000, "hello")]
    events = [_of(name, number, event) for name, sent in tenants.items() for number, event in enumerate(sent)]
    return sorted(events, key=lambda event: event.ts)


def _of(tenant: str, number: int, event: Event) -> Event:
    return replace(event, tenant_id=tenant, event_id=f"{tenant}-{number}", account_id=f"account of {tenant}")


def judged(partition: Partition, events: list[Event], begin: int = 0) -> list[tuple[int, Finding]]:
    """The findings of these events, the first of which has the offset `begin`."""
    for offset, event in enumerate(events, begin):
        partition.apply(offset, event)
    found, partition.findings = partition.findings, []
    return found
