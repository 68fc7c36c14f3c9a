"""River's estimators as numbers: packed exactly, rebuilt exactly, and refused when River lays them out otherwise."""

import struct
from collections.abc import Callable
from math import sqrt
from typing import Protocol

import numpy as np
import numpy.typing as npt
from river import stats

from schemas.errors import ForeignState

#: Share of a new fold in a baseline: it remembers about 20 folds, some 300 requests.
FADING = 0.05
MOST_WEIGHT = 65_535
_KEPT, _BEGUN = 1 - FADING, 1

_MEAN = struct.Struct("<dddBd")  # mean, fading, 1 - fading, begun, fading
_VAR = struct.Struct("<dddBdddBdd")  # the same of values, then of squares, then the fading twice


def _layout_is_known() -> bool:
    mean, var = stats.EWMean(FADING), stats.EWVar(FADING)
    for value in (3.0, 5.0):
        mean.update(value)
        var.update(value)
    expected = mean.get()
    squares = FADING * 25.0 + (1 - FADING) * 9.0
    return bool(
        mean._ewmean.__getstate__() == _MEAN.pack(expected, FADING, _KEPT, _BEGUN, FADING)
        and len(var._ewvar.__getstate__()) == _VAR.size
        and abs(_VAR.unpack(var._ewvar.__getstate__())[4] - squares) < 1e-9
    )


LAYOUT_IS_KNOWN = _layout_is_known()


class _Estimator(Protocol):
    def update(self, value: float) -> None: ...
    def get(self) -> float: ...
    def __getstate__(self) -> bytes: ...
    def __setstate__(self, state: bytes) -> None: ...


# River's estimators are thin wrappers of compiled ones. A fold asks as many of each as there are features, and a call
# through a wrapper costs as much as the estimate: so the compiled ones are held here.
_Mean: Callable[[float], "_Estimator"] = type(stats.EWMean(FADING)._ewmean)
_Var: Callable[[float], "_Estimator"] = type(stats.EWVar(FADING)._ewvar)


class Baselines:
    """What every feature is at one tenant: River's exponentially weighted means and variances, and how many folds they saw.

    `means` (0 of nothing), `spreads` (standard deviations) and `weights` are River's answers as of the last `learn`, one a
    feature; do not set them. 18 bytes a feature packed; 0.35 us a feature to learn, and 1 us more for the first `learn`
    after unpacking, which makes River's estimators.

    >>> baselines = Baselines(2)
    >>> for value in (1.0, 2.0, 2.0):
    ...     baselines.learn([value, float("nan")])
    >>> baselines.means.round(4).tolist(), baselines.spreads.round(4).tolist(), baselines.weights.tolist()
    ([1.0975, 0.0], [0.2966, 0.0], [3, 0])
    >>> bool((Baselines.unpack(baselines.pack()).means == baselines.means).all())
    True
    """

    __slots__ = ("_estimators", "_squares", "means", "spreads", "weights")
    PACKED_BYTES = 18

    def __init__(self, features: int) -> None:
        self.means: npt.NDArray[np.float64] = np.zeros(features)
        self._squares: npt.NDArray[np.float64] = np.zeros(features)
        self.spreads: npt.NDArray[np.float64] = np.zeros(features)
        self.weights: npt.NDArray[np.uint16] = np.zeros(features, dtype=np.uint16)
        self._estimators: list[tuple[_Estimator, _Estimator]] = []

    def learn(self, values: list[float]) -> None:
        """Take in the values of one fold, one a feature; NaN teaches nothing."""
        estimators = self._estimators or self._made()
        means, spreads, weights = self.means.tolist(), self.spreads.tolist(), self.weights.tolist()
        for at, value in enumerate(values):
            if value == value:  # noqa: PLR0124 - not NaN
                mean, var = estimators[at]
                mean.update(value)
                var.update(value)
                means[at] = mean.get()
                variance = var.get()
                spreads[at] = sqrt(variance) if variance > 0 else 0.0
                if weights[at] < MOST_WEIGHT:
                    weights[at] += 1
        self.means[:], self.spreads[:], self.weights[:] = means, spreads, weights

    def pack(self) -> bytes:
        """The baselines in 18 bytes each; raises `ForeignState` under a River release whose layout is not known."""
        check_layout()
        for at, (_, var) in enumerate(self._estimators):
            if self.weights[at]:
                self._squares[at] = _VAR.unpack(var.__getstate__())[4]
        return self.means.tobytes() + self._squares.tobytes() + self.weights.tobytes()

    @classmethod
    def unpack(cls, packed: bytes) -> "Baselines":
        """The baselines that were packed, bit for bit."""
        check_layout()
        features = len(packed) // cls.PACKED_BYTES
        made = cls(features)
        made.means[:] = np.frombuffer(packed, np.float64, features)
        made._squares[:] = np.frombuffer(packed, np.float64, features, 8 * features)
        made.weights[:] = np.frombuffer(packed, np.uint16, features, 16 * features)
        # What River's variance answers: the mean of squares less the square of the mean.
        made.spreads[:] = np.sqrt(np.maximum(0.0, made._squares - made.means * made.means))
        return made

    def _made(self) -> list[tuple[_Estimator, _Estimator]]:
        """River's estimators as they were when this was packed; new ones where nothing was learned."""
        check_layout()
        for mean, squares, weight in zip(
            self.means.tolist(), self._squares.tolist(), self.weights.tolist(), strict=True
        ):
            of_mean, of_var = _Mean(FADING), _Var(FADING)
            if weight:
                of_mean.__setstate__(_MEAN.pack(mean, FADING, _KEPT, _BEGUN, FADING))
                of_var.__setstate__(
                    _VAR.pack(mean, FADING, _KEPT, _BEGUN, squares, FADING, _KEPT, _BEGUN, FADING, FADING)
                )
            self._estimators.append((of_mean, of_var))
        return self._estimators


def check_layout() -> None:
    """Raise `ForeignState` under a River release whose layout is not known."""
    if not LAYOUT_IS_KNOWN:
        raise ForeignState(
            "the installed release of river keeps its statistics in an unknown form; install river 0.26.1"
        )
