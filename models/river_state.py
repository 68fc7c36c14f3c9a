"""River's estimators as numbers: packed exactly, rebuilt exactly, and refused when River lays them out otherwise."""

import struct
from collections.abc import Callable
from math import sqrt
from typing import Protocol

from river import stats

from schemas.errors import ForeignState

#: Share of a new fold in a baseline: it remembers about 20 folds, some 300 requests.
FADING = 0.05
MOST_WEIGHT = 65_535
_KEPT, _BEGUN = 1 - FADING, 1

_MEAN = struct.Struct("<dddBd")  # mean, fading, 1 - fading, begun, fading
_VAR = struct.Struct("<dddBdddBdd")  # the same of values, then of squares, then the fading twice
_PACKED = struct.Struct("<ddH")


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


# River's estimators are thin wrappers of compiled ones. A fold asks 37 of each, and a call through a wrapper costs as
# much as the estimate: so the compiled ones are held here.
_Mean: Callable[[float], "_Estimator"] = type(stats.EWMean(FADING)._ewmean)
_Var: Callable[[float], "_Estimator"] = type(stats.EWVar(FADING)._ewvar)


class Baseline:
    """What one feature is at one tenant: River's exponentially weighted mean and variance, and how many folds they saw.

    `mean` (0 of nothing), `spread` (the standard deviation) and `weight` are River's answers as of the last `learn`; do
    not set them. 18 bytes packed, about 500 hydrated; 0.35 us to learn, 2 us to unpack, and 1 us more for the first
    `learn` after that, which makes River's estimators.

    >>> baseline = Baseline()
    >>> for value in (1.0, 2.0, 2.0):
    ...     baseline.learn(value)
    >>> round(baseline.mean, 4), round(baseline.spread, 4), baseline.weight
    (1.0975, 0.2966, 3)
    >>> Baseline.unpack(baseline.pack()).mean == baseline.mean
    True
    """

    __slots__ = ("_mean", "_squares", "_var", "mean", "spread", "weight")
    PACKED_BYTES = _PACKED.size

    def __init__(self) -> None:
        self._mean: _Estimator | None = None
        self._var: _Estimator | None = None
        self._squares = 0.0
        self.mean = self.spread = 0.0
        self.weight = 0

    def learn(self, value: float) -> None:
        """Take in the value of one fold."""
        if self._mean is None or self._var is None:
            self._mean, self._var = self._built()
        self._mean.update(value)
        self._var.update(value)
        self.mean = self._mean.get()
        variance = self._var.get()
        self.spread = sqrt(variance) if variance > 0 else 0.0
        if self.weight < MOST_WEIGHT:
            self.weight += 1

    def pack(self) -> bytes:
        """The baseline in 18 bytes; raises `ForeignState` under a River release whose layout is not known."""
        check_layout()
        if self._var is None:
            return _PACKED.pack(self.mean, self._squares, self.weight)
        fields = _VAR.unpack(self._var.__getstate__())
        return _PACKED.pack(fields[0], fields[4], self.weight)

    @classmethod
    def unpack(cls, packed: bytes) -> "Baseline":
        """The baseline that was packed, bit for bit."""
        check_layout()
        mean, squares, weight = _PACKED.unpack(packed)
        made = cls()
        if weight:
            made.mean, made._squares, made.weight = mean, squares, weight
            var = made._var_of_packed()
            made.spread = sqrt(max(0.0, var.get()))
        return made

    def _built(self) -> tuple[_Estimator, _Estimator]:
        """River's estimators as they were when this was packed; new ones of a baseline that learned nothing."""
        mean, var = _Mean(FADING), _Var(FADING)
        if self.weight:
            mean.__setstate__(_MEAN.pack(self.mean, FADING, _KEPT, _BEGUN, FADING))
            var = self._var_of_packed()
        return mean, var

    def _var_of_packed(self) -> _Estimator:
        var = _Var(FADING)
        var.__setstate__(
            _VAR.pack(self.mean, FADING, _KEPT, _BEGUN, self._squares, FADING, _KEPT, _BEGUN, FADING, FADING)
        )
        return var


def check_layout() -> None:
    """Raise `ForeignState` under a River release whose layout is not known."""
    if not LAYOUT_IS_KNOWN:
        raise ForeignState(
            "the installed release of river keeps its statistics in an unknown form; install river 0.26.1"
        )
