"""Making a table of references: from labelled events to ranges, calibrations, a forest and the meaning of a level."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from .boosting import grow
from .calibration import PROBABILITIES, Calibration
from .detectors import DETECTORS, Ground, Range, View
from .features import FAMILIES, FEATURES
from .forest import Forest, Trees
from .gathering import NEWCOMER, PACE, PRIOR, Gathered
from .inputs import INPUTS
from .own_null import TenantDay
from .peers import PEER_GROUPS, Spread, peer_group
from .references import Made, Table
from .risk import NORMAL, ScoreCard, step

Array = npt.NDArray[np.float64]
Inputs = npt.NDArray[np.float32]
DAY_MS = 86_400_000
#: Folds of one tenant or campaign that a forest is grown on, at most; evenly spread over its time.
FITTED_FOLDS = 600
#: How often a family of features is left out of a second copy of a fold, so that the forest knows telemetry without it.
LEFT_OUT = 0.15
#: Shares of honest tenant-days that reach a level at least once, and the risk that such a level is called. Who comes to the last three
#: mostly stays there for another day: 0.15, 0.07 and 0.03% of the days are promised to open a finding; of 17,474 held-out ones 0.14,
#: 0.06 and 0.03% did.
MEANINGS = (
    (0.9, 0.01),
    (0.5, 0.05),
    (0.2, 0.1),
    (0.1, 0.15),
    (0.03, 0.25),
    (0.01, 0.35),
    (0.005, 0.42),
    (0.0025, 0.5),
    (0.0011, 0.8),
    (0.0005, 0.95),
)
MOST_RISK = 0.99
#: A peer group's spread is that of the upper part of its highest levels, and needs so many tenant-days.
UPPER, LEAST_DAYS = (0.25, 0.1, 0.05, 0.02, 0.01), 200


class Columns(NamedTuple):
    """Gathered folds as columns, one row a fold, in order within each tenant."""

    tenant: npt.NDArray[np.int64]
    source: npt.NDArray[np.int64]
    day: npt.NDArray[np.int64]
    requests: Array
    established: npt.NDArray[np.bool_]
    honest: npt.NDArray[np.bool_]
    attack: npt.NDArray[np.bool_]
    share: Array
    fitted: npt.NDArray[np.bool_]


def columns(gathered: Gathered) -> Columns:
    """The columns that the arithmetic needs; `share` weighs every honest tenant alike, and every campaign alike."""
    folds, groups = gathered.folds, gathered.groups
    tenant = np.array([fold.tenant for fold in folds])
    honest = np.array([groups[fold.tenant].campaign is None for fold in folds])
    attack = np.array([fold.attack for fold in folds])
    names = {name: at for at, name in enumerate(sorted({group.campaign for group in groups if group.campaign}))}
    unit = np.array(
        [names[campaign] + len(groups) if (campaign := groups[fold.tenant].campaign) else fold.tenant for fold in folds]
    )
    counted = np.where(honest | attack, 1.0, 0.0)
    share = counted / np.maximum(1.0, np.bincount(unit, weights=counted)[unit])
    return Columns(
        tenant=tenant,
        source=np.array([fold.source for fold in folds]),
        day=np.array([fold.at_ms // DAY_MS for fold in folds]),
        requests=np.array([float(fold.requests) for fold in folds]),
        established=np.array([fold.established for fold in folds]),
        honest=honest,
        attack=attack,
        share=share,
        fitted=_spread(unit, honest | attack),
    )


def _spread(unit: npt.NDArray[np.int64], usable: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which folds weights are fitted on: at most `FITTED_FOLDS` of a tenant or campaign, evenly spread."""
    out = np.zeros(len(unit), dtype=bool)
    for each in np.unique(unit[usable]):
        rows = np.flatnonzero(usable & (unit == each))
        out[rows[np.unique(np.linspace(0, len(rows) - 1, FITTED_FOLDS).astype(int))]] = True
    return out


