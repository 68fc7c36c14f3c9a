"""From a configuration to records and labels: who takes part, and everything they sent in the order of time."""

from collections.abc import Iterator
from random import Random
from typing import Literal

from msgspec import Struct

from streams.simulation.attacks import ATTACKS
from streams.simulation.honest import HONEST
from streams.simulation.kinds import Kind
from streams.simulation.scene import Scene, Simulation
from streams.simulation.tenant import Tenant


class TenantLabel(Struct, frozen=True, kw_only=True):
    """The truth about one tenant: `events` it sent, and the times of those that were an attack, ascending."""

    tenant_id: str
    label: Literal["benign", "attack"]
    kind: str
    campaign: str | None
    events: int
    begin_ms: int
    end_ms: int
    attack_ts: list[int]


def simulate(config: Simulation) -> tuple[Iterator[bytes], list[TenantLabel]]:
    """Simulate traffic: records in the order of (ts, event_id), and one label a tenant.

    The same configuration gives the same bytes, on any machine. Everything is made before the first record is handed
    out: about 50 us and 1.7 kB a request.
    """
    events: list[tuple[int, str, bytes]] = []
    labels: list[TenantLabel] = []
    for kind, scene, tenant in _cast(config):
        sent = [event for event in tenant.events if event[0] < config.end_ms]
        labels.append(_label(config, kind, scene, tenant, len(sent)))
        events += sent
    events.sort(key=lambda event: event[:2])
    return (record for _, _, record in events), labels


def _cast(config: Simulation) -> Iterator[tuple[Kind, Scene, Tenant]]:
    """Honest tenants, one of each kind and then as common as they are; then the campaigns, each kind in turn."""
    rng = Random(config.seed)  # noqa: S311 - repeatable on purpose
    number, left = 0, config.tenants
    while left > 0:
        kind = HONEST[number] if number < len(HONEST) else rng.choices(HONEST, [k.weight for k in HONEST])[0]
        made = list(_play(config, kind, number))[:left]
        yield from made
        number, left = number + 1, left - len(made)
    for campaign in range(config.attackers):
        yield from _play(config, ATTACKS[campaign % len(ATTACKS)], campaign)


def _play(config: Simulation, kind: Kind, number: int) -> Iterator[tuple[Kind, Scene, Tenant]]:
    scene = Scene(config, kind.name, number)
    kind.make(scene)
    return ((kind, scene, tenant) for tenant in scene.tenants)


def _label(config: Simulation, kind: Kind, scene: Scene, tenant: Tenant, events: int) -> TenantLabel:
    return TenantLabel(
        tenant_id=tenant.who.tenant_id,
        label=kind.label,
        kind=kind.name,
        campaign=scene.name if kind.label == "attack" else None,
        events=events,
        begin_ms=config.start_ms,
        end_ms=config.end_ms,
        attack_ts=sorted(ts for ts in tenant.attack_ts if ts < config.end_ms),
    )
