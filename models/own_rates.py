"""A deployment's own error rates: the calibration that its control record carries, nominal beside measured."""

from collections.abc import Sequence
from math import floor, sqrt

import numpy as np

from schemas.control import Calibration, Control, Learned, PeerCalibration, Rate

from .config import Config
from .own_null import Bools, Days, Floats, TenantDay, columns, own_null, spreads
from .peers import PEER_GROUPS
from .references import References
from .risk import NORMAL

DAY_MS = 86_400_000
#: A calibration never moves Medium to where no tenant comes: the log-odds of a fold end at 6.
MOST_LEVEL = 5.7
#: What all groups are moved by together, at most, for a deployment whose mix of groups is another than the tables'.
MOST_COMMON = 1.0
#: The share that a budget may give Medium, within which a level means something.
LEAST_SHARE, MOST_SHARE = 0.0001, 0.05
CORRELATION = 0.8
#: Where the calibration is checked: so high that it tells of the tail, so low that most who come there are honest.
LOW_SHARE = 0.05


class Severities:
    """Where severities begin, as the settings and the budget say; `factor` is what the budget makes of the tables' shares."""

    def __init__(self, config: Config, references: References, share: float | None) -> None:
        self.risks = {"Medium": config.risk_medium, "High": config.risk_high, "Critical": config.risk_critical}
        self._shares = {name: references.card.share_of(risk) for name, risk in self.risks.items()}
        wanted = self._shares["Medium"] if share is None else min(max(share, LEAST_SHARE), MOST_SHARE)
        self.factor = wanted / self._shares["Medium"]

    def share(self, name: str) -> float:
        """The share of honest tenant-days that is to reach a severity."""
        return min(0.5, self._shares[name] * self.factor)

    def deviate(self, name: str) -> float:
        """What that is as a normal deviate."""
        return -NORMAL.inv_cdf(self.share(name))

    def shipped(self, name: str) -> float:
        """Where it begins by the tables alone."""
        return -NORMAL.inv_cdf(self._shares[name])


def own_rates(
    days: Sequence[TenantDay],
    references: References,
    config: Config,
    share: float | None = None,
) -> Calibration:
    """The calibration that these tenant-days ask for; `share` is that of honest tenant-days that are to reach Medium.

    The empirical null of `own_null`, and a shift common to all groups that gives the deployment, with its mix of groups, the share that
    is wanted; all tenants are taken for that mix, attackers too, which is on the careful side. Costs some 5 us a tenant-day.
    Raises `ValueError` without a tenant-day in a peer group.
    """
    held = columns(days, references)
    if not len(held.level):
        raise ValueError("no tenant-day to calibrate by")
    rates = _Rates(held, references, Severities(config, references, share))
    first, last = min(each.day for each in days), max(each.day for each in days)
    tenant_days = len(np.unique(held.date))
    return Calibration(
        references=references.version,
        groups={name: rates.of_group(at) for at, name in enumerate(PEER_GROUPS)},
        factor=round(rates.severities.factor, 6),
        first_ms=first * DAY_MS,
        last_ms=(last + 1) * DAY_MS,
        tenants=len(np.unique(held.tenant)),
        tenant_days=tenant_days,
        tenants_a_day=round(tenant_days / (last - first + 1), 3),
        rates=rates.of_all(),
    )


def calibrated(newest: Control | None, calibration: Calibration) -> Control:
    """The control record that follows the newest one with this calibration, and with all else that was learned."""
    return Control(
        number=1 + (newest.number if newest is not None else 0),
        made_ms=calibration.last_ms,
        origin="calibrated",
        read_to=newest.read_to if newest is not None else 0,
        void=newest.void if newest is not None else (),
        learned=newest.learned if newest is not None else Learned(),
        calibration=calibration,
    )