def quantiles(values: Array, shares: Array, at: Sequence[float]) -> list[float]:
    """Weighted quantiles: the least value with at least the share `at` of the weight at or below it."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(shares[order])
    places = np.searchsorted(reached, np.asarray(at) * reached[-1] - 1e-12)
    return [float(values[order[min(place, len(order) - 1)]]) for place in places]


def ranges(gathered: Gathered, held: Columns, rows: npt.NDArray[np.bool_]) -> dict[str, Range]:
    """Where honest tenants lie in these rows, feature by feature."""
    values = np.array([fold.values for fold in gathered.folds])
    found = {}
    for at, feature in enumerate(FEATURES):
        known = rows & held.honest & ~np.isnan(values[:, at])
        if known.any():
            found[feature.name] = Range(
                *(_short(q) for q in quantiles(values[known, at], held.share[known], (0.05, 0.5, 0.95)))
            )
    return found


class Told(NamedTuple):
    """What the forest is grown on, a row a fold: inputs, and which columns each half is made of."""

    inputs: Inputs
    without: Inputs


def told(gathered: Gathered, peers: Mapping[str, Range]) -> Told:
    """The inputs of every fold, as it was and as it would have been without some families of features."""
    ground = Ground([peers.get(feature.name) for feature in FEATURES])
    families = np.repeat(np.arange(len(FAMILIES)), [len(family.FEATURES) for family in FAMILIES])
    rng = np.random.default_rng(1)
    whole = np.empty((len(gathered.folds), len(INPUTS)), dtype=np.float32)
    without = np.empty_like(whole)
    for row, fold in enumerate(gathered.folds):
        whole[row] = View(fold.values, fold.own, ground).inputs
        left_out = rng.random(len(FAMILIES)) < LEFT_OUT
        if not left_out.any():
            without[row] = whole[row]
            continue
        without[row] = View(np.where(left_out[families], np.nan, fold.values), fold.own, ground).inputs
    return Told(whole, without)


def forest(said: Told, held: Columns, rows: npt.NDArray[np.bool_]) -> Trees:
    """The forest that tells the attacks among these rows from honest folds; every tenant and campaign weighs the same."""
    of = rows & held.fitted & (held.honest | held.attack)
    inputs = np.vstack((said.inputs[of], said.without[of]))
    attack, shares = np.tile(held.attack[of], 2), np.tile(held.share[of], 2)
    weights = np.where(attack, shares / shares[attack].sum(), shares / shares[~attack].sum()) * len(attack) / 2
    return grow(inputs, attack, weights, INPUTS)


def log_odds(trees: Trees, inputs: Inputs) -> Array:
    """What a forest says of each fold."""
    asked = Forest(trees, INPUTS)
    return np.array([asked.log_odds(row) for row in inputs.astype(np.float64)])


def calibrations(
    scores: Array, held: Columns, rows: npt.NDArray[np.bool_], *, established: bool
) -> dict[str, Calibration]:
    """A table from score to p-value for each detector, from honest tenants in these rows that are established, or not."""
    of = rows & held.honest & (held.established == established)
    lower = [1 - probability for probability in PROBABILITIES]
    return {
        detector.name: Calibration(tuple(_short(q) for q in quantiles(scores[of, at], held.share[of], lower)))
        for at, detector in enumerate(DETECTORS)
    }


def levels(said: Array, held: Columns) -> Array:
    """The level after each fold, as the assessor keeps it."""
    out = np.empty(len(said))
    running: dict[int, tuple[float, float]] = {}
    for row, (tenant, requests, now) in enumerate(
        zip(held.tenant.tolist(), held.requests.tolist(), said.tolist(), strict=True)
    ):
        level, before = running.get(tenant, (PRIOR, 0.0))
        out[row] = level + step(requests, before, PACE, NEWCOMER) * (now - level)
        running[tenant] = out[row], before + requests
    return out


def crossed(said: Told, held: Columns) -> Array:
    """What is said of each fold by a forest grown on the other half of the sources, so that a level's meaning is not flattered."""
    out = np.empty(len(said.inputs))
    for half in (0, 1):
        mine = held.source % 2 == half
        others = ~mine if (~mine).any() else mine
        if mine.any():
            out[mine] = log_odds(forest(said, held, others), said.inputs[mine])
    return out


def meaning(highest: Array) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """The levels that shares of these honest tenant-days reach at least once, those shares, and the risks they are called.

    `highest` is each one's highest level. The rarest are counted on few days, and those are days of the same few tenants. An exponential
    tail fitted to all days beyond 1% did no better: whoever is honest and comes so high goes on to the greatest level there is.
    """
    found = np.quantile(highest, [1 - share for share, _ in MEANINGS])
    found = np.maximum.accumulate(found + np.arange(len(found)) * 1e-6)
    last = found[-1] + max(0.5, found[-1] - found[-2])
    shares, risks = zip(*MEANINGS, strict=True)
    return tuple(_short(at) for at in (*found, last)), (*shares, shares[-1] / 4), (*risks, MOST_RISK)


