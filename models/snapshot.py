"""State as bytes: in this version's form or the one before, packed, refused when it is foreign."""

from struct import Struct as Layout
from zlib import crc32

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from schemas.errors import Unreadable

from .compression import LARGE_BYTES, quick, restored, smaller
from .packed_case import PackedCase, pack_case, unpack_case
from .previous_form import PREVIOUS_FORM, read_previous, write_previous
from .state import Forgotten, PartitionState, TenantState

#: The first byte of a state; 5: what only the end of a fold changes lies apart, compressed once a fold.
FORM = 5
#: The forms that this version reads and writes.
FORMS = PREVIOUS_FORM, FORM
_KNOWN = f"this version reads and writes forms {PREVIOUS_FORM} and {FORM}"
#: Of a tenant follow: a checksum of the rest (CRC-32), the length of what a fold changes, that, and all else as msgpack, compressed.
_HEAD = Layout("<BIH")

__all__ = [
    "FORM",
    "FORMS",
    "Forgotten",
    "PartitionState",
    "TenantState",
    "first_version",
    "form_of",
    "pack",
    "unpack_partition",
    "unpack_tenant",
]


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
    """The state in its own form, compressed; about 10 us and 2.1 KB a tenant, 30 us and at most 4 KB a suspect one.

    Raises `Unreadable` when its form is none that this version writes.
    """
    if state.form not in FORMS:
        raise Unreadable(f"a snapshot of form {state.form} is asked for, {_KNOWN}")
    if isinstance(state, PartitionState):
        return bytes((state.form,)) + quick(_encode(state))
    case, bare = (None, state) if state.case is None else (pack_case(state.case), replace(state, case=None))
    return _pack(case, bare) if state.form == FORM else write_previous(case, bare)


def unpack_tenant(packed: bytes) -> TenantState:
    """A tenant's state; raises `Unreadable` for anything that neither this version nor the one before wrote."""
    try:
        case, state = _unpack(packed) if _form(packed) == FORM else read_previous(packed)
        if case is None:
            return state
        return replace(state, case=unpack_case(case, state.tenant, state.subject))
    except (ValueError, RecursionError) as error:
        raise _damaged(error) from None


def unpack_partition(packed: bytes) -> PartitionState:
    """A partition's mark; raises `Unreadable` for anything that neither this version nor the one before wrote."""
    _form(packed)
    try:
        return _partition.decode(restored(packed[1:]))
    except (ValueError, RecursionError) as error:
        raise _damaged(error) from None


def form_of(packed: bytes) -> int:
    """The form of a state that was read or written."""
    return packed[0]


def _pack(case: PackedCase | None, state: TenantState) -> bytes:
    data, learned = _encode(_Written(case, state)), state.assessor.learned
    often = memoryview(data)[: len(data) - len(learned)]
    compressed = quick(often)
    if len(learned) + len(compressed) > LARGE_BYTES:
        compressed = smaller(often)
    return b"".join((_HEAD.pack(FORM, crc32(compressed, crc32(learned)), len(learned)), learned, compressed))


def _unpack(packed: bytes) -> tuple[PackedCase | None, TenantState]:
    if len(packed) < _HEAD.size:
        raise _damaged("it is cut short")
    _, checksum, learned = _HEAD.unpack_from(packed)
    if crc32(memoryview(packed)[_HEAD.size :]) != checksum:
        raise _damaged("its checksum is another one")
    behind = _HEAD.size + learned
    written = _tenant.decode(restored(packed[behind:]) + packed[_HEAD.size : behind])
    return written.case, written.tenant


def _damaged(why: object) -> Unreadable:
    return Unreadable(f"a snapshot in the checkpoint topic is damaged: {why}")


def _form(packed: bytes) -> int:
    """The form of a state; raises `Unreadable` for one that this version does not read."""
    if not packed or packed[0] not in FORMS:
        raise Unreadable(f"a snapshot has form {_older_form(packed)}, {_KNOWN}")
    return packed[0]


def _older_form(packed: bytes) -> object:
    """The form of a state from before form 3, which said it in its msgpack; else what its first byte says."""
    try:
        return msgspec.msgpack.decode(packed)[0]
    except (ValueError, TypeError, IndexError, KeyError, RecursionError):
        return packed[0] if packed else "unknown"
