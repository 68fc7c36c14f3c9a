"""The running value of each feature of a tenant, over about its last three folds."""

import numpy as np
import numpy.typing as npt

from .risk import FOLD_REQUESTS

#: Share of a fold of sixteen requests in the running value.
SMOOTHING = 0.3

Floats = npt.NDArray[np.float64]


def smoothed(olds: Floats, news: Floats, requests: int) -> Floats:
    """The running values after a fold of so many requests; a missing one leaves it as it was, the first is taken as it is."""
    share = SMOOTHING * min(1.0, requests / FOLD_REQUESTS)
    values = np.where(np.isnan(olds), news, olds + share * (news - olds))
    return np.where(np.isnan(news), olds, values)


def kept(values: Floats) -> Floats:
    """Running values as they are kept between folds: in single precision, packed or not."""
    return values.astype(np.float32).astype(np.float64)
