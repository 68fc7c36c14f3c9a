"""What a feature is: a number measured once a fold, with all that a reader of its value has to know."""

from msgspec import Struct


class Feature(Struct, frozen=True, kw_only=True):
    """One column of the feature table.

    `low` and `high` bound every value (it is clipped to them); `grain` is the smallest difference that means anything,
    a floor for every spread. `suspicious` is the direction in which extraction lies: 1 higher, -1 lower, 0 either.
    `cost_us` is CPU a fold (all of them together 6 us), `held_bytes` what it needs in a packed tenant with a fold of 16
    requests, its baseline (18 bytes) and its present value (4 bytes) included; what several share is told of the first.
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
