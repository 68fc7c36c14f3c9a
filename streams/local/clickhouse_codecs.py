"""How bodies of the ClickHouse HTTP interface are compressed, by their `Content-Encoding`."""

import gzip
import zlib
from collections.abc import Callable

import lz4.frame  # type: ignore[import-untyped]
import zstandard

FAST = 1  # both ends are on one machine: less CPU is worth more than fewer bytes


def _unpack_zstd(body: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(body)


_UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "lz4": lz4.frame.decompress,
    "zstd": _unpack_zstd,
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
}
_PACK: dict[str, Callable[[bytes], bytes]] = {
    "lz4": lz4.frame.compress,
    "zstd": lambda body: zstandard.ZstdCompressor(level=FAST).compress(body),
    "gzip": lambda body: gzip.compress(body, FAST),
    "deflate": lambda body: zlib.compress(body, FAST),
}


def unpack(body: bytes, encoding: str) -> bytes:
    """The body as it was before compression; raises `ValueError` when it is not in that encoding or we know none such.

    >>> unpack(gzip.compress(b"SELECT 1"), "gzip"), unpack(b"SELECT 1", "")
    (b'SELECT 1', b'SELECT 1')
    """
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding not in _UNPACK:
        raise ValueError(f"unknown Content-Encoding {encoding!r}")
    try:
        return _UNPACK[encoding](body)
    except (OSError, EOFError, RuntimeError, zlib.error, zstandard.ZstdError):
        raise ValueError(f"the body is not {encoding}") from None


def accepted(accept_encoding: str) -> str | None:
    """The first encoding of the header that we can write; None when there is none.

    >>> accepted("br, lz4;q=0.9, gzip"), accepted("identity")
    ('lz4', None)
    """
    offered = (part.partition(";")[0].strip().lower() for part in accept_encoding.split(","))
    return next((encoding for encoding in offered if encoding in _PACK), None)


def pack(body: bytes, encoding: str) -> bytes:
    """The body in one of the encodings that `accepted` returns."""
    return _PACK[encoding](body)
