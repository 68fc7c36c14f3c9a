"""An assessor at rest: its state in bytes, refused when another version wrote it."""

import msgspec
from msgspec import Struct

from schemas.errors import ForeignState

from .features import FEATURES
from .quarantine import PackedQuarantine
from .river_state import Baselines

MODEL_VERSION = "4"
#: The form of packed state; features in their order are part of it, and how it is laid out (2: with a quarantine).
STATE_FORM = f"{MODEL_VERSION}/{len(FEATURES)}/2"
#: The baselines of a tenant of whom nothing was learned, packed.
NOTHING = bytes(len(FEATURES) * Baselines.PACKED_BYTES)


class PackedAssessor(Struct, frozen=True, array_like=True):
    """The state at rest."""

    form: str
    key_id: str
    requests: int
    folds: int
    level: float
    values: bytes
    baselines: bytes
    profile: bytes
    quarantine: PackedQuarantine | None


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
    held = packed.quarantine
    for each in (packed, held) if held is not None else (packed,):
        if len(each.baselines) != len(NOTHING):
            raise ForeignState(
                f"the state of an assessor cannot be read: {len(each.baselines)} bytes of baselines, {len(NOTHING)} expected"
            )
    return packed
