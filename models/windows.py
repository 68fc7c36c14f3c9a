"""The windows of a tenant: those at rest stay packed until a request falls in them."""

from collections.abc import Sequence
from typing import cast

import msgspec
from msgspec import Raw, Struct

from .window import Window


class _Head(Struct, frozen=True, array_like=True, gc=False):
    """The first fields of a packed window."""

    start_ms: int
    version: int
    stored: int


_head = msgspec.msgpack.Decoder(_Head).decode
_window = msgspec.msgpack.Decoder(Window).decode


class Windows:
    """The windows of one tenant in the order in which they were made; owned by it.

    Most requests fall in the newest window, so that alone is unpacked with the tenant, and of the others only those that were not
    handed out as they stand. What was not unpacked goes back as the same bytes.

    >>> windows = Windows()
    >>> windows.at(3_600_000).requests += 1
    >>> windows.newest().requests, len(windows.pack())
    (1, 1)
    """

    __slots__ = ("_held",)

    def __init__(self, packed: Sequence[Raw] = ()) -> None:
        self._held: dict[int, Window | Raw] = {}
        for raw in packed[:-1]:
            head = _head(raw)
            self._held[head.start_ms] = raw.copy() if head.version == head.stored else _window(raw)
        if packed:
            newest = _window(packed[-1])
            self._held[newest.start_ms] = newest

    def at(self, start_ms: int) -> Window:
        """The window that begins then, made when there is none."""
        held = self._held.get(start_ms)
        if not isinstance(held, Window):
            held = self._held[start_ms] = _window(held) if held is not None else Window(start_ms=start_ms)
        return held

    def newest(self) -> Window:
        """The window of the latest time; raises `ValueError` when there is none."""
        return self.at(max(self._held))

    def changed(self) -> list[Window]:
        """Those that changed since they were last handed out."""
        return [each for each in self._held.values() if type(each) is Window and each.version != each.stored]

    def drop_before(self, oldest_ms: int) -> list[Window]:
        """Let go of those that begin earlier; hands out those of them that changed since they were last handed out."""
        gone = [self._held.pop(at) for at in [at for at in self._held if at < oldest_ms]]
        return [each for each in gone if type(each) is Window and each.version != each.stored]

    def pack(self) -> tuple[Raw, ...]:
        """All of them at rest."""
        return cast("tuple[Raw, ...]", tuple(self._held.values()))  # packed or not, they are written as the same bytes
