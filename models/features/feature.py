"""What a feature is: a number measured once a fold, with all that a reader of its value has to know."""

from collections.abc import Callable

from msgspec import Struct

from models.profile import Profile

MISSING = float("nan")


class Feature(Struct, frozen=True, kw_only=True):
    """One column of the feature table.

    `low` and `high` bound every value (it is clipped to them); `grain` is the smallest difference that means anything,
    a floor for every spread. `suspicious` is the direction in which extraction lies: 1 higher, -1 lower, 0 either.
    `cost_us` is CPU a fold, `held_bytes` what it needs in a packed tenant, its two baseline numbers (16 bytes) and its
    present value (8 bytes) included. `measure` gives NaN where the events do not carry what it needs.
    """

    name: str
    unit: str
    low: float
    high: float
    grain: float
    suspicious: int
    cost_us: float
    held_bytes: int
    meaning: str
    measure: Callable[[Profile], float]

    def value(self, profile: Profile) -> float:
        """The bounded value; NaN where it cannot be known."""
        return self.bounded(self.measure(profile))

    def bounded(self, measured: float) -> float:
        """What was measured, within `low` and `high`; NaN stays."""
        if measured != measured:  # noqa: PLR0124 - NaN, without a call
            return MISSING
        return min(max(measured, self.low), self.high)


def share(part: int, whole: int) -> float:
    """A share; NaN of nothing."""
    return part / whole if whole else MISSING


def unknown(counts: dict[int, int], known: dict[int, int]) -> float:
    """The share of a fold's values that are not known; NaN while nothing is."""
    if not known or not counts:
        return MISSING
    return sum([times for digest, times in counts.items() if digest not in known]) / sum(counts.values())
