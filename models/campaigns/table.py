"""The newest signal of every tenant, in columns."""

from typing import Any

import numpy as np
import numpy.typing as npt

from models.signature import HEADS, TAILS
from schemas.signal import Signal

Unit = tuple[str, str]

#: 136 bytes a tenant. Hashes are 0 where there is none.
ROW = np.dtype(
    [
        ("fold", "<i8"),
        ("epoch_ms", "<i8"),
        ("at_ms", "<i8"),
        ("first_ms", "<i8"),
        ("requests", "<i8"),
        ("output_tokens", "<i8"),
        ("p_value", "<f8"),
        ("heads", "<u4", HEADS),
        ("tails", "<u4", TAILS),
        ("origins", "<u4", 2),
        ("networks", "<u4", 6),
        ("payments", "<u4", 2),
    ]
)
_SIGNATURE = ("heads", "tails", "origins", "networks", "payments")
_SCALARS = ("fold", "epoch_ms", "at_ms", "first_ms", "requests", "output_tokens", "p_value")


class Table:
    """Holds the newest signal of each tenant until it expires; a function of the set of signals taken, while none is evicted.

    136 bytes a tenant and some 250 for its name. `floor` is the lowest p-value that was ever evicted and may still count (1.0: none):
    below it the table is complete.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._places: dict[Unit, int] = {}
        self._rows = np.zeros(1024, ROW)
        self._free: list[int] = []
        self._floor, self._floor_until_ms = 1.0, -1

    def __len__(self) -> int:
        return len(self._places)

    @property
    def floor(self) -> float:
        """The lowest p-value that was evicted and has not expired; 1 when everything is held."""
        return self._floor

    @property
    def floor_until_ms(self) -> int:
        """When that is over."""
        return self._floor_until_ms

    def floored(self, floor: float, until_ms: int) -> None:
        """Remember what was evicted from the table that this one stands for."""
        self._floor, self._floor_until_ms = floor, until_ms

    def take(self, signal: Signal) -> None:
        """Keep a signal unless one of a later fold of its tenant is held."""
        unit = (signal.tenant, signal.subject)
        place = self._places.get(unit)
        if place is None:
            place = self._places[unit] = self._place()
        elif self._rows["fold"][place] >= signal.fold:
            return
        row = self._rows[place]
        for name in _SCALARS:
            row[name] = getattr(signal, name)
        for name in _SIGNATURE:
            held = row[name]
            digests = getattr(signal, name)[: len(held)]
            held[:] = 0
            held[: len(digests)] = digests

    def forget(self, before_ms: int, now_ms: int) -> None:
        """Drop the signals that count from before `before_ms`; then, while there are too many, the weakest."""
        rows = self._rows
        if now_ms >= self._floor_until_ms:
            self._floor = 1.0
        gone = [unit for unit, place in self._places.items() if rows["epoch_ms"][place] < before_ms]
        self._drop(gone)
        surplus = len(self._places) - self._most
        if surplus > 0:
            weakest = sorted(self._places, key=lambda unit: (-rows["p_value"][self._places[unit]], unit))[:surplus]
            self._floor = min(self._floor, float(rows["p_value"][self._places[weakest[-1]]]))
            self._floor_until_ms = now_ms + (now_ms - before_ms)
            self._drop(weakest)

    def rows(self) -> "tuple[list[Unit], np.ndarray[Any, Any]]":
        """The units in their order, and their rows."""
        units = sorted(self._places)
        places: npt.NDArray[np.int64] = np.array([self._places[unit] for unit in units], dtype=np.int64)
        return units, self._rows[places]

    def _place(self) -> int:
        if self._free:
            return self._free.pop()
        place = len(self._places)
        if place >= len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros(len(self._rows), ROW)])
        return place

    def _drop(self, units: list[Unit]) -> None:
        for unit in units:
            place = self._places.pop(unit)
            self._rows[place] = np.zeros((), ROW)
            self._free.append(place)
