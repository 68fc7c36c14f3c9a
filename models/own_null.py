"""What honest tenants of a deployment look like, as the bulk of its own traffic tells, with attackers among it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .peers import PEER_GROUPS
from .references import References
from .risk import NORMAL

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: The part of a group's tenant-days that its location and scale are read from: above the middle, below the attackers.
BULK = tuple(np.linspace(0.6, 0.93, 9).tolist())
#: A tenant who does what this share of a group's honest tenant-days does is left out as a likely attacker; in groups that lie higher
#: more of them, for there the attackers are: the cut lies by this part among the group's own deviates, by the rest among everybody's.
LEFT_OUT_SHARE, OWN_PART = 0.02, 0.7
#: A tenant is left out with all its days, so that more honest tenant-days go than the share says.
LOST = 1.5
#: Tenants at which half of what was seen is believed: of a group against the deployment, and of the deployment against the tables.
HALF_SHIFT, HALF_SCALE = 100, 150
LEAST_TENANTS = 10
MOST_SHIFT, LEAST_SCALE, MOST_SCALE = 1.0, 0.8, 1.5
ROUNDS = 10


class TenantDay(NamedTuple):
    """The highest raw level of a tenant in one peer group on one day (days since 1970)."""

    tenant: str
    day: int
    group: str
    level: float


class Days(NamedTuple):
    """Tenant-days as columns.

    `tenant` and `group` go by number, `date` numbers the pair (tenant, day), `deviate` is how far the level is up in the tables' own
    peer group.
    """

    tenant: Ints
    date: Ints
    group: Ints
    level: Floats
    deviate: Floats


class Null(NamedTuple):
    """The honest tenants.

    By group, how far they are shifted and stretched against the tables' own, how many they are, and the share of their tenant-days that
    is left out as if it were attackers'; and which rows are left out.
    """

    shift: Floats
    scale: Floats
    left_out: Bools
    tenants: Ints
    beyond: Floats


def columns(days: Sequence[TenantDay], references: References) -> Days:
    """The rows of groups that there are."""
    groups = {name: at for at, name in enumerate(PEER_GROUPS)}
    rows = [each for each in days if each.group in groups]
    tenants: dict[str, int] = {}
    dates: dict[tuple[str, int], int] = {}
    of_tenant = np.array([tenants.setdefault(each.tenant, len(tenants)) for each in rows], np.int64)
    date = np.array([dates.setdefault(each[:2], len(dates)) for each in rows], np.int64)
    group = np.array([groups[each.group] for each in rows], np.int64)
    location, scale = spreads(references)
    deviate = (np.array([references.card.deviate(each.level) for each in rows]) - location[group]) / scale[group]
    return Days(of_tenant, date, group, np.array([each.level for each in rows]), deviate)


def spreads(references: References) -> tuple[Floats, Floats]:
    """Location and scale of each peer group in the tables."""
    held = [references.spread(name) for name in PEER_GROUPS]
    return np.array([each.location for each in held]), np.array([each.scale for each in held])


def own_null(days: Days, references: References) -> Null:
    """Fit the honest part of each group by its bulk (the empirical null: Efron, JASA 2004), again and again without likely attackers.

    A line through quantiles 0.6 to 0.93 of the bulk's deviates gives shift and scale. Tenants whom that makes as rare as two honest
    tenant-days in a hundred are left out, all their days, and it is fitted again, until nothing changes. The findings told so far decide
    nothing: they rest on the calibration before. A group is shrunk towards the deployment and the deployment towards the tables by
    their tenants, not their days, which correlate at 0.8 within a tenant.

    Measured on seven held-out sources of 160 to 400 honest tenants (1,821 in all, 5,472 tenant-days; each with the tables of the other
    six; attackers are 13 to 29% of the tenants). Shares of honest tenant-days at nominal 3, 1, 0.5, 0.15%:

    | traffic | as shipped | calibrated |
    |---|---|---|
    | as it is | 3.1, 1.0, 0.55, 0.15 | 3.1, 0.9, 0.49, 0.16 |
    | without attackers | 3.1, 1.0, 0.55, 0.15 | 3.2, 1.0, 0.51, 0.18 |
    | attackers twice (23 to 44% of the tenants) | 3.1, 1.0, 0.55, 0.15 | 2.6, 0.8, 0.44, 0.15 |
    | the tables' shares three times too small | 9.3, 3.1, 1.4, 0.48 | 2.9, 1.0, 0.53, 0.16 |
    | every deviate 0.4 higher | 7.4, 2.8, 1.4, 0.55 | 3.8, 1.2, 0.64, 0.26 |
    | every deviate 0.4 lower | 1.2, 0.4, 0.15, 0.05 | 2.4, 0.7, 0.38, 0.11 |
    | every deviate times 1.2 | 6.2, 2.7, 1.5, 0.75 | 4.4, 1.6, 0.91, 0.40 |
    | another generator (1,116 tenant-days) | 0.4, 0, 0, 0 | 1.2, 0.3, 0, 0 |
    | other texts, heavy tenants only (303) | 16.5, 2.3, 0.66, 0.66 | 0.7, 0.7, 0.66, 0.33 |

    So it does no harm at home, is on the careful side with many attackers, and recovers from a shift; a stretched tail it only halves,
    because scale is shrunk hardest. Single sources get no better at home: with 500 tenant-days 0.15% is one tenant. It makes worse
    what the bulk does not tell: on one source of the seven nominal 3% goes from 3.0 to 4.3, on another from 2.8 to 4.7.

    Tried and left: quantiles 0.5 to 0.84 or 0.3 to 0.7 (the bulk below the middle is the levels' floor: shares fall to two thirds);
    shift without scale (1.5 at nominal 1%); leaving out from 0.15% on (attackers below it stretch the scale: 0.7 at nominal 1%); the
    same cut for all groups, in everybody's deviates (honest heavy tenants are cut off: 1.2 at nominal 1% without attackers) or in each
    group's own (0.27 at 0.15%: attackers stay in); no reference spread of the groups (equal false rates for all groups silence the
    heavy ones); adding up the groups of a tenant-day instead of taking its likeliest (a fifth too strict); beginning with all of
    the scale that attackers give (two ends are reached, one of them twice as strict as it should be).
    """
    count = len(PEER_GROUPS)
    reference_location, reference_scale = spreads(references)
    cut = -NORMAL.inv_cdf(LEFT_OUT_SHARE)
    cuts = OWN_PART * cut + (1 - OWN_PART) * (cut - reference_location) / reference_scale
    beyond = np.array([NORMAL.cdf(-at) for at in cuts])
    out = np.zeros(len(days.level), np.bool_)
    seen: list[bytes] = []
    shift, scale, tenants = np.zeros(count), np.ones(count), np.zeros(count, np.int64)
    for _ in range(ROUNDS):
        tenants, shift, scale = _fitted(days, ~out, LOST * beyond)
        if not seen:  # attackers stretch the first one: as wide as in the tables
            scale = np.ones(count)
        high = (days.deviate - shift[days.group]) / scale[days.group] > cuts[days.group]
        out = np.isin(days.tenant, days.tenant[high])
        if out.tobytes() in seen:
            break
        seen.append(out.tobytes())
    return Null(shift, scale, out, tenants, beyond)


def _fitted(days: Days, kept: Bools, lost: Floats) -> tuple[Ints, Floats, Floats]:
    """Tenants, shift and scale of each group among the rows kept, shrunk; `lost` is the share of honest rows that are not."""
    count = len(lost)
    tenants, seen = np.zeros(count, np.int64), np.zeros((count, 2))
    for group in range(count):
        mine = kept & (days.group == group)
        tenants[group] = len(np.unique(days.tenant[mine]))
        if tenants[group] >= LEAST_TENANTS:
            seen[group] = _line(days.deviate[mine], float(lost[group]))
    weights = np.where(tenants >= LEAST_TENANTS, tenants, 0)[:, None].astype(float)
    if not weights.any():
        return tenants, np.zeros(count), np.ones(count)
    half, all_tenants = np.array([HALF_SHIFT, HALF_SCALE], float), len(np.unique(days.tenant[kept]))
    whole = (seen * weights).sum(axis=0) / weights.sum() * all_tenants / (all_tenants + half)
    shrunk = (seen * weights + whole * half) / (weights + half)
    scale = np.exp(shrunk[:, 1]).clip(LEAST_SCALE, MOST_SCALE)
    return tenants, shrunk[:, 0].clip(-MOST_SHIFT, MOST_SHIFT), scale


def _line(deviates: Floats, lost: float) -> tuple[float, float]:
    """Location and logarithm of the scale of the normal distribution through the bulk's quantiles, its upper end `lost`."""
    slope, at = np.polyfit([NORMAL.inv_cdf(share * (1 - lost)) for share in BULK], np.quantile(deviates, BULK), 1)
    return float(at), float(np.log(max(slope, 0.05)))
