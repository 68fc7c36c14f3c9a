"""What every fold is compared with, laid out once for many folds: the peers' ranges and the playbooks."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from models.features import FEATURES, INDEX

GRAINS = tuple(feature.grain for feature in FEATURES)
SUSPICIOUS = tuple(feature.suspicious for feature in FEATURES)


class Range(Struct, frozen=True, array_like=True):
    """Where honest tenants lie: 5th, 50th and 95th percentile of a feature."""

    low: float
    middle: float
    high: float


NOWHERE = Range(0.0, 0.0, 0.0)


class Weights(Struct, frozen=True, array_like=True):
    """What a feature says in a playbook, for each unit of deviation, in straight pieces.

    `above` and `below` the peers' median, `beyond` their 95th percentile as well, `risen` and `fallen` from the own mean.
    """

    above: float = 0.0
    beyond: float = 0.0
    below: float = 0.0
    risen: float = 0.0
    fallen: float = 0.0


#: A playbook ready to be asked: rows of a feature's place in the table and its five weights.
Playbook = tuple[tuple[int, float, float, float, float, float], ...]
NO_PLAYBOOKS: Mapping[str, Playbook] = {}


def rows_of(weights: Mapping[str, Weights]) -> Playbook:
    """The playbook of these weights; features that are no more are left out."""
    return tuple(
        (INDEX[name], each.above, each.beyond, each.below, each.risen, each.fallen)
        for name, each in weights.items()
        if name in INDEX
    )


class Ground:
    """Ranges and playbooks, read-only; made once for a table of references, in 0.15 ms.

    `scales` has a row for each feature: the median (NaN where there is no range), the distance that counts as 1 above
    and below it, the grain. `weights` has a table for each playbook: a row for each feature, its five weights.
    """

    __slots__ = ("names", "peers", "playbooks", "scales", "weights")

    def __init__(self, peers: Sequence[Range | None], playbooks: Mapping[str, Playbook] = NO_PLAYBOOKS) -> None:
        self.peers, self.playbooks = peers, playbooks
        self.scales: npt.NDArray[np.float64] = np.array(list(map(_scale, peers, GRAINS)))
        self.names = {name: at for at, name in enumerate(playbooks)}
        self.weights: npt.NDArray[np.float64] = np.zeros(
            (len(playbooks), len(FEATURES), len(Weights.__struct_fields__))
        )
        for number, rows in enumerate(playbooks.values()):
            for at, *said in rows:
                self.weights[number, at] = said


def _scale(peers: Range | None, grain: float) -> tuple[float, float, float, float]:
    if peers is None:
        return float("nan"), grain, grain, grain
    return peers.middle, max(grain, peers.high - peers.middle), max(grain, peers.middle - peers.low), grain
