"""Making a table of references: from labelled events to ranges, calibrations, weights and the meaning of a level."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .calibration import PROBABILITIES, Calibration, calibration_rows, weigh
from .detectors import DETECTORS, Ground, Range, View, Weights
from .features import FEATURES
from .gathering import PACE, Gathered
from .references import Made, Table
from .risk import FOLD_REQUESTS, ScoreCard

Array = npt.NDArray[np.float64]
Inputs = npt.NDArray[np.float32]
DAY_MS = 86_400_000
#: Folds of one tenant that weights are fitted on, at most; evenly spread over its time.
FITTED_FOLDS = 120
#: Features that a playbook keeps, the weightiest.
KEPT_FEATURES = 24
PIECES = 5
#: Shares of honest tenant-days that reach a level at least once, and the risk that such a level is called.
MEANINGS = ((0.9, 0.01), (0.5, 0.05), (0.1, 0.2), (0.03, 0.35), (0.01, 0.5), (0.003, 0.8), (0.001, 0.95))
MOST_RISK = 0.99


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


def ranges(gathered: Gathered, held: Columns) -> dict[str, Range]:
    """Where honest tenants lie, feature by feature."""
    values = np.array([fold.values for fold in gathered.folds])
    found = {}
    for at, feature in enumerate(FEATURES):
        known = held.honest & ~np.isnan(values[:, at])
        if known.any():
            found[feature.name] = Range(
                *(_short(q) for q in quantiles(values[known, at], held.share[known], (0.05, 0.5, 0.95)))
            )
    return found


def _ground(peers: Mapping[str, Range]) -> Ground:
    return Ground([peers.get(feature.name) for feature in FEATURES])


def pieces(gathered: Gathered, peers: Mapping[str, Range]) -> Inputs:
    """What `Weights` are multiplied with, five columns a feature: above, beyond, below, risen, fallen."""
    ground = _ground(peers)
    out = np.zeros((len(gathered.folds), len(FEATURES), PIECES), dtype=np.float32)
    for row, fold in enumerate(gathered.folds):
        away, moved = map(np.array, View(fold.values, fold.own, ground).deviations())
        out[row] = np.column_stack(
            [
                np.maximum(away, 0),
                np.maximum(away - 1, 0),
                np.maximum(-away, 0),
                np.maximum(moved, 0),
                np.maximum(-moved, 0),
            ]
        )
    return out.reshape(len(out), -1)


def learn_playbook(inputs: Inputs, attack: npt.NDArray[np.bool_], shares: Array) -> Array:
    """The weights of a playbook: fitted on all features, then again on the weightiest; a row a feature, five pieces each."""
    _, weights = fit(inputs, attack, shares, ridge=0.004, rounds=150, signed=True)
    told = (np.abs(weights) * inputs.std(axis=0)).reshape(-1, PIECES).sum(axis=1)
    kept = np.repeat(np.isin(np.arange(len(told)), np.argsort(-told, kind="stable")[:KEPT_FEATURES]), PIECES)
    weights[~kept] = 0.0
    _, weights[kept] = fit(inputs[:, kept], attack, shares, ridge=0.004, rounds=150, signed=True)
    return weights.reshape(-1, PIECES)


def playbooks(inputs: Inputs, gathered: Gathered, held: Columns, rows: npt.NDArray[np.bool_]) -> dict[str, Array]:
    """The weights of every learned detector whose kinds occur in these rows."""
    kinds = np.array([gathered.groups[fold.tenant].kind for fold in gathered.folds])
    found = {}
    for detector in DETECTORS:
        attack = held.attack & np.isin(kinds, detector.learned_from)
        of = rows & held.fitted & (held.honest | attack)
        if (of & attack).any():
            found[detector.name] = learn_playbook(inputs[of], attack[of], held.share[of])
    return found


def raw_scores(gathered: Gathered, peers: Mapping[str, Range]) -> Array:
    """What every detector made by hand says of every fold; 0 for the learned ones."""
    ground = _ground(peers)
    views = (View(fold.values, fold.own, ground) for fold in gathered.folds)
    return np.array([[detector.score(view) for detector in DETECTORS] for view in views])


def learned_scores(inputs: Inputs, gathered: Gathered, held: Columns) -> Array:
    """What the learned detectors say of every fold, with weights fitted on the other half of the sources."""
    out = np.zeros((len(inputs), len(DETECTORS)))
    for half in (0, 1):
        mine = held.source % 2 == half
        others = ~mine if (~mine).any() else mine
        found = playbooks(inputs, gathered, held, others)
        for at, detector in enumerate(DETECTORS):
            if detector.name in found and mine.any():
                out[mine, at] = inputs[mine] @ found[detector.name].ravel()
    return out


def calibrations(scores: Array, held: Columns, *, established: bool) -> dict[str, Calibration]:
    """A table from score to p-value for each detector, from honest tenants that are established, or not."""
    of = held.honest & (held.established == established)
    lower = [1 - probability for probability in PROBABILITIES]
    return {
        detector.name: Calibration(tuple(_short(q) for q in quantiles(scores[of, at], held.share[of], lower)))
        for at, detector in enumerate(DETECTORS)
    }


def levels(scores: Array, held: Columns, tables: Mapping[bool, Mapping[str, Calibration]], pace: float) -> Array:
    """The level of each detector's evidence after each fold, as the assessor keeps it."""
    rows = {
        established: calibration_rows([table.get(detector.name) for detector in DETECTORS])
        for established, table in tables.items()
    }
    out = np.zeros_like(scores)
    running: dict[int, Array] = {}
    p_values, said = np.empty(len(DETECTORS)), np.empty(len(DETECTORS))
    for row in range(len(scores)):
        weigh(scores[row], rows[bool(held.established[row])], p_values, said)
        step = min(1.0, pace * held.requests[row] / FOLD_REQUESTS)
        before = running.get(int(held.tenant[row]), np.zeros(len(DETECTORS)))
        running[int(held.tenant[row])] = out[row] = before + step * (said - before)
    return out


