"""Tenant-days of a deployment that is made up: its honest tenants as the tables say, or shifted, with attackers among them."""

import numpy as np

from models.own_null import TenantDay
from models.peers import PEER_GROUPS
from models.references import References

REFERENCES = References.shipped()
#: A tenant's days are alike.
ALIKE = 0.8
FIRST_DAY = 20_000


def tenant_days(
    seed: int,
    tenants: int = 400,
    days: int = 3,
    *,
    shift: float = 0.0,
    scale: float = 1.0,
    attackers: float = 0.0,
    groups: tuple[str, ...] = PEER_GROUPS,
) -> list[TenantDay]:
    """Highest levels whose deviates in the tables' own peer group are normal with this location and scale.

    `attackers` is the share of tenants that lie two to six deviations higher.
    """
    rng = np.random.default_rng(seed)
    out = []
    for tenant in range(tenants):
        group = groups[tenant % len(groups)]
        spread = REFERENCES.spread(group)
        own = rng.normal()
        attack = rng.uniform(2, 6) if tenant < attackers * tenants else 0.0
        for day in range(days):
            deviate = shift + scale * (ALIKE**0.5 * own + (1 - ALIKE) ** 0.5 * rng.normal()) + attack
            level = REFERENCES.card.level_at(spread.location + spread.scale * deviate)
            out.append(TenantDay(f"org_{tenant}", FIRST_DAY + day, group, min(6.0, level)))
    return out
