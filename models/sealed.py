"""A tenant's state as a record: what only the end of a fold changes as it lies, the rest compressed, a checksum over both."""

from struct import Struct as Layout
from zlib import crc32

from schemas.errors import Unreadable

from .compression import LARGE_BYTES, quick, restored, smaller

#: Form, a checksum of the rest (CRC-32), and how many bytes of it lie as they are.
_HEAD = Layout("<BIH")


def sealed(form: int, data: bytes, resting_bytes: int) -> bytes:
    """The record of msgpack that ends with so many bytes which are compressed already: those first, then the others, compressed."""
    often, resting = memoryview(data)[: len(data) - resting_bytes], data[len(data) - resting_bytes :]
    compressed = quick(often)
    if resting_bytes + len(compressed) > LARGE_BYTES:
        compressed = smaller(often)
    return b"".join((_HEAD.pack(form, crc32(compressed, crc32(resting)), resting_bytes), resting, compressed))


def opened(record: bytes) -> bytes:
    """The msgpack that was sealed; raises `ValueError` for what is damaged."""
    if len(record) < _HEAD.size:
        raise ValueError("it is cut short")
    _, checksum, resting_bytes = _HEAD.unpack_from(record)
    if crc32(memoryview(record)[_HEAD.size :]) != checksum:
        raise ValueError("its checksum is another one")
    behind = _HEAD.size + resting_bytes
    return restored(record[behind:]) + record[_HEAD.size : behind]


def damaged(why: object) -> Unreadable:
    """What to raise for a record that cannot be read."""
    return Unreadable(f"a snapshot in the checkpoint topic is damaged: {why}")
