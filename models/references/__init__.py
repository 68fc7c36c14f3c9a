"""The references: what honest tenants look like, what a score means, what evidence weighs; read-only, versioned tables.

A table is one JSON file of numbers with the story of its making, written by `distillwatch calibrate`. Its version goes
into every row and finding.
"""

from functools import cache
from importlib.resources import files

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from models.calibration import PROBABILITIES, Calibration, calibration_rows
from models.detectors import DETECTORS, Ground, Range
from models.features import FEATURES
from models.forest import Forest, Trees
from models.inputs import INPUTS
from models.peers import Spread
from models.risk import ScoreCard
from models.vocabulary import Vocabulary
from schemas.errors import RefusedToStart

SHIPPED = "composed.json"
#: A tenant is nearly suspect from the level on that so few honest tenants reach in a day.
WATCHED_SHARE = 0.2


class Made(Struct, frozen=True):
    """How a table was made: by which command, when, on how much, and what it is worth."""

    command: str
    date: str
    folds: int
    honest_tenants: int
    honest_tenant_days: float
    attacking_tenants: int
    note: str = ""


class Table(Struct, frozen=True):
    """The file as it is.

    Ranges by feature, calibrations by detector for young and established tenants, the forest, the score card, and how each
    peer group lies on it.
    """

    version: str
    made: Made
    features: dict[str, Range]
    young: dict[str, Calibration]
    established: dict[str, Calibration]
    trees: Trees
    card: ScoreCard
    peers: dict[str, Spread] = {}


class References:
    """A table, ready to be asked; shared by all tenants of a process, about 30 KB."""

    def __init__(self, table: Table, vocabulary: Vocabulary | None = None) -> None:
        _check(table)
        self.table = table
        #: Named in every row and finding.
        self.version = table.version
        self.card = table.card
        #: The words that a skeleton may show.
        self.vocabulary = vocabulary or Vocabulary.shipped()
        #: The level from which it is worth knowing what a tenant repeats.
        self.watched_from = table.card.level_of(WATCHED_SHARE)
        #: The peers' range of each feature, ready to be compared with.
        self.ground = Ground(tuple(table.features.get(feature.name) for feature in FEATURES))
        self.forest = Forest(table.trees, INPUTS)
        self._calibrations = {
            established: calibration_rows([held.get(detector.name) for detector in DETECTORS])
            for established, held in ((False, table.young), (True, table.established))
        }

    def calibrations(self, *, established: bool) -> npt.NDArray[np.float64]:
        """The calibration of each detector as a row, in their order; NaN for one that has none yet."""
        return self._calibrations[established]

    def spread(self, group: str) -> Spread:
        """How the highest levels of a peer group's honest tenant-days lie; like everybody's where the table says nothing."""
        return self.table.peers.get(group, Spread())

    @classmethod
    def shipped(cls) -> "References":
        """The table that came with the package."""
        return _shipped()

    @classmethod
    def from_json(cls, content: bytes) -> "References":
        """A table from its file; raises `RefusedToStart` for one that is broken."""
        try:
            return cls(msgspec.json.decode(content, type=Table))
        except msgspec.DecodeError as error:
            raise RefusedToStart(f"the references are not a table of this version: {error}") from None


@cache
def _shipped() -> References:
    return References.from_json(files(__package__).joinpath(SHIPPED).read_bytes())


def _check(table: Table) -> None:
    """Refuse a table that would make a judgement meaningless."""
    card = table.card
    for name, held in (*table.young.items(), *table.established.items()):
        if len(held.scores) != len(PROBABILITIES) or list(held.scores) != sorted(held.scores):
            raise RefusedToStart(f"the references' calibration of {name} is not {len(PROBABILITIES)} ascending numbers")
    fault = table.trees.faults()
    if fault is not None:
        raise RefusedToStart(f"the references' forest cannot be walked: {fault}")
    lengths = {len(card.levels), len(card.shares), len(card.risks)}
    if len(lengths) != 1 or not card.levels or list(card.levels) != sorted(set(card.levels)):
        raise RefusedToStart("the references' levels do not rise, or their meanings are not as many")
    if list(card.risks) != sorted(card.risks) or not 0 <= card.risks[0] <= card.risks[-1] < 1:
        raise RefusedToStart("the references' risks do not rise with the level within 0 and 1")
    if list(card.shares) != sorted(card.shares, reverse=True) or not 0 < card.shares[-1] <= card.shares[0] <= 1:
        raise RefusedToStart("the references' shares of honest tenants do not fall with the level within 1 and 0")


__all__ = ["References", "Table"]
