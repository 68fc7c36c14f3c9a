"""What a detector is: a pure function of one fold, with a name and the features that it reads."""

from collections.abc import Callable

from msgspec import Struct

from .seen import Seen


class Detector(Struct, frozen=True, kw_only=True):
    """One way of being odd.

    `score` is pure, compiled and finite, higher when odder, and may not fall when a feature in `rises` moves towards suspicion; its
    scale is its own, for calibration turns it into a p-value. `features` are all that it reads. All together cost 0.5 us a fold.
    """

    name: str
    meaning: str
    features: tuple[str, ...]
    rises: tuple[str, ...]
    score: Callable[[Seen], float]
