"""Peer groups: which tenants a tenant's level is compared with; a function of its own state alone."""

from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from .compiled import compiled
from .features import INDEX

#: In the order of their numbers; the last one is for declared evaluators, who are nobody's peers and are left out of all rates.
PEER_GROUPS = ("young", "light", "medium", "repeated", "varied")
DECLARED = "declared"

#: Requests that a tenant is young for; requests in 24 hours (log2) from which it is medium and heavy; and the share of prompts
#: with a frequent beginning from which a heavy one repeats itself.
YOUNG_REQUESTS, MEDIUM_LOG2, HEAVY_LOG2, REPEATED = 64, 6.0, 9.0, 0.3
_DAY_VOLUME, _HEAD_HEAVY = INDEX["day_volume"], INDEX["head_heavy"]


class Spread(Struct, frozen=True):
    """Where the highest levels of a group's honest tenant-days lie, as normal deviates of all honest tenant-days."""

    location: float = 0.0
    scale: float = 1.0


def peer_group(requests: int, values: npt.NDArray[np.float64]) -> str:
    """The group of a tenant after so many requests, by the smoothed features of its present fold.

    young     fewer than 64 requests so far
    light     fewer than 64 requests in 24 hours
    medium    64 to 511
    repeated  512 or more, at least three in ten prompts with one of a few beginnings, or without prompts: programs
    varied    512 or more, whose prompts begin in many ways: platforms, evaluation suites, and most extraction

    Chosen on seven held-out sources (1,821 honest tenants, 5,472 tenant-days; nominal share at Medium 0.15%). What tells the false rates
    of tenants apart is how much they send and whether they repeat themselves; hours, turns of conversation, system prompts
    and settings tell little beside these:

    | group | tenant-days | reach the level of 3% | of 0.5% | of 0.15% (Medium) | attackers among them |
    |---|---|---|---|---|---|
    | young | 3,013 | 0.5% | 0.07% | 0.03% | 18% |
    | light | 2,062 | 1.0% | 0.15% | 0.04% | 19% |
    | medium | 2,568 | 2.0% | 0.4% | 0.04% | 24% |
    | repeated | 1,200 | 7.0% | 0.9% | 0.25% | 10% |
    | varied | 345 | 12% | 2.9% | 1.7% | 38% |

    So the groups differ by forty times, and attackers are where the false rate is high. Each group therefore has its own spread in the
    table (`References.spread`), and a deployment is measured by how far its groups are from those: to make the groups' false rates
    equal would silence the heavy ones, where the attackers are.
    """
    return PEER_GROUPS[group_of(requests, values)]


@compiled
def group_of(requests: int, values: Any) -> int:
    """The number of that group."""
    if requests < YOUNG_REQUESTS:
        return 0
    volume = values[_DAY_VOLUME]
    if volume < HEAVY_LOG2:
        return 1 if volume < MEDIUM_LOG2 else 2
    return 4 if values[_HEAD_HEAVY] < REPEATED else 3
