"""River's estimators as numbers: packed exactly, rebuilt exactly, and refused when River lays them out otherwise."""

import struct
from collections import deque
from collections.abc import Callable, Iterator
from functools import cache
from itertools import compress
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from river import stats

from schemas.errors import ForeignState

from .compiled import compiled

#: Share of a new fold in a baseline: it remembers about 20 folds, some 300 requests.
FADING = 0.05
MOST_WEIGHT = 65_535
_KEPT, _BEGUN = 1 - FADING, 1

Floats = npt.NDArray[np.float64]

_VAR = struct.Struct("<dddBdddBdd")  # mean, fading, 1 - fading, begun; the same of squares; then the fading twice
#: The numbers of the states of many estimators that lie one after the other; all else in them is the same in each.
_VARS = np.dtype(
    {
        "names": ["mean", "squares"],
        "formats": 2 * ["<f8"],
        "offsets": [0, struct.calcsize("<dddB")],
        "itemsize": _VAR.size,
    }
)
_VAR_STATE = _VAR.pack(0.0, FADING, _KEPT, _BEGUN, 0.0, FADING, _KEPT, _BEGUN, FADING, FADING)


def _layout_is_known() -> bool:
    mean, var = stats.EWMean(FADING), stats.EWVar(FADING)
    for value in (3.0, 5.0):
        mean.update(value)
        var.update(value)
    state = var._ewvar.__getstate__()
    if len(state) != _VAR.size:
        return False
    squares = _VAR.unpack(state)[4]
    return bool(
        state == _VAR.pack(mean.get(), FADING, _KEPT, _BEGUN, squares, FADING, _KEPT, _BEGUN, FADING, FADING)
        and abs(squares - (FADING * 25.0 + _KEPT * 9.0)) < 1e-9
        and var.get() == squares - mean.get() * mean.get()
    )


LAYOUT_IS_KNOWN = _layout_is_known()


class _Estimator(Protocol):
    def update(self, value: float) -> None: ...
    def __getstate__(self) -> bytes: ...
    def __setstate__(self, state: bytes) -> None: ...


# River's estimators are thin wrappers of compiled ones. A fold asks as many of them as there are features, and a call through a wrapper
# costs as much as the estimate: so the compiled ones are held here. One of a variance holds the mean too, and tells both by its state.
_Var: Callable[[float], "_Estimator"] = type(stats.EWVar(FADING)._ewvar)
_learn_var: Any = type(stats.EWVar(FADING)._ewvar).update
_state_of_var: Any = type(stats.EWVar(FADING)._ewvar).__getstate__
_set_var: Any = type(stats.EWVar(FADING)._ewvar).__setstate__


