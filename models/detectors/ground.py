"""What every fold is compared with, laid out once for many folds: the peers' ranges."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from models.features import FEATURES

GRAINS = tuple(feature.grain for feature in FEATURES)
SUSPICIOUS = tuple(feature.suspicious for feature in FEATURES)


class Range(Struct, frozen=True, array_like=True):
    """Where honest tenants lie: 5th, 50th and 95th percentile of a feature."""

    low: float
    middle: float
    high: float


NOWHERE = Range(0.0, 0.0, 0.0)


class Ground:
    """The peers' ranges, read-only; made once for a table of references.

    `scales` has a row for each feature: the median (NaN where there is no range), the distance that counts as 1 above
    and below it, the grain.
    """

    __slots__ = ("peers", "scales")

    def __init__(self, peers: Sequence[Range | None]) -> None:
        self.peers = peers
        self.scales: npt.NDArray[np.float64] = np.array(list(map(_scale, peers, GRAINS)))


def _scale(peers: Range | None, grain: float) -> tuple[float, float, float, float]:
    if peers is None:
        return float("nan"), grain, grain, grain
    return peers.middle, max(grain, peers.high - peers.middle), max(grain, peers.middle - peers.low), grain
