"""A shelf with a limit: what was idle longest goes to a store, and comes back as it was."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Protocol

from models.accounts import Unit
from models.shelf import MemoryShelf

Item = tuple[Unit, bytes]


class Store(Protocol):
    """Where tenants are kept that are not in memory; `TenantStore` is one. Failures are errors of ours, and end the worker."""

    def put(self, items: Iterable[Item]) -> None:
        """Keep these, as the newest ones."""

    def get(self, units: Iterable[Unit]) -> list[Item]:
        """What is kept of these."""

    def drop(self, units: Iterable[Unit]) -> None:
        """Keep these no longer."""

    def after(self, number: int, most: int) -> list[tuple[int, Unit, bytes]]:
        """Those behind this number, oldest first."""

    def clear(self) -> None:
        """Keep nothing."""

    def close(self) -> None:
        """Let go of it."""

    def __iter__(self) -> Iterator[Item]:
        """All, oldest first."""


class StoredShelf:
    """A shelf of at most `limit` tenants in memory after each `settle`; the others are in a store.

    Those go first that were idle longest, suspects after all others, so that no number of new tenants pushes a suspect out. A tenant
    that is near is no longer asked for in the store: what that has of it is old, until it goes there again. That somebody is not in
    the store is remembered until the next `settle`, so that a flood of new tenants costs one question a batch.
    """

    def __init__(self, store: Store, limit: int) -> None:
        self._near, self._store, self.limit = MemoryShelf(), store, limit
        self.far = self._far_bytes = 0
        self._looked_at = 0  # rows up to here are of tenants that are near, or gone
        self._absent: set[Unit] = set()

    @property
    def tenants(self) -> int:
        """How many rest here, near and far."""
        return self._near.tenants + self.far

    @property
    def size_bytes(self) -> int:
        """What their packed states take, near and far."""
        return self._near.size_bytes + self._far_bytes

    def fetch(self, units: Iterable[Unit]) -> None:
        """Bring these near: one question to the store for all that are not."""
        if not self.far:
            return
        missing = [unit for unit in units if unit not in self._absent and self._near.get(unit) is None]
        for unit, packed in self._store.get(missing) if missing else ():
            self._near.put(unit, packed)
            self.far -= 1
            self._far_bytes -= len(packed)
        self._absent.update(unit for unit in missing if self._near.get(unit) is None)

    def get(self, unit: Unit) -> bytes | None:
        """The packed tenant, which is near afterwards; None when it is not here."""
        packed = self._near.get(unit)
        if packed is None and self.far and unit not in self._absent:
            self.fetch((unit,))
            packed = self._near.get(unit)
        return packed

    def put(self, unit: Unit, packed: bytes, *, suspect: bool = False) -> None:
        """Keep a tenant, as the youngest."""
        if self.far:
            self.get(unit)
        self._near.put(unit, packed, suspect=suspect)

    def drop(self, units: Iterable[Unit]) -> None:
        """Keep these no longer."""
        gone = list(units)
        if not gone:  # an empty transaction takes the store a millisecond
            return
        self.fetch(gone)
        self._near.drop(gone)
        self._store.drop(gone)

    def oldest(self, most: int) -> list[Item]:
        """Those in the store first, which were not put for longest; then those in memory."""
        while self.far and (rows := self._store.after(self._looked_at, most)):
            away = [(number, unit, packed) for number, unit, packed in rows if self._near.get(unit) is None]
            if away:
                self._looked_at = away[0][0] - 1
                return [(unit, packed) for _, unit, packed in away]
            self._looked_at = rows[-1][0]
        return self._near.oldest(most)

    def settle(self) -> None:
        """Bring to the store who is over the limit."""
        self._absent.clear()
        over = self._near.tenants - self.limit
        if over <= 0:
            return
        leaving = self._near.oldest(over)
        if len(leaving) < over:  # nobody else is left: all are suspects
            leaving = list(islice(self._near, over))
        self._store.put(leaving)
        self._near.drop(unit for unit, _ in leaving)
        self.far += len(leaving)
        self._far_bytes += sum(len(packed) for _, packed in leaving)

    def clear(self) -> None:
        """Forget all."""
        self._near.clear()
        self._store.clear()
        self._absent.clear()
        self.far = self._far_bytes = self._looked_at = 0

    def __iter__(self) -> Iterator[Item]:
        """All of them, near ones first; nothing may be put meanwhile."""
        yield from self._near
        yield from ((unit, packed) for unit, packed in self._store if self._near.get(unit) is None)