class Baselines:
    """What every feature is at one tenant: River's exponentially weighted means and variances, and how many folds they saw.

    `means` (0 of nothing), `spreads` (standard deviations) and `weights` are River's answers as of the last `learn`, one a
    feature; do not set them. 18 bytes a feature packed; 0.1 us a feature to learn, and 0.5 us more for the first `learn`
    after unpacking, which makes River's estimators.

    >>> baselines = Baselines(2)
    >>> for value in (1.0, 2.0, 2.0):
    ...     baselines.learn(np.array([value, np.nan]))
    >>> baselines.means.round(4).tolist(), baselines.spreads.round(4).tolist(), baselines.weights.tolist()
    ([1.0975, 0.0], [0.2966, 0.0], [3, 0])
    >>> bool((Baselines.unpack(baselines.pack()).means == baselines.means).all())
    True
    """

    __slots__ = ("_estimators", "_squares", "means", "spreads", "weights")
    PACKED_BYTES = 18

    def __init__(self, features: int) -> None:
        self.means: Floats = np.zeros(features)
        self._squares: Floats = np.zeros(features)
        self.spreads: Floats = np.zeros(features)
        self.weights: npt.NDArray[np.uint16] = np.zeros(features, dtype=np.uint16)
        self._estimators: list[_Estimator] | None = None

    def learn(self, values: Floats) -> None:
        """Take in the values of one fold, one a feature; NaN teaches nothing."""
        estimators = self._estimators or self._made()
        news, which = values.tolist(), (values == values).tolist()  # noqa: PLR0124 - not NaN
        _every(map(_learn_var, compress(estimators, which), compress(news, which)))
        self.means, self._squares, self.spreads = np.empty((3, len(news)))
        weights = np.empty(len(news), np.uint16)
        states = np.frombuffer(b"".join(map(_state_of_var, estimators)), _VARS)
        _tell(states, values, self.weights, self.means, self._squares, self.spreads, weights)
        self.weights = weights

    def round(self) -> None:
        """Round means and squares to 20 binary digits, so that half of their bytes are zeros; River's estimators go on from there.

        A variance is then right to 6e-4 at most (of a feature up to 24), less than the square of its grain. Costs 0.5 us a feature.
        """
        self.means, self._squares = _rounded(self.means), _rounded(self._squares)
        self.spreads = _spreads(self.means, self._squares)
        if self._estimators:
            self._set(self._estimators)

    def pack(self) -> bytes:
        """The baselines in 18 bytes each; raises `ForeignState` under a River release whose layout is not known."""
        check_layout()
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
        made.spreads = _spreads(made.means, made._squares)
        return made

    def _made(self) -> "list[_Estimator]":
        """River's estimators as they were when this was packed; new ones where nothing was learned."""
        check_layout()
        self._estimators = [_Var(FADING) for _ in range(len(self.means))]
        self._set(self._estimators)
        return self._estimators

    def _set(self, estimators: "list[_Estimator]") -> None:
        """Let the estimators go on from our numbers; those that have learned nothing stay new."""
        learned = self.weights.tolist()
        written = bytearray(_VAR_STATE * len(learned))
        numbers = np.frombuffer(written, _VARS)
        numbers["mean"], numbers["squares"] = self.means, self._squares
        _every(
            map(_set_var, compress(estimators, learned), compress(_cutter(_VAR.size, len(learned))(written), learned))
        )


@compiled
def _tell(states: Any, values: Any, before: Any, means: Any, squares: Any, spreads: Any, weights: Any) -> None:
    """Write what the estimators answer after these values, by their states; `before` is how many folds they had seen."""
    for at in range(len(values)):
        mean, square = states[at].mean, states[at].squares
        means[at], squares[at] = mean, square
        spreads[at] = np.sqrt(max(0.0, square - mean * mean))
        weights[at] = before[at] + (values[at] == values[at] and before[at] < MOST_WEIGHT)


def _spreads(means: Floats, squares: Floats) -> Floats:
    """What River's variance answers, as standard deviations: the mean of squares less the square of the mean."""
    return np.sqrt(np.maximum(0.0, squares - means * means))


def _rounded(values: Floats) -> Floats:
    """The upper halves of the numbers, rounded.

    >>> _rounded(np.array([0.0, 1.5, 1 / 3])).round(9).tolist()
    [0.0, 1.5, 0.333333254]
    """
    bits = values.view(np.uint64) + np.uint64(1 << 31)
    return (bits & np.uint64(0xFFFF_FFFF_0000_0000)).view(np.float64)


def check_layout() -> None:
    """Raise `ForeignState` under a River release whose layout is not known."""
    if not LAYOUT_IS_KNOWN:
        raise ForeignState(
            "the installed release of river keeps its statistics in an unknown form; install river 0.26.1"
        )


@cache
def _cutter(size: int, number: int) -> Callable[[bytearray], tuple[bytes, ...]]:
    """Cuts so many states of this size, one after the other, into one each: three times as fast as slicing."""
    return struct.Struct(number * f"{size}s").unpack


def _every(calls: Iterator[None]) -> None:
    """Make all these calls."""
    deque(calls, maxlen=0)
