"""How the numbers of an assessor lie at rest: like bytes beside like bytes, which is what a compressor lives on."""

from collections.abc import Container, Iterable, Sequence
from typing import Any

import numpy as np

from .compiled import compiled
from .look import LOOK

#: A part of a state: the width of its numbers (1: left as they lie, such as hashes) and its bytes.
Part = tuple[int, int]

LOOK_BYTES = LOOK.itemsize


class Layout:
    """A fixed order of the bytes of several arrays: first what is left as it lies, then by width the lowest byte of all numbers, the next.

    Small counts have empty upper bytes, and rounded numbers empty lower ones: there they make one long run of zeros. Costs 5 us.

    >>> layout = Layout([(2, 4), (1, 3)])
    >>> layout.lay(b"1a2babc")
    b'abc12ab'
    >>> layout.unlay(b"abc12ab")
    b'1a2babc'
    """

    __slots__ = ("_from", "_to", "size_bytes")

    def __init__(self, parts: Sequence[Part]) -> None:
        begins = np.cumsum([0, *(size for _, size in parts)]).tolist()
        self.size_bytes: int = begins[-1]
        planes = [
            np.arange(begin + plane, begin + size, width)
            for each in sorted({width for width, _ in parts})
            for plane in range(each)
            for begin, (width, size) in zip(begins, parts, strict=False)
            if width == each
        ]
        self._from = np.concatenate(planes)
        self._to = np.argsort(self._from)

    def lay(self, arrays: bytes) -> bytes:
        """The arrays, one after the other and `size_bytes` in all, in this order."""
        return bytes(np.frombuffer(arrays, np.uint8)[self._from].tobytes())

    def unlay(self, laid: bytes) -> bytes:
        """The arrays that were laid so."""
        return bytes(np.frombuffer(laid, np.uint8)[self._to].tobytes())


def parts_of(record: "np.dtype[np.void]", names: Iterable[str], numbers: Container[str]) -> list[Part]:
    """The parts that fields of a record make: counts of two bytes and `numbers` by planes, all else is left as it lies."""
    fields = [(name in numbers, record[name]) for name in names]
    return [
        (field.base.itemsize if number or field.base == np.uint16 else 1, field.itemsize) for number, field in fields
    ]


def lay_looks(looks: bytes | bytearray, before: bytes = b"") -> bytes:
    """The looks of a fold, behind those that were laid `before`: each as what differs from the last one, column after column. 2 us.

    >>> unlay_looks(lay_looks(bytes(range(136)))) == bytes(range(136))
    True
    >>> lay_looks(bytes(range(68, 136)), lay_looks(bytes(range(68)))) == lay_looks(bytes(range(136)))
    True
    """
    laid = np.empty(len(before) + len(looks), np.uint8)
    _lay_looks(np.frombuffer(before + looks, np.uint8), len(before), laid)
    return laid.tobytes()


def unlay_looks(laid: bytes) -> bytearray:
    """The looks that were laid."""
    looks = bytearray(len(laid))
    _unlay_looks(np.frombuffer(laid, np.uint8), np.frombuffer(looks, np.uint8))
    return looks


@compiled
def _lay_looks(looks: Any, before: int, laid: Any) -> None:
    """Lay the looks that stand behind `before` bytes of those that were laid."""
    old, rows = before // LOOK_BYTES, len(laid) // LOOK_BYTES
    for column in range(LOOK_BYTES):
        last = np.uint8(0)
        for at in range(old):
            last ^= looks[column * old + at]
            laid[column * rows + at] = looks[column * old + at]
        for at in range(old, rows):
            laid[column * rows + at] = looks[at * LOOK_BYTES + column] ^ last
            last = looks[at * LOOK_BYTES + column]


@compiled
def _unlay_looks(laid: Any, looks: Any) -> None:
    rows = len(laid) // LOOK_BYTES
    for column in range(LOOK_BYTES):
        before = np.uint8(0)
        for at in range(rows):
            before ^= laid[column * rows + at]
            looks[at * LOOK_BYTES + column] = before


def differing(ours: bytes, theirs: bytes) -> bytes:
    """What differs, bit by bit: zeros where both are the same; of that and `theirs` the same makes `ours` again."""
    return (np.frombuffer(ours, np.uint8) ^ np.frombuffer(theirs, np.uint8)).tobytes()
