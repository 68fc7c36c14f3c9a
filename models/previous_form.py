"""The form of a tenant's state before this one: read, and written until the worker is told otherwise.

A rolling upgrade and its way back rest on it: while versions run side by side, or may be exchanged for one another, both read what
either writes. What is learned has a feature less there, and neither it nor the looks of a fold know of wording. The present form of it,
and what the looks say of wording, are written behind, where that version does not look, so that ours loses nothing meanwhile. Goes when
the form after the present one comes.
"""

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from schemas.errors import ForeignState

from .compression import restored, smaller
from .features import FEATURES
from .layout import LOOK_BYTES, Layout, Part, differing, parts_of
from .packed import STATE_FORM, Arrays
from .packed_case import PackedCase
from .past import KNOWN, OWN_HASHES, PAST
from .river_state import Baselines
from .sealed import opened, sealed
from .state import TenantState

PREVIOUS_FORM = 6
_FEATURES = 42
_ASSESSOR_FORM = f"5/{_FEATURES}/4"
_LOOK_BYTES = 64
_NEW_FIELDS = "wording", "known_wording"
_PAST = np.dtype([(name, PAST[name].base, PAST[name].shape) for name in PAST.names or () if name not in _NEW_FIELDS])
_KNOWN = tuple(name for name in KNOWN if name not in _NEW_FIELDS)
_KNOWN_BYTES = sum(_PAST[name].itemsize for name in _KNOWN)
_COUNTS_BYTES = sum(_PAST[name].itemsize for name in ("known_topics", "known_styles", "known_likeness"))
_LEARNED: list[Part] = [(4, 4 * _FEATURES), (8, 16 * _FEATURES), (2, 2 * _FEATURES)]
_OWN_PAST, _OWN_KNOWN = (parts_of(_PAST, names, OWN_HASHES) for names in (_PAST.names or (), _KNOWN))
_LAYOUT, _SUSPECT_LAYOUT = Layout([*_OWN_PAST, *_LEARNED]), Layout([*_OWN_PAST, *_LEARNED, *_OWN_KNOWN, *_LEARNED])
_VALUES_BYTES, _BASELINES_BYTES = 4 * _FEATURES, Baselines.PACKED_BYTES * _FEATURES
_TRUSTED_BYTES = _PAST.itemsize + _VALUES_BYTES + _BASELINES_BYTES
_NO_VALUES = np.full(len(FEATURES) - _FEATURES, np.nan, np.float32).tobytes()


class _Written(Struct, frozen=True, array_like=True):
    """A record of that form: a case, all else, and behind it what that version does not read.

    That is our form of what is learned, and the wording of the looks as it is laid: the last bytes of their columns.
    """

    case: PackedCase | None
    tenant: TenantState
    learned: bytes | None = None
    wording: bytes = b""


_encode = msgspec.msgpack.Encoder().encode
_written = msgspec.msgpack.Decoder(_Written)


