"""State as bytes: versioned, packed, refused when it is foreign."""

from typing import Any

import lz4.block  # type: ignore[import-untyped]
import msgspec
from msgspec import Struct

from schemas.errors import ForeignState

from .case import Case
from .window import Window

#: The first byte of a state, whose rest is compressed msgpack; 3: an assessor may hold a quarantine.
FORM = 3
#: What a damaged state may claim to need, at most.
MOST_BYTES = 1 << 24


class TenantState(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A tenant at rest.

    `position` is the last offset of (`topic_id`, partition) that is accounted for in it, `ids` the packed hashes of its last
    events, keyed by `key_id`; `fold_*` are the requests since the last judgement; `assessor` is packed by its own class. `folds` counts
    judgements, `first_ms` and `output_tokens` count since its first request; `told_*` is its last signal.
    """

    form: int
    topic_id: str
    tenant: str
    subject: str
    position: int
    clock_ms: int
    applied: int
    duplicates: int
    late: int
    key_id: str
    ids: bytes
    windows: tuple[Window, ...]
    fold_requests: int
    fold_first_ms: int
    fold_output_tokens: int
    fold_model: str
    cases: int
    case: Case | None
    assessor: bytes
    folds: int = 0
    first_ms: int = -1
    output_tokens: int = 0
    told_ms: int = -1
    told_p_value: float = 1.0


class PartitionState(Struct, frozen=True, kw_only=True, array_like=True):
    """The mark that ends a checkpoint pass: every tenant's state up to `position` is durable before it.

    `times_ms` is the partition's clock, `watermark_ms` the last epoch it has passed; `dead_letters` counts by reason.
    `generation` counts how often the state was re-homed: versions of rows are `first_version(generation)` and the offset, so
    that they rise although the offsets of a new topic begin at 0 again.
    """

    form: int
    topic_id: str
    partition: int
    partitions: int
    position: int
    generation: int
    times_ms: tuple[int, ...]
    dead_letters: dict[str, int]
    watermark_ms: int = -1


def first_version(generation: int) -> int:
    """The version of a row that offset 0 gives in this generation; offsets stay below 2**48.

    >>> first_version(0), first_version(2) > first_version(1) + 10**14
    (0, True)
    """
    return generation << 48


_encode = msgspec.msgpack.Encoder().encode
_tenant = msgspec.msgpack.Decoder(TenantState)
_partition = msgspec.msgpack.Decoder(PartitionState)


def pack(state: TenantState | PartitionState) -> bytes:
    """The state as msgpack, compressed by LZ4 to two thirds; about 30 us and 2.7 KB a tenant."""
    return bytes((FORM,)) + bytes(lz4.block.compress(_encode(state)))


def unpack_tenant(packed: bytes) -> TenantState:
    """A tenant's state; raises `ForeignState` for anything that this version did not write."""
    state: TenantState = _read(_tenant, packed)
    return state


def unpack_partition(packed: bytes) -> PartitionState:
    """A partition's mark; raises `ForeignState` for anything that this version did not write."""
    state: PartitionState = _read(_partition, packed)
    return state


def _read(decoder: "msgspec.msgpack.Decoder[Any]", packed: bytes) -> Any:
    if packed[:1] != bytes((FORM,)):
        raise ForeignState(f"a snapshot has form {_older_form(packed)}, this version reads and writes form {FORM}")
    if int.from_bytes(packed[1:5], "little") > MOST_BYTES:
        raise ForeignState("a snapshot in the checkpoint topic is damaged: its length cannot be")
    try:
        return decoder.decode(lz4.block.decompress(packed[1:]))
    except (lz4.block.LZ4BlockError, ValueError, RecursionError) as error:
        raise ForeignState(f"a snapshot in the checkpoint topic is damaged: {error}") from None


def _older_form(packed: bytes) -> object:
    """The form of a state from before form 3, which said it in its msgpack; else what its first byte says."""
    try:
        return msgspec.msgpack.decode(packed)[0]
    except (ValueError, TypeError, IndexError, KeyError, RecursionError):
        return packed[0] if packed else "unknown"
