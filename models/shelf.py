"""Where the packed tenants of a partition rest: in memory, or, beyond a limit, wherever a worker puts them."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Protocol

from .accounts import Unit


class Shelf(Protocol):
    """The packed tenants of one partition, as a mapping with an order: those put last are the youngest.

    It may keep some of them far away, where a look costs more: `fetch` brings those of a batch near in one go. What comes back is what
    was put, to the byte; `b""` where a tenant that stays awake has its place only. A shelf is a cache: the truth is what was made durable
    elsewhere, so it may fail, and then the worker ends. Suspects stay near as long as anybody does.
    """

    @property
    def tenants(self) -> int:
        """How many rest here."""

    @property
    def far(self) -> int:
        """How many of them are not in memory."""

    @property
    def size_bytes(self) -> int:
        """What their packed states take, wherever they are."""

    def fetch(self, units: Iterable[Unit]) -> None:
        """Bring these near, as far as they are here."""

    def get(self, unit: Unit) -> bytes | None:
        """The packed tenant; None when it is not here."""

    def put(self, unit: Unit, packed: bytes, *, suspect: bool = False) -> None:
        """Keep a tenant, instead of what was kept of it before."""

    def drop(self, units: Iterable[Unit]) -> None:
        """Keep these no longer."""

    def oldest(self, most: int) -> list[tuple[Unit, bytes]]:
        """Those that were not put for longest, suspects in memory left out; the same ones until they are dropped or put again."""

    def settle(self) -> None:
        """Keep to the limit: called after a pass, when it may take a while."""

    def clear(self) -> None:
        """Forget all."""

    def __iter__(self) -> Iterator[tuple[Unit, bytes]]:
        """All of them, near ones first; nothing may be put meanwhile."""


class MemoryShelf:
    """A shelf that keeps all in memory: some 250 bytes a tenant beside the packed ones.

    >>> shelf = MemoryShelf()
    >>> shelf.put(("org_a", ""), b"packed")
    >>> shelf.get(("org_a", "")), shelf.get(("org_b", "")), shelf.tenants, shelf.size_bytes
    (b'packed', None, 1, 6)
    """

    far = 0

    def __init__(self) -> None:
        self._honest: dict[Unit, bytes] = {}
        self._suspects: dict[Unit, bytes] = {}
        self.size_bytes = 0

    @property
    def tenants(self) -> int:
        """How many rest here."""
        return len(self._honest) + len(self._suspects)

    def fetch(self, units: Iterable[Unit]) -> None:
        """All are near."""

    def get(self, unit: Unit) -> bytes | None:
        """The packed tenant; None when it is not here."""
        packed = self._honest.get(unit)
        return packed if packed is not None else self._suspects.get(unit)

    def put(self, unit: Unit, packed: bytes, *, suspect: bool = False) -> None:
        """Keep a tenant, as the youngest."""
        self._remove(unit)
        if suspect:
            self._suspects[unit] = packed
        else:
            self._honest[unit] = packed
        self.size_bytes += len(packed)

    def drop(self, units: Iterable[Unit]) -> None:
        """Keep these no longer."""
        for unit in units:
            self._remove(unit)

    def oldest(self, most: int) -> list[tuple[Unit, bytes]]:
        """Those that were not put for longest, suspects left out."""
        return list(islice(self._honest.items(), most))

    def settle(self) -> None:
        """There is no limit."""

    def clear(self) -> None:
        """Forget all."""
        self._honest.clear()
        self._suspects.clear()
        self.size_bytes = 0

    def __iter__(self) -> Iterator[tuple[Unit, bytes]]:
        """All of them, suspects last."""
        yield from self._honest.items()
        yield from self._suspects.items()

    def _remove(self, unit: Unit) -> None:
        old = self._honest.pop(unit, None)
        if old is None:
            old = self._suspects.pop(unit, None)
        if old is not None:
            self.size_bytes -= len(old)
