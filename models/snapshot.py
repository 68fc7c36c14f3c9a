"""State as bytes: in this version's form or the one before, packed, refused when it is foreign."""

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from schemas.errors import Unreadable

from .compression import quick, restored
from .packed_case import PackedCase, pack_case, unpack_case
from .previous_form import PREVIOUS_FORM, read_previous, write_previous
from .sealed import damaged, opened, sealed
from .state import Forgotten, PartitionState, TenantState

#: The first byte of a state; 7: with what was learned of wording.
FORM = 7
#: The forms that this version reads and writes.
FORMS = PREVIOUS_FORM, FORM
_KNOWN = f"this version reads and writes forms {PREVIOUS_FORM} and {FORM}"

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
    if state.form == PREVIOUS_FORM:
        return write_previous(case, bare)
    return sealed(FORM, _encode(_Written(case, bare)), len(bare.assessor.learned))


def unpack_tenant(packed: bytes) -> TenantState:
    """A tenant's state; raises `Unreadable` for anything that neither this version nor the one before wrote."""
    try:
        case, state = _unpack(packed) if _form(packed) == FORM else read_previous(packed)
        if case is None:
            return state
        return replace(state, case=unpack_case(case, state.tenant, state.subject))
    except (ValueError, RecursionError) as error:
        raise damaged(error) from None


def unpack_partition(packed: bytes) -> PartitionState:
    """A partition's mark; raises `Unreadable` for anything that neither this version nor the one before wrote."""
    _form(packed)
    try:
        return _partition.decode(restored(packed[1:]))
    except (ValueError, RecursionError) as error:
        raise damaged(error) from None


def form_of(packed: bytes) -> int:
    """The form of a state that was read or written."""
    return packed[0]


def _unpack(packed: bytes) -> tuple[PackedCase | None, TenantState]:
    written = _tenant.decode(opened(packed))
    return written.case, written.tenant


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
