"""From what each fold says to a risk: a level over time, and what a level means among honest tenants."""

from bisect import bisect_right
from functools import cached_property
from math import exp, inf, log
from statistics import NormalDist

from msgspec import Struct
from msgspec.structs import replace

from .compiled import compiled

FOLD_REQUESTS = 16
NORMAL = NormalDist()
#: A share is told from 1 down to here before it becomes a normal deviate.
MOST_SHARE = 1 - 1e-9


class ScoreCard(Struct, frozen=True, dict=True):
    """The level's pace and the table of what a level means; numbers only.

    A tenant begins at the level `prior`, which weighs as much as `newcomer` requests; a fold of 16 requests moves the level by
    the share `pace` towards the log-odds of that fold, a smaller one by less, and by more while the tenant is young. Evidence
    within a tenant is not independent, so it is not added up over time. `shares` are those of
    honest tenant-days on which the level reaches `levels[i]` at least once, falling; `risks` is what that is called, rising.
    """

    prior: float
    pace: float
    newcomer: float
    levels: tuple[float, ...]
    shares: tuple[float, ...]
    risks: tuple[float, ...]

    def step(self, requests: int, before: int) -> float:
        """The share in the new level of a fold of so many requests, of a tenant that had sent so many `before`."""
        return step(requests, before, self.pace, self.newcomer)

    def risk(self, level: float) -> float:
        """The risk in [0, 1) that a level stands for; never falls when the level rises."""
        return self._between(level, self.risks)

    def honest_share(self, level: float) -> float:
        """The share of honest tenant-days that reach a level at least once, in (0, 1]; never rises with the level."""
        return exp(self._between(level, self._logarithms))

    def share_of(self, risk: float) -> float:
        """The share of honest tenant-days that ever reach a risk."""
        return exp(_at(risk, self.risks, self._logarithms))

    def deviate(self, level: float) -> float:
        """A level as a normal deviate: what share of honest tenant-days reaches it at least once, in standard deviations.

        Beyond the table's last level the share goes on falling as between its last two.
        """
        share = self.honest_share(level) * exp(self._fall * max(0.0, level - self.levels[-1]))
        return -NORMAL.inv_cdf(min(share, MOST_SHARE))

    def level_at(self, deviate: float) -> float:
        """The level of a normal deviate; `deviate` turned round, and the first level for all that lies below it."""
        share = max(NORMAL.cdf(-deviate), 1e-12)
        if share >= self.shares[-1]:
            return _at(-log(share), tuple(-log(each) for each in self.shares), self.levels)
        return self.levels[-1] + log(share / self.shares[-1]) / self._fall

    def calibrated(self, shift: float, scale: float, factor: float = 1.0) -> "ScoreCard":
        """What a level means where deviates z of honest tenant-days are (z - shift) / scale: a table of the same form.

        So judging by it costs what judging costs. `honest_share` is the measured one. A risk is what it was, of a share that is
        `factor` times what it was: with 2 twice as many honest tenant-days reach each severity.

        >>> card = ScoreCard(-3.0, 0.45, 8.0, (-4.0, 1.5, 3.0, 4.0), (0.5, 0.01, 0.001, 0.0001), (0.1, 0.3, 0.5, 0.9))
        >>> same, stricter, laxer = card.calibrated(0, 1), card.calibrated(0.5, 1), card.calibrated(0, 1, 2)
        >>> same.levels == card.levels, [round(each.risk(3.0), 2) for each in (same, stricter, laxer)]
        (True, [0.5, 0.38, 0.62])
        """

        def own(deviate: float) -> float:
            return self.level_at(shift + scale * deviate)

        def honest(level: float) -> float:
            return NORMAL.cdf((shift - self.deviate(level)) / scale)

        deviates = {-NORMAL.inv_cdf(min(share * by, MOST_SHARE)) for share in self.shares for by in (1.0, factor)}
        levels = sorted({round(own(deviate), 9) for deviate in deviates})
        shares = tuple(round(honest(level), 12) for level in levels)
        meant = [self.level_at(-NORMAL.inv_cdf(min(share / factor, MOST_SHARE))) for share in shares]
        return replace(
            self, levels=tuple(levels), shares=shares, risks=tuple(round(self.risk(level), 9) for level in meant)
        )

    @cached_property
    def _logarithms(self) -> tuple[float, ...]:
        """Of the shares: asked for with every fold."""
        return tuple(map(log, self.shares))

    @property
    def _fall(self) -> float:
        """How fast the logarithm of the share falls with the level beyond the table."""
        return (log(self.shares[-1]) - log(self.shares[-2])) / (self.levels[-1] - self.levels[-2])

    def level_of(self, share: float) -> float:
        """The least level of the table that no more than this share of honest tenant-days reaches; infinite without one.

        >>> ScoreCard(-3.0, 0.45, 8.0, (0.0, 1.0, 2.0), (1.0, 0.2, 0.01), (0.1, 0.2, 0.5)).level_of(0.2)
        1.0
        """
        return min((level for level, of in zip(self.levels, self.shares, strict=True) if of <= share), default=inf)

    def _between(self, level: float, values: tuple[float, ...]) -> float:
        """The value at a level, in straight pieces; flat beyond both ends."""
        return _at(level, self.levels, values)


def _at(value: float, places: tuple[float, ...], values: tuple[float, ...]) -> float:
    """The value at a place among rising ones, in straight pieces; flat beyond both ends."""
    at = bisect_right(places, value)
    if at in {0, len(places)}:
        return values[max(at - 1, 0)]
    part = (value - places[at - 1]) / (places[at] - places[at - 1])
    return values[at - 1] + part * (values[at] - values[at - 1])


@compiled
def step(requests: float, before: float, pace: float, newcomer: float) -> float:
    """The share that a fold has in the new level: `pace` for 16 requests, or its part of all requests when that is more.

    >>> step(16, 1000, 0.45, 8.0), step(8, 0, 0.45, 8.0), step(1, 0, 0.45, 9.0)
    (0.45, 0.5, 0.1)
    """
    return min(1.0, max(pace * requests / FOLD_REQUESTS, requests / (before + requests + newcomer)))
