"""The running value of each feature of a tenant, over about its last three folds."""

from typing import Any

import numpy as np
import numpy.typing as npt

from .compiled import compiled
from .risk import FOLD_REQUESTS

#: Share of a fold of sixteen requests in the running value.
SMOOTHING = 0.3

Floats = npt.NDArray[np.float64]


def share_of(requests: int) -> float:
    """The share of a fold of so many requests in the running value."""
    return SMOOTHING * min(1.0, requests / FOLD_REQUESTS)


@compiled
def smooth(olds: Any, news: Any, share: float, out: Any) -> None:
    """Write the running values after a fold; a missing one leaves it as it was, the first is taken as it is."""
    for at in range(len(out)):
        old, new = olds[at], news[at]
        if np.isnan(new):
            out[at] = old
        elif np.isnan(old):
            out[at] = new
        else:
            out[at] = old + share * (new - old)


def kept(values: Floats) -> Floats:
    """Running values as they are kept between folds: in single precision, packed or not."""
    return values.astype(np.float32).astype(np.float64)


def packed_values(values: Floats) -> bytes:
    """Running values that are kept, in bytes: 4 a value."""
    return values.astype(np.float32).tobytes()


def unpacked_values(values: bytes) -> Floats:
    """The running values that were packed."""
    return np.frombuffer(values, np.float32).astype(np.float64)
