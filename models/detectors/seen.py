"""What a detector is given: one fold as arrays, a number a feature, so that all detectors run as one piece of machine code."""

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from models.compiled import compiled
from models.features import INDEX

Floats = npt.NDArray[np.float64]


class Numbers(Protocol):
    """An array, as far as a detector needs it."""

    def __getitem__(self, place: int, /) -> float: ...


class Seen(NamedTuple):
    """One fold beside its peers and its tenant's own past; the places of features are those of the feature table.

    `values` are the features in their units (NaN: missing); `peers` how far each is from honest tenants' median towards suspicion, 1 is
    their 95th percentile; `change` how far from the own baseline towards suspicion, in own deviations, less where the baseline is
    young. Both lie within -3 and 3, and are 0 where a feature is missing.
    """

    values: Numbers
    peers: Numbers
    change: Numbers


def places(*names: str) -> tuple[int, ...]:
    """Where these features stand in the arrays."""
    return tuple(INDEX[name] for name in names)


@compiled
def known(value: float, default: float) -> float:
    """The value; `default` where it is missing."""
    return value if value == value else default  # noqa: PLR0124 - not NaN
