"""What a partition hands out about its records: their fates, its dead letters, what has to be made durable."""

from collections import Counter
from enum import Enum
from typing import Protocol

from msgspec import Struct, field

from schemas.rows import TenantWindow

Unit = tuple[str, str]


class Counted(Protocol):
    """Whatever accounts for some records."""

    @property
    def applied(self) -> int:
        """Applied ones, late ones among them."""

    @property
    def duplicates(self) -> int:
        """Those that came before."""

    @property
    def late(self) -> int:
        """Those that came too late to be judged."""


class Fate(Enum):
    """What became of a request."""

    JUDGED = "judged"
    LATE = "late"
    DUPLICATE = "duplicate"


#: The same by name: asking an enumeration for a member takes as long as ten other attributes do.
JUDGED, LATE, DUPLICATE = Fate.JUDGED, Fate.LATE, Fate.DUPLICATE


class DeadLetter(Struct, frozen=True, gc=False):
    """A record that is no event: its offset, the reason (a metric label) and the detail (no content)."""

    offset: int
    reason: str
    detail: str


class Totals(Struct, kw_only=True):
    """What became of the records of a partition, since its first; `events_in` is the sum of the three fates.

    `late` is part of `applied`. `misplaced` (records of tenants that belong on another partition) and `replayed` (records
    skipped because they were accounted for before a restart) count since this process took the partition over; so do `canaries`,
    the events of canaries, which are none of the three.
    """

    applied: int = 0
    duplicates: int = 0
    late: int = 0
    dead_letters: Counter[str] = field(default_factory=Counter)
    misplaced: int = 0
    replayed: int = 0
    canaries: int = 0

    def add(self, counted: "Counted") -> None:
        """Take in what others account for."""
        self.applied += counted.applied
        self.duplicates += counted.duplicates
        self.late += counted.late

    @property
    def events_in(self) -> int:
        """Every record that was accounted for."""
        return self.applied + self.duplicates + self.dead_letters.total()


class Checkpoint(Struct, frozen=True, kw_only=True):
    """Everything that changed since the last one: to be made durable in this order: rows, tenants, mark.

    `generation` is that of the state's mark: it names the home that the state belongs to. After the mark the state of those
    `forgotten` may go.
    """

    generation: int
    position: int
    rows: list[TenantWindow]
    tenants: list[tuple[Unit, bytes]]
    mark: bytes
    forgotten: list[Unit] = []
