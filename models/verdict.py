"""A verdict: one fold of a tenant judged by its peers and beside what it is used to."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from . import detectors, features
from .calibration import p_values
from .compiled import compiled
from .detectors import Own, View
from .detectors.comparison import compare
from .features import measure
from .forest import bounded, said_by
from .inputs import INPUTS
from .peers import PEER_GROUPS, group_of
from .profile import Present
from .references import References
from .risk import ScoreCard, step
from .river_state import Baselines
from .smoothing import share_of, smooth

ESTABLISHED_FOLDS = 8
#: Requests at which half of full confidence is reached.
HALF_CONFIDENT = 64

Floats = npt.NDArray[np.float64]
_NAMES = tuple(detector.name for detector in detectors.DETECTORS)
_FEATURES, _DETECTORS, _INPUTS = len(features.FEATURES), len(_NAMES), len(INPUTS)


class Verdict(Struct, frozen=True, gc=False):
    """What a fold is worth: `risk` and `confidence` in [0, 1], and p-values in (0, 1].

    `p_value` is the share of honest tenant-days that ever reach the tenant's level, `scores` the p-value of what each
    detector says of this fold alone. Confidence grows with the requests seen: 0.2 after 16, 0.5 after 64, 0.9 after 600.
    `level` is the level itself, in log-odds, before any calibration or correction; `peer_group` is whom it is compared with.
    """

    risk: float
    confidence: float
    p_value: float
    scores: dict[str, float]
    level: float
    peer_group: str


class Judgement(Struct, frozen=True):
    """An assessment with what it rests on, until the fold is closed."""

    verdict: Verdict
    present: Present
    measured: Floats
    values: Floats
    view: View
    level: float
    card: ScoreCard


def judge(
    present: Present,
    own: Baselines,
    olds: Floats,
    before: float,
    folds: int,
    requests: int,
    references: References,
    cards: Mapping[str, ScoreCard],
) -> Judgement:
    """Judge a fold of a tenant that has sent so many `requests`, this fold's included.

    Its past: baselines of so many `folds`, the smoothed features `olds` and the level `before`. `cards` say by peer group what a level
    means, and the references' card in the others. Changes nothing.
    """
    card, fold_requests, forest = references.card, len(present.looks), references.forest
    numbers, inputs, towards, odd = (
        np.empty((2, _FEATURES)),
        np.empty(_INPUTS),
        np.empty((2, _FEATURES)),
        np.empty(_DETECTORS),
    )
    level, number = _judge(
        *present, olds, before, requests, share_of(fold_requests), own.means, own.spreads, own.weights, references.ground.scales,
        references.calibrations(established=folds >= ESTABLISHED_FOLDS), forest.bias, card.pace, card.newcomer, *forest.tables,
        numbers, inputs, towards, odd,
    )  # fmt: skip
    values, group = numbers[1], PEER_GROUPS[number]
    meaning = cards.get(group, card)
    verdict = Verdict(
        risk=meaning.risk(level),
        confidence=requests / (requests + HALF_CONFIDENT),
        p_value=meaning.honest_share(level),
        scores=dict(zip(_NAMES, odd.tolist(), strict=True)),
        level=level,
        peer_group=group,
    )
    view = View(values, Own(own.means, own.spreads, own.weights), references.ground, inputs, towards)
    return Judgement(verdict, present, numbers[0], values, view, level, meaning)


@compiled
def _judge(  # noqa: PLR0913, PLR0917 - compiled functions see arrays
    looks: Any, gaps: Any, topics: Any, past: Any, olds: Any, before: float, requests: int, share: float, means: Any, spreads: Any,
    weights: Any, scales: Any, calibrations: Any, bias: float, pace: float, newcomer: float, at_most: Any, trees: Any, keeps: Any,
    begins: Any, unknown_trees: Any, unknown_keeps: Any, unknown_begins: Any, leaves: Any, says: Any, numbers: Any, inputs: Any,
    towards: Any, odd: Any,
) -> tuple[float, int]:  # fmt: skip
    """All that is arithmetic, in one call: each costs as much as a feature, and there are a hundred.

    Writes the features and their running values, how far those are from usual, what detectors say and how odd that is; returns the level
    that the forest's answer leads to, and the peer group.
    """
    news, values = numbers[0], numbers[1]
    measure(looks, gaps, topics, past, news)
    smooth(olds, news, share, values)
    compare(values, means, spreads, weights, scales, inputs, towards)
    p_values(inputs[2 * _FEATURES :], calibrations, odd)
    said = said_by(inputs, at_most, trees, keeps, begins, unknown_trees, unknown_keeps, unknown_begins, leaves, says)
    moves = step(len(looks), requests - len(looks), pace, newcomer)
    return before + moves * (bounded(bias + said) - before), group_of(requests, values)