def read_previous(packed: bytes) -> tuple[PackedCase | None, TenantState]:
    """A tenant of the previous form, its case apart; costs 60 us. Raises `Unreadable` or `ValueError` for what is none."""
    written = _written.decode(opened(packed))
    held = written.tenant.assessor
    if held.form != _ASSESSOR_FORM:
        raise ForeignState(f"an assessor of form {held.form} cannot be read by this version ({_ASSESSOR_FORM} expected)")
    learned = written.learned or _with_wording(held.learned, suspect=held.quarantine is not None)
    looks = held.looks + (written.wording or bytes(len(held.looks) // _LOOK_BYTES * (LOOK_BYTES - _LOOK_BYTES)))
    return written.case, replace(written.tenant, assessor=replace(held, form=STATE_FORM, learned=learned, looks=looks))


def write_previous(case: PackedCase | None, state: TenantState) -> bytes:
    """The tenant in the previous form; costs 80 us."""
    held = state.assessor
    before = _without_wording(held.learned, suspect=held.quarantine is not None)
    columns = len(held.looks) // LOOK_BYTES * _LOOK_BYTES
    looks, wording = held.looks[:columns], held.looks[columns:]
    old = replace(state, assessor=replace(held, form=_ASSESSOR_FORM, learned=before, looks=looks))
    data = _encode(_Written(case, old, held.learned, wording))
    return sealed(PREVIOUS_FORM, data, len(before) + len(_encode(held.learned)) + len(_encode(wording)))


def _with_wording(learned: bytes, *, suspect: bool) -> bytes:
    """What was learned, in the present form: of wording nothing was."""
    laid, layout = restored(learned), _SUSPECT_LAYOUT if suspect else _LAYOUT
    if len(laid) != layout.size_bytes:
        raise ValueError(f"{len(laid)} bytes of arrays ({layout.size_bytes} expected)")
    whole = layout.unlay(laid)
    past, values, baselines = _cut(whole, (_PAST.itemsize, _VALUES_BYTES, _BASELINES_BYTES))
    arrays = Arrays(_grown_past(past), values + _NO_VALUES, _grown(baselines))
    if suspect:
        sizes = _KNOWN_BYTES - _COUNTS_BYTES, _COUNTS_BYTES, _VALUES_BYTES, _BASELINES_BYTES
        hashes, counts, other, beside = _cut(whole[_TRUSTED_BYTES:], sizes)
        known = hashes + differing(counts, past[-_COUNTS_BYTES:])
        other = differing(other, values)
        arrays = arrays._replace(
            known=_grown_known(known), suspect_values=other + _NO_VALUES, suspect_baselines=_grown(beside)
        )
    return arrays.packed()


def _without_wording(learned: bytes, *, suspect: bool) -> bytes:
    """What is learned, in the previous form."""
    arrays = Arrays.unpacked(learned, suspect=suspect)
    past, values = _shrunk_past(arrays.past), arrays.values[:_VALUES_BYTES]
    whole = past + values + _shrunk(arrays.baselines)
    if suspect:
        known = _shrunk_past(bytes(PAST.itemsize - len(arrays.known)) + arrays.known)[-_KNOWN_BYTES:]
        counts = differing(known[-_COUNTS_BYTES:], past[-_COUNTS_BYTES:])
        other = differing(arrays.suspect_values[:_VALUES_BYTES], values)
        whole += known[:-_COUNTS_BYTES] + counts + other + _shrunk(arrays.suspect_baselines)
    return smaller((_SUSPECT_LAYOUT if suspect else _LAYOUT).lay(whole))


def _grown_past(past: bytes) -> bytes:
    return _copied(past, _PAST, PAST)


def _shrunk_past(past: bytes) -> bytes:
    return _copied(past, PAST, _PAST)


def _grown_known(known: bytes) -> bytes:
    """What is known is the end of a past."""
    ours = sum(PAST[name].itemsize for name in KNOWN)
    return _grown_past(bytes(_PAST.itemsize - len(known)) + known)[-ours:]


def _copied(past: bytes, old: "np.dtype[np.void]", new: "np.dtype[np.void]") -> bytes:
    """The fields that both have."""
    held, made = np.frombuffer(past, old), np.zeros(1, new)
    for name in _PAST.names or ():
        made[name] = held[name]
    return made.tobytes()


def _grown(baselines: bytes) -> bytes:
    """Baselines of all features: of the new ones nothing was learned."""
    more = len(FEATURES) - _FEATURES
    means, squares, weights = _cut(baselines, (8 * _FEATURES, 8 * _FEATURES, 2 * _FEATURES))
    return means + bytes(8 * more) + squares + bytes(8 * more) + weights + bytes(2 * more)


def _shrunk(baselines: bytes) -> bytes:
    number = len(FEATURES)
    means, squares, weights = _cut(baselines, (8 * number, 8 * number, 2 * number))
    return means[: 8 * _FEATURES] + squares[: 8 * _FEATURES] + weights[: 2 * _FEATURES]


def _cut(whole: bytes, sizes: Sequence[int]) -> list[bytes]:
    """Pieces of these sizes, one after the other."""
    ends = np.cumsum((0, *sizes)).tolist()
    return [whole[begin:end] for begin, end in pairwise(ends)]
