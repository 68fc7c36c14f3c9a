"""Which control record a partition judges by, and from which of its offsets on."""

from collections.abc import Iterable

from msgspec import Struct

from schemas.control import Control

NEVER = 2**63 - 1


class Adoption(Struct, frozen=True, array_like=True):
    """From the record at `first_offset` on, a partition judges by `control`; durable before that record is judged."""

    first_offset: int
    control: Control


class Adoptions:
    """The adoptions of one partition, owned by it; those that no record can be read again before are forgotten.

    >>> adoptions = Adoptions()
    >>> adoptions.add([Adoption(10, Control(number=1, made_ms=0)), Adoption(20, Control(number=2, made_ms=0))])
    >>> adoptions.due, adoptions.at(15).number, adoptions.due
    (10, 1, 20)
    >>> [one.control.number for one in adoptions.since(25)]
    [2]
    """

    __slots__ = ("_held", "due")

    def __init__(self) -> None:
        self._held: list[Adoption] = []
        #: The offset from which on the next one is to be asked for.
        self.due = NEVER

    def add(self, adoptions: Iterable[Adoption]) -> None:
        """Take in adoptions that are durable, in the order of their offsets."""
        added = list(adoptions)
        self._held += added
        self.due = min([self.due, *(one.first_offset for one in added)])

    def at(self, offset: int) -> Control:
        """The record in force at an offset that is `due` or later."""
        control = [one.control for one in self._held if one.first_offset <= offset][-1]
        self.due = min((one.first_offset for one in self._held if one.first_offset > offset), default=NEVER)
        return control

    @property
    def newest(self) -> Control | None:
        """The last one, in force or still to be."""
        return self._held[-1].control if self._held else None

    def since(self, durable: int) -> list[Adoption]:
        """What has to be known to judge again from behind the offset `durable` on; the rest is forgotten."""
        old = sum(one.first_offset <= durable + 1 for one in self._held)
        del self._held[: max(0, old - 1)]
        return list(self._held)
