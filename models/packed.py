"""An assessor at rest: its state in bytes, refused when another version wrote it."""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct

from schemas.errors import ForeignState

from .compression import restored, smaller
from .features import FEATURES
from .layout import Layout, Part, differing, parts_of
from .look import LOOK
from .past import KNOWN, KNOWN_COUNTS_BYTES, KNOWN_HASHES_BYTES, OWN_HASHES, PAST
from .quarantine import PackedQuarantine
from .river_state import Baselines
from .words import BINS

MODEL_VERSION = "6"
#: The form of packed state; features in their order are part of it, and how it is laid out (4: what folds change in a part of its own).
STATE_FORM = f"{MODEL_VERSION}/{len(FEATURES)}/4"
_FEATURES = len(FEATURES)
#: The baselines of a tenant of whom nothing was learned, packed.
NOTHING = bytes(_FEATURES * Baselines.PACKED_BYTES)
_VALUES_BYTES = 4 * _FEATURES
#: The parts of what is learned of a tenant: its running values and baselines; its past; what a quarantine has besides.
LEARNED: list[Part] = [(4, _VALUES_BYTES), (8, 16 * _FEATURES), (2, 2 * _FEATURES)]
OWN_PAST: list[Part] = parts_of(PAST, PAST.names or (), OWN_HASHES)
QUARANTINE: list[Part] = [*parts_of(PAST, KNOWN, OWN_HASHES), *LEARNED]
_TRUSTED_BYTES = PAST.itemsize, _VALUES_BYTES, len(NOTHING)
_SUSPECT_BYTES = KNOWN_HASHES_BYTES, KNOWN_COUNTS_BYTES, _VALUES_BYTES, len(NOTHING)
_TOPICS_BYTES = 0, BINS, 2 * BINS
# The arrays of an assessor, without a quarantine and with one.
_LAYOUT, _SUSPECT_LAYOUT = Layout([*OWN_PAST, *LEARNED]), Layout([*OWN_PAST, *LEARNED, *QUARANTINE])


class Arrays(NamedTuple):
    """What only the end of a fold changes, each array in its own bytes; the last three are those of a quarantine, if there is one."""

    past: bytes
    values: bytes
    baselines: bytes
    known: bytes = b""
    suspect_values: bytes = b""
    suspect_baselines: bytes = b""

    def join(self) -> bytes:
        """All of them, one after the other; what a quarantine has of the trusted values is zeros."""
        trusted = self.past + self.values + self.baselines
        if not self.known:
            return trusted
        counts = differing(self.known[KNOWN_HASHES_BYTES:], self._known_counts)
        values = differing(self.suspect_values, self.values)
        return trusted + self.known[:KNOWN_HASHES_BYTES] + counts + values + self.suspect_baselines

    @classmethod
    def joined(cls, whole: bytes, *, suspect: bool) -> "Arrays":
        """The arrays that were joined, with those of a quarantine when it is `suspect`."""
        arrays = cls(*_cut(whole, 0, _TRUSTED_BYTES))
        if not suspect:
            return arrays
        hashes, counts, values, baselines = _cut(whole, sum(_TRUSTED_BYTES), _SUSPECT_BYTES)
        known = hashes + differing(counts, arrays._known_counts)
        return arrays._replace(
            known=known, suspect_values=differing(values, arrays.values), suspect_baselines=baselines
        )

    def packed(self) -> bytes:
        """The arrays as they lie at rest, compressed. Costs 25 us."""
        return smaller((_SUSPECT_LAYOUT if self.known else _LAYOUT).lay(self.join()))

    @classmethod
    def unpacked(cls, packed: bytes, *, suspect: bool) -> "Arrays":
        """The arrays that were packed, with those of a quarantine when it is `suspect`; raises `ForeignState` for others."""
        laid, layout = restored(packed), _SUSPECT_LAYOUT if suspect else _LAYOUT
        if len(laid) != layout.size_bytes:
            raise ForeignState(
                f"the state of an assessor cannot be read: {len(laid)} bytes of arrays ({layout.size_bytes} expected)"
            )
        return cls.joined(layout.unlay(laid), suspect=suspect)

    @property
    def _known_counts(self) -> bytes:
        return self.past[PAST.itemsize - KNOWN_COUNTS_BYTES : PAST.itemsize]


class PackedAssessor(Struct, frozen=True, array_like=True):
    """The state at rest: what each request may change, `looks` and `topics` as they lie best; `folds` counts those learned.

    `learned` is what only the end of a fold changes, compressed (`Arrays`): the last field, and so the last bytes of whatever ends with
    a packed assessor.
    """

    form: str
    key_id: str
    requests: int
    folds: int
    level: float
    looks: bytes
    topics: bytes
    quarantine: PackedQuarantine | None
    templates: bytes | None
    learned: bytes

    def check(self) -> None:
        """Raise `ForeignState` for another form, or for what does not fit together."""
        if self.form != STATE_FORM:
            raise ForeignState(f"an assessor of form {self.form} cannot be read by this version ({STATE_FORM})")
        if len(self.looks) % LOOK.itemsize or len(self.topics) not in _TOPICS_BYTES:
            raise ForeignState(
                f"the state of an assessor cannot be read: {len(self.looks)} bytes of looks, {len(self.topics)} of topics"
            )


def _cut(whole: bytes, begin: int, sizes: Iterable[int]) -> list[bytes]:
    """The bytes of several arrays that lie one after the other."""
    held = []
    for size in sizes:
        held.append(whole[begin : begin + size])
        begin += size
    return held
