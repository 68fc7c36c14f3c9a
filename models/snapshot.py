"""State as bytes: versioned, packed, refused when it is foreign."""

from typing import Any

import lz4.block  # type: ignore[import-untyped]
import msgspec
import zstandard
from msgspec import Struct
from msgspec.structs import replace

from schemas.errors import Unreadable

from .case import Case
from .packed_case import PackedCase, pack_case, unpack_case
from .window import Window

#: The first byte of a state, whose rest is compressed msgpack; 4: by planes of bytes, and a window holds its highest level and peer group.
FORM = 4
#: What a damaged state may claim to need, at most.
MOST_BYTES = 1 << 24
#: States that LZ4 leaves larger are compressed by Zstandard: a tenth smaller, at three times the CPU.
LARGE_BYTES = 3000


class TenantState(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A tenant at rest; its case is packed by `packed_case`.

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


class _Written(Struct, frozen=True, array_like=True):
    """A tenant's state as it is written: without its case, and that beside it."""

    tenant: TenantState
    case: PackedCase | None


_encode = msgspec.msgpack.Encoder().encode
_tenant = msgspec.msgpack.Decoder(_Written)
_partition = msgspec.msgpack.Decoder(PartitionState)
_compress = zstandard.ZstdCompressor(level=3).compress
_decompress = zstandard.ZstdDecompressor().decompress


def pack(state: TenantState | PartitionState) -> bytes:
    """The state as msgpack, compressed; about 30 us and 2.2 KB a tenant, 60 us and at most 4 KB a suspect one."""
    data = _encode(_written(state) if isinstance(state, TenantState) else state)
    compressed = lz4.block.compress(data)
    return bytes((FORM,)) + bytes(_compress(data) if len(compressed) > LARGE_BYTES else compressed)


def unpack_tenant(packed: bytes) -> TenantState:
    """A tenant's state; raises `Unreadable` for anything that this version did not write."""
    written: _Written = _read(_tenant, packed)
    state = written.tenant
    if written.case is None:
        return state
    try:
        return replace(state, case=unpack_case(written.case, state.tenant, state.subject))
    except ValueError as error:
        raise Unreadable(f"a snapshot in the checkpoint topic is damaged: {error}") from None


def unpack_partition(packed: bytes) -> PartitionState:
    """A partition's mark; raises `Unreadable` for anything that this version did not write."""
    state: PartitionState = _read(_partition, packed)
    return state


def _written(state: TenantState) -> _Written:
    if state.case is None:
        return _Written(state, None)
    return _Written(replace(state, case=None), pack_case(state.case))


def _read(decoder: "msgspec.msgpack.Decoder[Any]", packed: bytes) -> Any:
    if packed[:1] != bytes((FORM,)):
        raise Unreadable(f"a snapshot has form {_older_form(packed)}, this version reads and writes form {FORM}")
    data = packed[1:]
    try:
        # LZ4 begins with the length, and Zstandard's magic number would be one of 4 GB.
        large = data.startswith(zstandard.FRAME_HEADER)
        size = zstandard.frame_content_size(data) if large else int.from_bytes(data[:4], "little")
        if not 0 <= size <= MOST_BYTES:
            raise Unreadable("a snapshot in the checkpoint topic is damaged: its length cannot be")
        return decoder.decode(_decompress(data) if large else lz4.block.decompress(data))
    except (lz4.block.LZ4BlockError, zstandard.ZstdError, ValueError, RecursionError) as error:
        raise Unreadable(f"a snapshot in the checkpoint topic is damaged: {error}") from None


def _older_form(packed: bytes) -> object:
    """The form of a state from before form 3, which said it in its msgpack; else what its first byte says."""
    try:
        return msgspec.msgpack.decode(packed)[0]
    except (ValueError, TypeError, IndexError, KeyError, RecursionError):
        return packed[0] if packed else "unknown"
