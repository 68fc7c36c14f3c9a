"""A signal: what the judgement of one tenant tells the search for campaigns; and how far a partition has come."""

from collections.abc import Callable

import msgspec
from msgspec import Struct

from schemas.errors import BadRecord


class Signal(Struct, frozen=True, array_like=True, tag="signal", gc=False):
    """A tenant after one of its folds; some 130 bytes packed.

    `fold` numbers the tenant's folds from 1, so a repetition is known and the newest wins. `epoch_ms` is the first epoch at
    which it counts, `at_ms` the tenant's clock. `first_ms`, `requests` and `output_tokens` tell of the tenant since it was
    first seen; `p_value` is the share of honest tenant-days that ever look so odd. The rest are keyed hashes of 32 bits,
    equal for equal things under one deployment secret: the first and last words that many of its recent prompts share
    (`heads`, `tails`), and where it calls from (`origins`: autonomous system with TLS stack; `networks`) and who pays.
    """

    tenant: str
    subject: str
    partition: int
    fold: int
    epoch_ms: int
    at_ms: int
    first_ms: int
    requests: int
    output_tokens: int
    p_value: float
    heads: tuple[int, ...] = ()
    tails: tuple[int, ...] = ()
    origins: tuple[int, ...] = ()
    networks: tuple[int, ...] = ()
    payments: tuple[int, ...] = ()


class Watermark(Struct, frozen=True, array_like=True, tag="watermark", gc=False):
    """All signals of a partition that count at the epoch `epoch_ms` or before have been told.

    `idle` marks a heartbeat: the partition has nothing to read, and is not waited for until it speaks again.
    """

    partition: int
    epoch_ms: int
    idle: bool = False


Message = Signal | Watermark

_encode = msgspec.msgpack.Encoder().encode
_decode: Callable[[bytes], Message] = msgspec.msgpack.Decoder(Message).decode


def encode_message(message: Message) -> bytes:
    """A signal or watermark as msgpack."""
    return _encode(message)


def decode_message(record: bytes | None) -> Message:
    """Read a record of the signals topic; raises `BadRecord`."""
    try:
        return _decode(record or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRecord("not_a_signal", type(error).__name__) from None
