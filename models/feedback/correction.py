"""The correction: how far what was learned moves the level of a suspect tenant."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from schemas.control import Control
from schemas.finding import Reason

from .evidence import Evidence, crossed, evidence_of

#: In log-odds: enough to silence a finding that has just opened or to make it Critical, not enough to silence what is beyond doubt.
MOST = 4.0


class Correction(Struct, frozen=True):
    """The weights of an adopted control record, read-only; some 10 us a question.

    >>> taught = Correction({"rhythm": -0.5, "always": -0.25})
    >>> taught.of_evidence({"always": 1.0, "rhythm": 2.0, "size": 1.0}), taught.of_evidence({"rhythm": 100.0})
    (-1.25, -4.0)
    """

    weights: Mapping[str, float]

    @classmethod
    def from_control(cls, control: Control) -> "Correction | None":
        """What a control record teaches; None when that is nothing."""
        return cls(control.learned.weights) if any(control.learned.weights.values()) else None

    def level(self, level: float, reasons: Iterable[Reason]) -> float:
        """The level of a tenant that is suspect for these reasons, moved by at most 4."""
        return level + self.of_evidence(evidence_of((reason.feature, reason.log_odds) for reason in reasons))

    def of_evidence(self, evidence: Evidence) -> float:
        """What to add to a level, within -4 and 4."""
        said = sum(self.weights.get(family, 0.0) * value for family, value in crossed(evidence).items())
        return min(max(said, -MOST), MOST)
