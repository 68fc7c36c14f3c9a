"""One reading of a partition of the checkpoint topic: tenants go to their shelf as they come, however many there are."""

from collections.abc import Iterable
from typing import Any

from models.accounts import Unit
from models.adoptions import Adoption
from models.shelf import Shelf
from models.snapshot import PartitionState, unpack_partition, unpack_tenant
from schemas.errors import ForeignState
from streams.checkpoint_records import (
    ADOPTED,
    MARK,
    POSITION,
    UNIT,
    body_of,
    generation_of,
    head,
    is_ours,
    is_state,
    position_of,
    unit_of,
    unpack_adoptions,
)

#: The beginning of no key.
_NONE = b"\0"


class Restoration:
    """What a reading has found so far of one generation; its memory is bounded by a batch of records, and the shelf's.

    Only the generation of the newest mark counts, which is known at the end: the first one met is believed until then (`is_right`).
    The highest position of a key wins. Positions rise along the topic, so a record is compared with what the shelf has only when its
    position is below one read before: a worker that had lost the partition wrote it.
    """

    def __init__(self, shelf: Shelf, generation: int | None = None) -> None:
        self._shelf, self._generation = shelf, generation
        self._marks: dict[int, bytes] = {}
        self._adopted: dict[int, bytes] = {}
        self._highest = -1
        self._unmarked: set[bytes] = set()
        self._usual = _NONE

    @property
    def newest(self) -> int:
        """The generation that counts, by what was read: that of the newest mark; 0, the first one, without any."""
        return max(self._marks, default=0)

    @property
    def is_right(self) -> bool:
        """Whether the tenants on the shelf are those that count; else everything has to be read again, for `newest`."""
        return self._generation in (None, self.newest)

    @property
    def mark(self) -> PartitionState | None:
        """The newest mark; None when no pass ever ended here."""
        value = self._marks.get(self.newest)
        return unpack_partition(body_of(value)) if value is not None else None

    @property
    def is_interrupted(self) -> bool:
        """Whether there is state of a new home and no mark at all: a re-homing was interrupted."""
        return not self._marks and bool(self._unmarked)

    @property
    def adoptions(self) -> list[Adoption]:
        """The control records that were adopted, by offset."""
        value = self._adopted.get(self.newest)
        return unpack_adoptions(body_of(value)) if value is not None else []

    def take(self, records: Iterable[Any]) -> None:
        """Take in some records, in their order; raises `ForeignState` for what no worker wrote."""
        newest: dict[Unit, bytes | None] = {}
        for record in records:
            if record.value is not None and is_state(record.key, record.value, self._usual):
                self._state(newest, record.key, record.value)
            else:
                self._look_at(newest, record)
        self._shelf.fetch(newest)
        self._shelf.drop(unit for unit, packed in newest.items() if packed is None)
        for unit, packed in newest.items():
            if packed is not None:
                self._shelf.put(unit, packed)
        self._shelf.settle()

    def _look_at(self, newest: dict[Unit, bytes | None], record: Any) -> None:
        if not is_ours(record.key, record.value):
            raise ForeignState("the checkpoint topic holds a record that no worker wrote")
        if not self._marks:
            self._note_unmarked(record)
        if record.key.startswith(MARK):
            self._keep(self._marks, record)
        elif record.key.startswith(ADOPTED):
            self._keep(self._adopted, record)
        elif record.key.startswith(UNIT):
            self._tenant(newest, record)
        if self._generation is not None and (self._marks or self._generation == 0):
            self._usual = head(UNIT, self._generation)  # from now on the state of a tenant needs no further look

    def _note_unmarked(self, record: Any) -> None:
        if not record.key.startswith((UNIT, ADOPTED)) or generation_of(record.key) == 0:
            return
        if record.value is None:
            self._unmarked.discard(record.key)
        else:
            self._unmarked.add(record.key)

    def _keep(self, held: dict[int, bytes], record: Any) -> None:
        generation = generation_of(record.key)
        if record.value is None:
            held.pop(generation, None)
        elif generation not in held or position_of(held[generation]) <= position_of(record.value):
            held[generation] = record.value

    def _tenant(self, newest: dict[Unit, bytes | None], record: Any) -> None:
        generation = generation_of(record.key)
        if self._generation is None and record.value is not None:
            self._generation = generation
        if generation != self._generation:
            return
        if record.value is not None:
            self._state(newest, record.key, record.value)
            return
        unit = unit_of(record.key)
        if not self._is_late_tombstone(newest, unit, record):
            newest.pop(unit, None)
            newest[unit] = None

    def _state(self, newest: dict[Unit, bytes | None], key: bytes, value: bytes) -> None:
        unit, packed, position = unit_of(key), body_of(value), position_of(value)
        if position < self._highest:
            if not self._is_newer(newest, unit, packed):
                return
        else:
            self._highest = position
        newest.pop(unit, None)
        newest[unit] = packed

    def _is_late_tombstone(self, newest: dict[Unit, bytes | None], unit: Unit, record: Any) -> bool:
        """Whether the tenant has come back since: a worker that had lost the partition wrote this."""
        said = dict(record.headers).get(POSITION)
        if said is None or (position := position_of(said)) >= self._highest:
            return False
        known = newest[unit] if unit in newest else self._shelf.get(unit)
        return known is not None and unpack_tenant(known).position > position

    def _is_newer(self, newest: dict[Unit, bytes | None], unit: Unit, packed: bytes) -> bool:
        known = newest[unit] if unit in newest else self._shelf.get(unit)
        return known is None or unpack_tenant(known).position <= unpack_tenant(packed).position
