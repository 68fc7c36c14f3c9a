"""The records of the checkpoint topic: keys that name a generation, values that begin with a position."""

import msgspec

from models.adoptions import Adoption
from models.partition import Unit
from schemas.errors import ForeignState

MARK, UNIT = b"mark", b"unit"
#: The header of a tombstone.
POSITION = "position"
ADOPTED, CAMPAIGNS, FEEDBACK = b"ctrl", b"campaigns", b"feedback"
_WORD_BYTES, _GENERATION_BYTES, _POSITION_BYTES, _LENGTH_BYTES = 4, 2, 8, 2
_HEAD_BYTES = _WORD_BYTES + _GENERATION_BYTES
_NAME_BYTES = _HEAD_BYTES + _LENGTH_BYTES


def head(word: bytes, generation: int) -> bytes:
    """The beginning of a key: what it is, and of which generation."""
    return word + generation.to_bytes(_GENERATION_BYTES, "big")


def tenant_key(generation: int, unit: Unit) -> bytes:
    """The key of a tenant's state: generation, and its name and subject, told apart by their lengths.

    >>> unit_of(tenant_key(3, ("org_a", "key"))), generation_of(tenant_key(3, ("org_a", "key")))
    (('org_a', 'key'), 3)
    """
    tenant, subject = unit[0].encode(), unit[1].encode()
    return head(UNIT, generation) + len(tenant).to_bytes(_LENGTH_BYTES, "big") + tenant + subject


def unit_of(key: bytes) -> Unit:
    """Whose state a key names."""
    end = _NAME_BYTES + (key[_HEAD_BYTES] << 8) + key[_HEAD_BYTES + 1]
    return key[_NAME_BYTES:end].decode(), key[end:].decode()


def generation_of(key: bytes) -> int:
    """The generation that a key names."""
    return int.from_bytes(key[_WORD_BYTES:_HEAD_BYTES], "big")


def position_bytes(position: int) -> bytes:
    """The beginning of a value."""
    return position.to_bytes(_POSITION_BYTES, "big", signed=True)


def position_of(value: bytes) -> int:
    """The position that a value is the state at."""
    return int.from_bytes(value[:_POSITION_BYTES], "big", signed=True)


def body_of(value: bytes) -> bytes:
    """What a value holds behind its position."""
    return value[_POSITION_BYTES:]


def is_ours(key: bytes | None, value: bytes | None) -> bool:
    """Whether a worker may have written this."""
    if key is None or (value is not None and len(value) <= _POSITION_BYTES):
        return False
    if key in (CAMPAIGNS, FEEDBACK):
        return True
    return (key.startswith((MARK, ADOPTED)) and len(key) == _HEAD_BYTES) or (key.startswith(UNIT) and len(key) >= _NAME_BYTES)


def is_state(key: bytes | None, value: bytes, begin: bytes) -> bool:
    """Whether this is a tenant's state under a key that begins like this, `head(UNIT, generation)`: what most records are."""
    return key is not None and key.startswith(begin) and len(key) >= _NAME_BYTES and len(value) > _POSITION_BYTES


def unpack_adoptions(packed: bytes) -> list[Adoption]:
    """The adoptions of a partition; raises `ForeignState` for what this version did not write."""
    try:
        return msgspec.msgpack.decode(packed, type=list[Adoption])
    except msgspec.DecodeError as error:
        raise ForeignState(f"the adoptions in the checkpoint topic are damaged: {error}") from None
