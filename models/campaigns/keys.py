"""The conjunctive keys: what tenants must share, both halves of it, to be looked at together."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Rows = np.ndarray[Any, Any]
Hashes = npt.NDArray[np.uint64]


class Kind(NamedTuple):
    """A kind of key: the columns of its two halves; `content` when neither half is infrastructure."""

    name: str
    first: str
    second: str
    content: bool = False


#: One half alone names honest strangers by the dozen: a campus, a carrier's exit, a reseller's card, a public template.
KINDS = (
    Kind("opening+origin", "heads", "origins"),
    Kind("ending+origin", "tails", "origins"),
    Kind("opening+network", "heads", "networks"),
    Kind("ending+network", "tails", "networks"),
    Kind("opening+payment", "heads", "payments"),
    Kind("ending+payment", "tails", "payments"),
    Kind("network+payment", "networks", "payments"),
    Kind("opening+ending", "heads", "tails", content=True),
)


def members(rows: Rows, kind: Kind, least: int) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """Every pair of a key and the place of a tenant that has it; values that fewer than `least` tenants have are left out."""
    firsts, seconds = _common(rows[kind.first], least), _common(rows[kind.second], least)
    keys, places = [], []
    for first in range(firsts.shape[1]):
        for second in range(seconds.shape[1]):
            both = np.flatnonzero((firsts[:, first] != 0) & (seconds[:, second] != 0))
            left, right = firsts[both, first].astype(np.uint64), seconds[both, second].astype(np.uint64)
            keys.append(left << np.uint64(32) | right)
            places.append(both)
    return np.concatenate(keys), np.concatenate(places)


def _common(column: Rows, least: int) -> Rows:
    """The column without the values that too few rows have."""
    _, inverse, counts = np.unique(column, return_inverse=True, return_counts=True)
    return np.where((counts >= least)[inverse].reshape(column.shape), column, 0)