def fit(
    evidences: Array | Inputs,
    attack: npt.NDArray[np.bool_],
    shares: Array,
    ridge: float = 1e-3,
    rounds: int = 500,
    *,
    signed: bool = False,
) -> tuple[float, Array]:
    """Logistic regression with weights that are never negative unless `signed`: accelerated projected gradient; (bias, weights)."""
    balanced = shares / np.where(attack, shares[attack].sum(), shares[~attack].sum()) / 2
    inputs: Array = np.column_stack([np.ones(len(evidences)), evidences.astype(np.float64)])
    step = 4.0 / float(np.linalg.norm((inputs * balanced[:, None]).T @ inputs, 2) + 4 * ridge)
    weights = ahead = np.zeros(inputs.shape[1])
    for turn in range(rounds):
        wrong = balanced * (1 / (1 + np.exp(-(inputs @ ahead))) - attack)
        moved = ahead - step * (inputs.T @ wrong + ridge * np.append(0.0, ahead[1:]))
        if not signed:
            moved[1:] = np.maximum(moved[1:], 0.0)
        weights, ahead = moved, moved + turn / (turn + 3) * (moved - weights)
    return float(weights[0]), weights[1:]


def crossed(evidences: Array, held: Columns) -> Array:
    """The level of every fold by weights fitted on the other sources, so that what a level means is not flattered."""
    out = np.zeros(len(evidences))
    sources = np.unique(held.source)
    for source in sources:
        others = held.fitted & ((held.source != source) | (len(sources) == 1))
        bias, weights = fit(evidences[others], held.attack[others], held.share[others])
        mine = held.source == source
        out[mine] = bias + evidences[mine] @ weights
    return out


def meaning(level: Array, held: Columns) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The table from level to risk: by the share of honest tenant-days that reach the level at least once."""
    honest = held.honest
    keys = held.tenant[honest] * 100_000 + held.day[honest]
    _, places = np.unique(keys, return_inverse=True)
    highest = np.full(int(places.max()) + 1, -np.inf)
    np.maximum.at(highest, places, level[honest])
    found = np.quantile(highest, [1 - share for share, _ in MEANINGS])
    found = np.maximum.accumulate(found + np.arange(len(found)) * 1e-6)
    last = found[-1] + max(1.0, found[-1] - found[-3])
    return tuple(_short(at) for at in (*found, last)), (*(risk for _, risk in MEANINGS), MOST_RISK)


def make_table(gathered: Gathered, version: str, command: str, date: str) -> Table:
    """The whole table from what was gathered; needs honest and attacking tenants."""
    held = columns(gathered)
    peers = ranges(gathered, held)
    inputs = pieces(gathered, peers)
    scores = raw_scores(gathered, peers) + learned_scores(inputs, gathered, held)
    learned = playbooks(inputs, gathered, held, np.ones(len(inputs), dtype=bool))
    tables = {established: calibrations(scores, held, established=established) for established in (False, True)}
    evidences = levels(scores, held, tables, PACE)
    bias, weights = fit(evidences[held.fitted], held.attack[held.fitted], held.share[held.fitted])
    ends, risks = meaning(crossed(evidences, held), held)
    card = ScoreCard(
        bias=_short(bias),
        pace=PACE,
        levels=ends,
        risks=risks,
        weights={detector.name: _short(weight) for detector, weight in zip(DETECTORS, weights, strict=True)},
    )
    made = _made(gathered, held, command, date)
    return Table(
        version=version,
        made=made,
        features=peers,
        young=tables[False],
        established=tables[True],
        card=card,
        playbooks={name: _weights(found) for name, found in learned.items()},
    )


def _weights(found: Array) -> dict[str, Weights]:
    """The features that count in a playbook, with their weights."""
    return {
        feature.name: Weights(*(_short(weight) for weight in row))
        for feature, row in zip(FEATURES, found, strict=True)
        if row.any()
    }


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
        note="learned detectors are calibrated with weights fitted on the other half of the sources, levels on all others",
    )


def _short(value: float) -> float:
    """Six digits: enough, and a table that can be read."""
    return float(f"{value:.6g}")
