"""River's estimators as numbers: packed exactly, rebuilt exactly, and refused when River lays them out otherwise."""

import struct
from collections import deque
from collections.abc import Callable, Iterator
from functools import cache
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
_STATE_BYTES = _VAR.size
_BEGUN_AT, _SQUARES_AT, _SQUARES_BEGUN_AT = (struct.calcsize(before) for before in ("<ddd", "<dddB", "<dddBddd"))
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
    new = stats.EWVar(FADING)._ewvar.__getstate__()
    return bool(
        new == _VAR.pack(0.0, FADING, _KEPT, 0, 0.0, FADING, _KEPT, 0, FADING, FADING)
        and state == _VAR.pack(mean.get(), FADING, _KEPT, _BEGUN, squares, FADING, _KEPT, _BEGUN, FADING, FADING)
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
    feature. They are a tenant's for as long as a fold is judged, made in 2 us of 18 bytes a feature, and of those a tenant holds no
    more. River's estimators belong to the process, which judges in one thread: they take the tenant's numbers over, learn, and tell
    theirs, 0.3 us a feature. A tenant's own ones took 5 KB, and 0.5 us a feature to make after it was woken.

    >>> packed = bytes(2 * Baselines.PACKED_BYTES)
    >>> for value in (1.0, 2.0, 2.0):
    ...     packed = Baselines(packed).learned(np.array([value, np.nan]))
    >>> baselines = Baselines(packed)
    >>> baselines.means.round(4).tolist(), baselines.spreads.round(4).tolist(), baselines.weights.tolist()
    ([1.0975, 0.0], [0.2966, 0.0], [3, 0])
    """

    __slots__ = ("_packed", "means", "spreads", "weights")
    PACKED_BYTES = 18

    def __init__(self, packed: bytes) -> None:
        check_layout()
        self._packed, features = packed, len(packed) // self.PACKED_BYTES
        self.means = np.frombuffer(packed, np.float64, features)
        self.weights = np.frombuffer(packed, np.uint16, features, 16 * features)
        self.spreads = np.empty(features)
        _spread(self.means, np.frombuffer(packed, np.float64, features, 8 * features), self.spreads)

    def learned(self, values: Floats) -> bytes:
        """What they are after the values of one fold, one a feature, in bytes; NaN teaches nothing."""
        room, packed = _room(len(values)), bytearray(self._packed)
        written = np.frombuffer(packed, np.uint8)
        learning = _lend(values, written, room.written, room.news)
        estimators = room.estimators[:learning]
        _every(map(_set_var, estimators, _cutter(learning)(room.states)))
        _every(map(_learn_var, estimators, room.news.tolist()))
        _tell(values, np.frombuffer(b"".join(map(_state_of_var, estimators)), np.uint8), written)
        return bytes(packed)


class _Room:
    """Estimators for a fold, and where their states and what they learn are written."""

    __slots__ = ("estimators", "news", "states", "written")

    def __init__(self, features: int) -> None:
        self.estimators: list[_Estimator] = [_Var(FADING) for _ in range(features)]
        self.states = bytearray(_VAR_STATE * features)
        self.written, self.news = np.frombuffer(self.states, np.uint8), np.empty(features)


_room = cache(_Room)


@compiled
def _lend(values: Any, packed: Any, states: Any, news: Any) -> int:
    """Write the states of those that learn one of these values, one after the other, and those values; returns how many do."""
    learning, squares, weights = 0, 8 * len(values), 16 * len(values)
    for at in range(len(values)):
        if values[at] == values[at]:
            state = learning * _STATE_BYTES
            for byte in range(8):
                states[state + byte] = packed[8 * at + byte]
                states[state + _SQUARES_AT + byte] = packed[squares + 8 * at + byte]
            begun = packed[weights + 2 * at] > 0 or packed[weights + 2 * at + 1] > 0
            states[state + _BEGUN_AT] = states[state + _SQUARES_BEGUN_AT] = begun
            news[learning] = values[at]
            learning += 1
    return learning


@compiled
def _tell(values: Any, states: Any, packed: Any) -> None:
    """Write what those that learned these values are now, by their states."""
    learned, squares, weights = 0, 8 * len(values), 16 * len(values)
    for at in range(len(values)):
        if values[at] == values[at]:
            state = learned * _STATE_BYTES
            for byte in range(8):
                packed[8 * at + byte] = states[state + byte]
                packed[squares + 8 * at + byte] = states[state + _SQUARES_AT + byte]
            low, high = weights + 2 * at, weights + 2 * at + 1
            if packed[low] < 255:
                packed[low] += 1
            elif packed[high] < 255:
                packed[low], packed[high] = 0, packed[high] + 1
            learned += 1


@compiled
def _spread(means: Any, squares: Any, spreads: Any) -> None:
    """Write what River's variance answers, as standard deviations: the mean of squares less the square of the mean."""
    for at in range(len(means)):
        spreads[at] = np.sqrt(max(0.0, squares[at] - means[at] * means[at]))


def rounded(packed: bytes) -> bytes:
    """Baselines with means and means of squares rounded to 20 binary digits, so that half of their bytes are zeros.

    A variance is then right to 6e-4 at most (of a feature up to 24), less than the square of its grain.

    >>> Baselines(rounded(Baselines(bytes(18)).learned(np.array([1 / 3])))).means.round(9).tolist()
    [0.333333254]
    """
    numbers = len(packed) // Baselines.PACKED_BYTES * 2
    bits = np.frombuffer(packed, np.uint64, numbers) + np.uint64(1 << 31)
    return (bits & np.uint64(0xFFFF_FFFF_0000_0000)).tobytes() + packed[8 * numbers :]


def check_layout() -> None:
    """Raise `ForeignState` under a River release whose layout is not known."""
    if not LAYOUT_IS_KNOWN:
        raise ForeignState(
            "the installed release of river keeps its statistics in an unknown form; install river 0.26.1"
        )


@cache
def _cutter(number: int) -> Callable[[bytearray], tuple[bytes, ...]]:
    """Cuts the first so many states that lie one after the other into one each: three times as fast as slicing."""
    return struct.Struct(number * f"{_STATE_BYTES}s").unpack_from


def _every(calls: Iterator[None]) -> None:
    """Make all these calls."""
    deque(calls, maxlen=0)