class _Rates:
    """The calibration of all groups, and what it makes of the severities."""

    def __init__(self, days: Days, references: References, severities: Severities) -> None:
        self._days, self._references, self.severities = days, references, severities
        self._null = own_null(days, references)
        self._location, self._scale = spreads(references)
        self._likeliest = self._likeliest_rows()
        self._mix = self._counts(self._likeliest)
        self._common = self._common_shift()
        self._maps = [self._map(group) for group in range(len(PEER_GROUPS))]
        self._reached = {name: self._reaches(name) for name in severities.risks}

    def of_group(self, group: int) -> PeerCalibration:
        """What judges apply to a group, with its rates."""
        mine = self._days.group == group
        weights = np.zeros(len(PEER_GROUPS))
        weights[group] = 1.0
        shift, scale = self._maps[group]
        return PeerCalibration(
            shift=shift,
            scale=scale,
            tenants=int(self._null.tenants[group]),
            tenant_days=int((mine & ~self._null.left_out).sum()),
            left_out=len(np.unique(self._days.tenant[mine & self._null.left_out])),
            rates=self._rates(weights, mine),
        )

    def of_all(self) -> tuple[Rate, ...]:
        """The rates of the deployment."""
        return self._rates(self._mix, np.ones(len(self._days.level), np.bool_))

    # -- the map ------------------------------------------------------------------------------------------------------

    def _likeliest_rows(self) -> Bools:
        """Of each tenant-day the row in the group in which an honest tenant is likeliest to reach Medium."""
        tail = self._expected(self.severities.deviate("Medium"), 0.0)[self._days.group]
        order = np.lexsort((-tail, self._days.date))
        first = np.r_[True, np.diff(self._days.date[order]) > 0]
        rows = np.zeros(len(order), np.bool_)
        rows[order[first]] = True
        return rows

    def _counts(self, rows: Bools) -> Floats:
        return np.bincount(self._days.group[rows], minlength=len(PEER_GROUPS)).astype(float)

    def _expected(self, deviate: float, common: float) -> Floats:
        """By group, the share of honest tenant-days beyond a calibrated deviate."""
        return np.array([NORMAL.cdf(-at) for at in (deviate + common - self._location) / self._scale])

    def _common_shift(self) -> float:
        """What gives this mix of groups the share that Medium is to have; by bisection."""
        wanted, deviate = self.severities.share("Medium"), self.severities.deviate("Medium")
        if not self._mix.any():
            return 0.0
        low, high = -MOST_COMMON, MOST_COMMON
        for _ in range(40):
            middle = (low + high) / 2
            expected = (self._expected(deviate, middle) * self._mix).sum() / self._mix.sum()
            low, high = (middle, high) if expected > wanted else (low, middle)
        return (low + high) / 2

    def _map(self, group: int) -> tuple[float, float]:
        """Shift and scale on the tables' own deviates, for one group."""
        location, spread = float(self._location[group]), float(self._scale[group])
        scale = round(float(self._null.scale[group]), 4)
        shift = location * (1 - scale) + spread * float(self._null.shift[group]) + scale * self._common
        card = self._references.card
        reachable = card.deviate(MOST_LEVEL) - scale * self.severities.deviate("Medium")
        return min(round(shift, 4), floor(reachable * 1e4) / 1e4), scale

    # -- the rates ----------------------------------------------------------------------------------------------------

    def _reaches(self, name: str) -> Bools:
        """The rows that reach a severity by this calibration."""
        return np.asarray(self._days.level >= self._least(self.severities.deviate(name))[self._days.group])

    def _least(self, deviate: float) -> Floats:
        """By group, the level from which a calibrated deviate is reached."""
        card = self._references.card
        return np.array([card.level_at(shift + scale * deviate) for shift, scale in self._maps])

    def _rates(self, weights: Floats, rows: Bools) -> tuple[Rate, ...]:
        """Each severity among these rows; `weights` are the groups' shares of them."""
        whole = max(1.0, weights.sum())
        dates, tenants = self._numbers(rows)
        found = [self._fit(weights / whole, rows & ~self._null.left_out)]
        for name in ("Medium", "High", "Critical"):
            hits = len(np.unique(self._days.date[rows & self._reached[name]]))
            low, high = interval(hits, dates, tenants)
            nominal = (self._expected(self.severities.deviate(name), self._common) * weights).sum() / whole
            shipped = (self._as_shipped(self.severities.shipped(name)) * weights).sum() / whole
            measured = hits / max(1, dates)
            found.append(_rate(name, (nominal, shipped, measured, low, high)))
        return tuple(found)

    def _fit(self, weights: Floats, rows: Bools) -> Rate:
        """One of a group's own tenant-days in twenty, among those that are not left out."""
        null, days, least = self._null, self._days, -NORMAL.inv_cdf(LOW_SHARE)
        high = days.deviate >= (null.shift + null.scale * least)[days.group]
        dates, tenants = self._numbers(rows)
        hits = len(np.unique(days.date[rows & high]))
        shipped = np.array([NORMAL.cdf(-at) for at in (least - null.shift) / null.scale])
        nominal, shipped = ((share - null.beyond) / (1 - null.beyond) for share in (LOW_SHARE, shipped))
        shares = (nominal * weights).sum(), max(0.0, (shipped * weights).sum()), hits / max(1, dates)
        return _rate("Low", (*shares, *interval(hits, dates, tenants)))

    def _numbers(self, rows: Bools) -> tuple[int, int]:
        """How many tenant-days and tenants these rows are of."""
        return len(np.unique(self._days.date[rows])), len(np.unique(self._days.tenant[rows]))

    def _as_shipped(self, deviate: float) -> Floats:
        """By group, the share of honest tenant-days beyond a deviate of the tables as they are."""
        null = self._null
        beyond = ((deviate - self._location) / self._scale - null.shift) / null.scale
        return np.array([NORMAL.cdf(-at) for at in beyond])


def _rate(name: str, shares: tuple[float, ...]) -> Rate:
    nominal, shipped, measured, low, high = (float(f"{share:.4g}") for share in shares)
    return Rate(severity=name, nominal=nominal, shipped=shipped, measured=measured, low=low, high=high)  # type: ignore[arg-type]


def interval(hits: int, tenant_days: int, tenants: int) -> tuple[float, float]:
    """The 95% interval of a share of tenant-days (Wilson's), which count for less where they are of the same tenants.

    >>> [round(end, 4) for end in interval(0, 1000, 400)], [round(end, 3) for end in interval(50, 1000, 1000)]
    ([0.0, 0.0084], [0.038, 0.065])
    """
    if not tenant_days:
        return 0.0, 1.0
    alike = 1 + (tenant_days / tenants - 1) * CORRELATION
    count, share, z = tenant_days / alike, hits / tenant_days, 1.96
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    reach = z / (1 + z * z / count) * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, middle - reach), min(1.0, middle + reach)
