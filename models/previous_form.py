"""The form of a tenant's state before this one: read, and written until the worker is told otherwise.

A rolling upgrade and its way back rest on it: while versions run side by side, or may be exchanged for one another, both read what either
writes. Goes when the form after the present one comes.
"""

from typing import Any

import msgspec
import numpy as np
from msgspec import Raw, Struct
from msgspec.structs import asdict

from .case import Case
from .compression import LARGE_BYTES, quick, restored, smaller
from .features import FEATURES
from .layout import Layout
from .packed import LEARNED, OWN_PAST, QUARANTINE, STATE_FORM, Arrays, PackedAssessor
from .packed_case import PackedCase
from .past import PAST
from .profile import unlaid_topics
from .quarantine import PackedQuarantine
from .state import TenantState
from .templates import HEAD_BYTES, KEY_BYTES, MARK_BYTES, ROW, waited_for
from .words import BINS

PREVIOUS_FORM = 4
_ASSESSOR_FORM = f"4/{len(FEATURES)}/3"
_TOPICS_BYTES = 2 * BINS
_OF_ALL = [*OWN_PAST, (2, _TOPICS_BYTES), *LEARNED]
_LAYOUT, _SUSPECT_LAYOUT = Layout(_OF_ALL), Layout([*_OF_ALL, *QUARANTINE])


class _Tenant(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A tenant as it was written: all of its assessor is one piece of msgpack. The last two that version passes over."""

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
    windows: tuple[Raw, ...]
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
    seen_ms: int = -1
    applied_before: int = 0


class _Written(Struct, frozen=True, array_like=True):
    tenant: _Tenant
    case: PackedCase | None


class _Assessor(Struct, frozen=True, array_like=True):
    """An assessor as it was written: the topics of the fold among the arrays, and templates without what is waited for."""

    form: str
    key_id: str
    requests: int
    folds: int
    level: float
    arrays: bytes
    looks: bytes
    quarantine: PackedQuarantine | None
    templates: bytes | None = None


_encode = msgspec.msgpack.Encoder().encode
_written = msgspec.msgpack.Decoder(_Written)
_assessor = msgspec.msgpack.Decoder(_Assessor)


def read_previous(packed: bytes) -> tuple[PackedCase | None, TenantState]:
    """A tenant of the previous form, its case apart; costs 60 us. Raises `Unreadable` or `ValueError` for what is none."""
    written = _written.decode(restored(packed[1:]))
    fields = asdict(written.tenant)
    return written.case, TenantState(**fields | {"assessor": _read_assessor(_assessor.decode(written.tenant.assessor))})


def write_previous(case: PackedCase | None, state: TenantState) -> bytes:
    """The tenant in the previous form; costs 80 us."""
    fields = {name: getattr(state, name) for name in _Tenant.__struct_fields__}
    tenant = _Tenant(**fields | {"assessor": _encode(_write_assessor(state.assessor))})
    data = _encode(_Written(tenant, case))
    compressed = quick(data)
    return bytes((PREVIOUS_FORM,)) + (smaller(data) if len(compressed) > LARGE_BYTES else compressed)


def _read_assessor(old: _Assessor) -> PackedAssessor:
    if old.form != _ASSESSOR_FORM:
        return PackedAssessor(old.form, old.key_id, 0, 0, 0.0, b"", b"", None, None, b"")  # is refused by its form
    suspect = old.quarantine is not None
    layout = _SUSPECT_LAYOUT if suspect else _LAYOUT
    if len(old.arrays) != layout.size_bytes:
        raise ValueError(f"{len(old.arrays)} bytes of arrays ({layout.size_bytes} expected)")
    whole = layout.unlay(old.arrays)
    topics = whole[PAST.itemsize :][:_TOPICS_BYTES]
    arrays = Arrays.joined(whole[: PAST.itemsize] + whole[PAST.itemsize + _TOPICS_BYTES :], suspect=suspect)
    return PackedAssessor(
        STATE_FORM,
        old.key_id,
        old.requests,
        old.folds,
        old.level,
        old.looks,
        _laid_topics(topics),
        old.quarantine,
        None if old.templates is None else _read_templates(old.templates, arrays.past),
        arrays.packed(),
    )


def _write_assessor(new: PackedAssessor) -> _Assessor:
    arrays = Arrays.unpacked(new.learned, suspect=new.quarantine is not None)
    joined, topics = arrays.join(), unlaid_topics(new.topics).tobytes()
    whole = joined[: PAST.itemsize] + topics + joined[PAST.itemsize :]
    layout = _LAYOUT if new.quarantine is None else _SUSPECT_LAYOUT
    templates = None if new.templates is None else _write_templates(new.templates)
    held = new.requests, new.folds, new.level, layout.lay(whole), new.looks, new.quarantine, templates
    return _Assessor(_ASSESSOR_FORM, new.key_id, *held)


def _laid_topics(counts: bytes) -> bytes:
    low, high = counts[::2], counts[1::2]
    if not any(high):
        return low if any(low) else b""
    return low + high


def _read_templates(old: bytes, past: bytes) -> bytes:
    rows: Any = np.frombuffer(old[MARK_BYTES:], ROW)
    wanted = waited_for(np.frombuffer(past, PAST), rows["key"].tolist())
    keys = b"".join(key.to_bytes(KEY_BYTES, "little") for key in sorted(wanted))
    return old[:MARK_BYTES] + bytes((len(rows),)) + old[MARK_BYTES:] + keys


def _write_templates(new: bytes) -> bytes:
    return new[:MARK_BYTES] + new[HEAD_BYTES:][: new[MARK_BYTES] * ROW.itemsize]
