"""State as bytes: versioned, packed, refused when it is foreign."""

from struct import Struct as Layout
from zlib import crc32

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from schemas.errors import Unreadable

from .case import Case
from .compression import quick, restored, smaller
from .packed import PackedAssessor
from .packed_case import PackedCase, pack_case, unpack_case
from .window import Window

#: The first byte of a state; 5: what only the end of a fold changes lies apart, compressed once a fold.
FORM = 5
#: States that LZ4 leaves larger are compressed by Zstandard: a tenth smaller, at three times the CPU.
LARGE_BYTES = 3000
#: Of a tenant follow: a checksum of the rest (CRC-32), the length of what a fold changes, that, and all else as msgpack, compressed.
_HEAD = Layout("<BIH")


class TenantState(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A tenant at rest; its case is packed by `packed_case`.

    `position` is the last offset of (`topic_id`, partition) that is accounted for in it, `ids` the packed hashes of its last
    events, keyed by `key_id`; `fold_*` are the requests since the last judgement. `folds` counts judgements, `first_ms` and
    `output_tokens` count since its first request; `told_*` is its last signal. `seen_ms` is the last epoch that its partition had passed
    when its last record came; `applied_before` are those of `applied` that came before it was forgotten last. `assessor` stays the last
    field: it ends with what is compressed already.
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
    folds: int = 0
    first_ms: int = -1
    output_tokens: int = 0
    told_ms: int = -1
    told_p_value: float = 1.0
    seen_ms: int = -1
    applied_before: int = 0
    assessor: PackedAssessor


class Forgotten(Struct, frozen=True, kw_only=True, array_like=True):
    """What tenants accounted for whose state was dropped; who came back counts again."""

    tenants: int = 0
    applied: int = 0
    duplicates: int = 0
    late: int = 0

    def and_also(self, state: TenantState) -> "Forgotten":
        """The same, and one more."""
        return Forgotten(
            tenants=self.tenants + 1,
            applied=self.applied + state.applied,
            duplicates=self.duplicates + state.duplicates,
            late=self.late + state.late,
        )


class PartitionState(Struct, frozen=True, kw_only=True, array_like=True):
    """The mark that ends a checkpoint pass: every tenant's state up to `position` is durable before it.

    `times_ms` is the partition's clock and `times_of` whose times those are (absent in older marks), `watermark_ms` the last epoch it
    has passed; `dead_letters` counts by reason. `forgotten` are the tenants dropped so far; those dropped in this pass are `forgetting`,
    whose tombstones follow the mark.
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
    times_of: tuple[int, ...] = ()
    forgotten: Forgotten = Forgotten()
    forgetting: tuple[tuple[str, str], ...] = ()

    def counts(self, state: TenantState) -> bool:
        """Whether what a tenant's state accounts for is in `forgotten` already: it was dropped, and is here by a crash only."""
        return (state.tenant, state.subject) in self.forgetting and state.position <= self.position


def first_version(generation: int) -> int:
    """The version of a row that offset 0 gives in this generation; offsets stay below 2**48.

    >>> first_version(0), first_version(2) > first_version(1) + 10**14
    (0, True)
    """
    return generation << 48


class _Written(Struct, frozen=True, array_like=True):
    """A tenant's state as it is written: its case apart, then all else."""

    case: PackedCase | None
    tenant: TenantState


_encode = msgspec.msgpack.Encoder().encode
_tenant = msgspec.msgpack.Decoder(_Written)
_partition = msgspec.msgpack.Decoder(PartitionState)


def pack(state: TenantState | PartitionState) -> bytes:
    """The state as msgpack, compressed; about 10 us and 2.1 KB a tenant, 30 us and at most 4 KB a suspect one."""
    if isinstance(state, PartitionState):
        return bytes((FORM,)) + quick(_encode(state))
    data, learned = _encode(_written(state)), state.assessor.learned
    often = data[: len(data) - len(learned)]
    compressed = quick(often)
    if len(learned) + len(compressed) > LARGE_BYTES:
        compressed = smaller(often)
    body = learned + compressed
    return _HEAD.pack(FORM, crc32(body), len(learned)) + body


def unpack_tenant(packed: bytes) -> TenantState:
    """A tenant's state; raises `Unreadable` for anything that this version did not write."""
    _require_form(packed)
    body = packed[_HEAD.size :]
    if len(packed) < _HEAD.size:
        raise Unreadable("a snapshot in the checkpoint topic is damaged: it is cut short")
    _, checksum, learned = _HEAD.unpack_from(packed)
    if crc32(body) != checksum:
        raise Unreadable("a snapshot in the checkpoint topic is damaged: its checksum is another one")
    try:
        written = _tenant.decode(restored(body[learned:]) + body[:learned])
        state = written.tenant
        if written.case is None:
            return state
        return replace(state, case=unpack_case(written.case, state.tenant, state.subject))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"a snapshot in the checkpoint topic is damaged: {error}") from None


def unpack_partition(packed: bytes) -> PartitionState:
    """A partition's mark; raises `Unreadable` for anything that this version did not write."""
    _require_form(packed)
    try:
        return _partition.decode(restored(packed[1:]))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"a snapshot in the checkpoint topic is damaged: {error}") from None


def _written(state: TenantState) -> _Written:
    if state.case is None:
        return _Written(None, state)
    return _Written(pack_case(state.case), replace(state, case=None))


def _require_form(packed: bytes) -> None:
    if packed[:1] != bytes((FORM,)):
        raise Unreadable(f"a snapshot has form {_older_form(packed)}, this version reads and writes form {FORM}")


def _older_form(packed: bytes) -> object:
    """The form of a state from before form 3, which said it in its msgpack; else what its first byte says."""
    try:
        return msgspec.msgpack.decode(packed)[0]
    except (ValueError, TypeError, IndexError, KeyError, RecursionError):
        return packed[0] if packed else "unknown"
