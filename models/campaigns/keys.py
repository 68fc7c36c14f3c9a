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
#:
#: Left out, for it joins honest tenants rather than an operator's (false tenant-days of the operator with a thousand accounts, two seeds,
#: with what he leaks; 0.24% and 1.18%, 49% and 33% as it is):
#:
#: - when a tenant was first seen, beside its templates: 0.24% and 1.68% (49%, 32%) by the hour, 0.29% and 1.80% (48%, 31%) by six hours;
#:   beside its places and cards by the hour 1.31% and 42% on the first seed. Launch days and courses begin together too;
#: - the topics of its prompts: of 999 accounts 939 had three heaviest topics of their own, as honest tenants have;
#: - the style of its prompts: beside places and cards 1.60% (40%), beside templates and first hours 1.55% (48%), on the first seed.
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
