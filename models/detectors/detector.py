"""What a detector is: a pure function of a view, with a name and the features that it reads."""

from collections.abc import Callable

from msgspec import Struct

from .view import View


class Detector(Struct, frozen=True, kw_only=True):
    """One way of being odd.

    `score` is pure, finite, higher when odder, and may not fall when a feature in `rises` moves towards suspicion; its
    scale is its own, for calibration turns it into a p-value. `features` are all that it reads. `cost_us` is CPU a
    fold.
    """

    name: str
    meaning: str
    features: tuple[str, ...]
    rises: tuple[str, ...]
    cost_us: float
    score: Callable[[View], float]

    def explained_by(self, view: View) -> str | None:
        """The feature that moved it most; None when all it reads is missing."""
        known = [name for name in self.features if view.has(name)]
        return max(known, key=view.oddness) if known else None