def as_judged(table: Table, days: Sequence[TenantDay]) -> Table:
    """The table, what a level means measured on days of honest tenants that were judged by it (`measuring`).

    Folds alone do not tell: of who is suspect nothing more is learned, so whoever comes to Medium by changing its ways stays new to
    itself and comes higher. Measured on folds, Critical was opened on 0.13% of honest tenant-days where 0.03% was promised.
    """
    highest: dict[tuple[str, int], float] = {}
    for day in days:
        highest[day[:2]] = max(highest.get(day[:2], -np.inf), day.level)
    card = _card(np.array(list(highest.values())))
    groups = {name: np.array([day.level for day in days if day.group == name]) for name in PEER_GROUPS}
    return replace(table, card=card, peers=_spreads(card, groups))


def _card(highest: Array) -> ScoreCard:
    ends, shares, risks = meaning(highest)
    return ScoreCard(prior=PRIOR, pace=PACE, newcomer=NEWCOMER, levels=ends, shares=shares, risks=risks)


def spreads(
    card: ScoreCard, level: Array, gathered: Gathered, held: Columns, rows: npt.NDArray[np.bool_]
) -> dict[str, Spread]:
    """Where the highest levels of each peer group's honest tenant-days lie."""
    so_far: dict[int, int] = {}
    names = []
    for fold in gathered.folds:
        so_far[fold.tenant] = requests = so_far.get(fold.tenant, 0) + fold.requests
        names.append(peer_group(requests, fold.values))
    of, group = held.honest & rows, np.array(names)
    return _spreads(card, {name: _highest(level, held, of & (group == name)) for name in PEER_GROUPS})


def _spreads(card: ScoreCard, groups: Mapping[str, Array]) -> dict[str, Spread]:
    """By group a line through the upper quantiles of these highest levels, as normal deviates."""
    found = {}
    for name, highest in groups.items():
        if len(highest) >= LEAST_DAYS:
            deviates = [card.deviate(float(at)) for at in np.quantile(highest, [1 - share for share in UPPER])]
            scale, location = np.polyfit([-NORMAL.inv_cdf(share) for share in UPPER], deviates, 1)
            found[name] = Spread(_short(location), _short(max(0.1, scale)))
    return found


def _highest(level: Array, held: Columns, of: npt.NDArray[np.bool_]) -> Array:
    """The highest level of each tenant-day among these folds."""
    _, places = np.unique(held.tenant[of] * 100_000 + held.day[of], return_inverse=True)
    highest = np.full(int(places.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(highest, places, level[of])
    return highest


def make_table(gathered: Gathered, version: str, command: str, date: str, held_out: int = 0) -> Table:
    """The whole table from what was gathered; needs honest and attacking tenants.

    Nothing but the meaning of a level is learned from the last `held_out` sources. Without any it is measured
    on each half of the sources with a forest grown on the other half.
    """
    held = columns(gathered)
    grown_on = held.source < gathered.sources - held_out
    peers = ranges(gathered, held, grown_on)
    said = told(gathered, peers)
    detectors = said.inputs[:, 2 * len(FEATURES) :].astype(np.float64)
    trees = forest(said, held, grown_on)
    level = levels(log_odds(trees, said.inputs) if held_out else crossed(said, held), held)
    measured_on = ~grown_on if held_out else grown_on
    card = _card(_highest(level, held, held.honest & measured_on))
    return Table(
        version=version,
        made=_made(gathered, held, command, date),
        features=peers,
        young=calibrations(detectors, held, grown_on, established=False),
        established=calibrations(detectors, held, grown_on, established=True),
        trees=trees,
        card=card,
        peers=spreads(card, level, gathered, held, measured_on),
    )


def _made(gathered: Gathered, held: Columns, command: str, date: str) -> Made:
    honest = {group for group, each in enumerate(gathered.groups) if each.campaign is None}
    days = len(set(zip(held.tenant[held.honest].tolist(), held.day[held.honest].tolist(), strict=True)))
    return Made(
        command=command,
        date=date,
        folds=len(gathered.folds),
        honest_tenants=len(honest),
        honest_tenant_days=days,
        attacking_tenants=len(gathered.groups) - len(honest),
        note="what a level means was measured on sources that its forest was not grown on",
    )


def _short(value: float) -> float:
    """Six digits: enough, and a table that can be read."""
    return float(f"{value:.6g}")
