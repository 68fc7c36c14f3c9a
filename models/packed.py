"""An assessor at rest: its state in bytes, refused when another version wrote it."""

from typing import NamedTuple

import msgspec
from msgspec import Struct

from schemas.errors import ForeignState

from .features import FEATURES
from .layout import Layout, Part, differing, parts_of
from .look import LOOK
from .past import KNOWN, KNOWN_COUNTS_BYTES, KNOWN_HASHES_BYTES, OWN_HASHES, PAST
from .profile import PROFILE_BYTES
from .quarantine import PackedQuarantine
from .river_state import Baselines

MODEL_VERSION = "4"
#: The form of packed state; features in their order are part of it, and how it is laid out (3: by planes of bytes, with templates).
STATE_FORM = f"{MODEL_VERSION}/{len(FEATURES)}/3"
_FEATURES = len(FEATURES)
#: The baselines of a tenant of whom nothing was learned, packed.
NOTHING = bytes(_FEATURES * Baselines.PACKED_BYTES)
_VALUES_BYTES = 4 * _FEATURES
_LEARNED: list[Part] = [(4, _VALUES_BYTES), (8, 16 * _FEATURES), (2, 2 * _FEATURES)]
_PROFILE: list[Part] = [*parts_of(PAST, PAST.names or (), OWN_HASHES), (2, PROFILE_BYTES - PAST.itemsize)]
_QUARANTINE: list[Part] = [*parts_of(PAST, KNOWN, OWN_HASHES), *_LEARNED]
# The arrays of an assessor, without a quarantine and with one.
_LAYOUT, _SUSPECT_LAYOUT = Layout([*_PROFILE, *_LEARNED]), Layout([*_PROFILE, *_LEARNED, *_QUARANTINE])


class Arrays(NamedTuple):
    """The arrays of an assessor, each in its own bytes; the last three are those of a quarantine, if there is one."""

    profile: bytes
    values: bytes
    baselines: bytes
    known: bytes = b""
    suspect_values: bytes = b""
    suspect_baselines: bytes = b""

    def laid(self) -> bytes:
        """The arrays as they lie at rest; what a quarantine has of the trusted values is zeros."""
        trusted = self.profile + self.values + self.baselines
        if not self.known:
            return _LAYOUT.lay(trusted)
        counts = differing(self.known[KNOWN_HASHES_BYTES:], self._known_counts)
        values = differing(self.suspect_values, self.values)
        return _SUSPECT_LAYOUT.lay(trusted + self.known[:KNOWN_HASHES_BYTES] + counts + values + self.suspect_baselines)

    @classmethod
    def unlaid(cls, laid: bytes) -> "Arrays":
        """The arrays that were laid."""
        suspect = len(laid) != _LAYOUT.size_bytes
        sizes = [
            PROFILE_BYTES,
            _VALUES_BYTES,
            len(NOTHING),
            KNOWN_HASHES_BYTES,
            KNOWN_COUNTS_BYTES,
            _VALUES_BYTES,
            len(NOTHING),
        ]
        whole, begin, held = (_SUSPECT_LAYOUT if suspect else _LAYOUT).unlay(laid), 0, []
        for size in sizes if suspect else sizes[:3]:
            held.append(whole[begin : begin + size])
            begin += size
        arrays = cls(*held[:3])
        if not suspect:
            return arrays
        hashes, counts, values, baselines = held[3:]
        return arrays._replace(
            known=hashes + differing(counts, arrays._known_counts),
            suspect_values=differing(values, arrays.values),
            suspect_baselines=baselines,
        )

    @property
    def _known_counts(self) -> bytes:
        return self.profile[PAST.itemsize - KNOWN_COUNTS_BYTES : PAST.itemsize]


class PackedAssessor(Struct, frozen=True, array_like=True):
    """The state at rest: `arrays` and `looks` as they lie best."""

    form: str
    key_id: str
    requests: int
    folds: int
    level: float
    arrays: bytes
    looks: bytes
    quarantine: PackedQuarantine | None
    templates: bytes | None = None


class _Form(Struct, array_like=True):
    """The beginning of any state."""

    form: str


def unpack(data: bytes) -> PackedAssessor:
    """The state that these bytes hold; raises `ForeignState` for another form."""
    try:
        form = msgspec.msgpack.decode(data, type=_Form).form
        if form != STATE_FORM:
            raise ForeignState(f"an assessor of form {form} cannot be read by this version ({STATE_FORM})")
        packed = msgspec.msgpack.decode(data, type=PackedAssessor)
    except msgspec.DecodeError as error:
        raise ForeignState(f"the state of an assessor cannot be read: {error}") from None
    expected = _LAYOUT.size_bytes if packed.quarantine is None else _SUSPECT_LAYOUT.size_bytes
    if len(packed.arrays) != expected or len(packed.looks) % LOOK.itemsize:
        raise ForeignState(
            f"the state of an assessor cannot be read: {len(packed.arrays)} bytes of arrays ({expected} expected), "
            f"{len(packed.looks)} of looks"
        )
    return packed
