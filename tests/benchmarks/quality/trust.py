"""Whether promised error rates are the ones that happen, and what a finding is worth where attackers are rare."""

from collections.abc import Iterable, Sequence
from math import sqrt

from msgspec import Struct

from .figures import false_days, figures, mean
from .scoring import HonestTenant, Score

#: Of the standard normal distribution, for an interval of 95%.
Z = 1.959964


class Interval(Struct, frozen=True, kw_only=True):
    """A measured share with its 95% interval, the share that was promised, and measured over promised (`times`)."""

    what: str
    nominal: float | None
    measured: float
    low: float
    high: float
    times: float | None
    tenants: int


def wilson(part: float, whole: float) -> tuple[float, float]:
    """The 95% interval of a share by E. B. Wilson (1927); (0, 1) of nothing.

    >>> low, high = wilson(5, 100)
    >>> round(low, 4), round(high, 4)
    (0.0215, 0.1118)
    """
    if not whole:
        return 0.0, 1.0
    rate, spread = part / whole, Z * Z / whole
    centre = rate + spread / 2
    margin = Z * sqrt(rate * (1 - rate) / whole + spread / (4 * whole))
    return max(0.0, (centre - margin) / (1 + spread)), min(1.0, (centre + margin) / (1 + spread))


def by_tenant_day(what: str, nominal: float, honest: Sequence[HonestTenant]) -> Interval:
    """Nominal against measured share of honest tenant-days on which a finding was opened.

    The days of a tenant are alike, so the interval takes tenants, not days, for independent: that is the widest it can be.
    A finding that stays open over midnight is counted once, and so it is promised; more days reach the level.
    """
    lived = [each for each in honest if each.days]
    measured = false_days(lived) or 0.0
    low, high = wilson(measured * len(lived), len(lived))
    times = measured / nominal
    return Interval(what=what, nominal=nominal, measured=measured, low=low, high=high, times=times, tenants=len(lived))


def by_tenant(what: str, honest: Sequence[HonestTenant]) -> Interval:
    """The share of honest tenants on which a finding was opened at all; those who attack later are left out by the caller."""
    wrong = sum(each.false_days > 0 for each in honest)
    low, high = wilson(wrong, len(honest))
    measured = wrong / max(1, len(honest))
    return Interval(what=what, nominal=None, measured=measured, low=low, high=high, times=None, tenants=len(honest))


def precision_at(prevalence: float, named: float, false: float) -> float | None:
    """The share of named tenants that do attack, where a share `prevalence` of tenants attacks; None when nobody is named.

        precision = prevalence * named / (prevalence * named + (1 - prevalence) * false)

    `named` is the measured share of attacking tenants that are named, `false` that of honest tenants, over the same days (Bayes).

    >>> round(precision_at(0.001, 0.9, 0.009), 3)
    0.091
    """
    right, wrong = prevalence * named, (1 - prevalence) * false
    return right / (right + wrong) if right + wrong else None


def rare(prevalence: float, scores: Iterable[Score], false: Interval) -> tuple[float | None, float | None]:
    """Precision at a prevalence, at the measured rates and at the upper end of the false rate's interval.

    The attackers' rate is the mean of seeds of the kinds' mean of members named.
    """
    named = mean(figures(score).members for score in scores) or 0.0
    return precision_at(prevalence, named, false.measured), precision_at(prevalence, named, false.high)
