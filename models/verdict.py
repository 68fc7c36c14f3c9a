"""A verdict: one fold of a tenant judged by its peers and beside what it is used to."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from .calibration import p_values
from .detectors import DETECTORS, Own, View
from .features import measured
from .inputs import inputs_of, scores_of
from .peers import peer_group
from .profile import Present
from .references import References
from .risk import ScoreCard
from .river_state import Baselines
from .smoothing import smoothed

ESTABLISHED_FOLDS = 8
#: Requests at which half of full confidence is reached.
HALF_CONFIDENT = 64

Floats = npt.NDArray[np.float64]
_DETECTORS = tuple(detector.name for detector in DETECTORS)


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
    card, fold_requests = references.card, len(present.looks)
    news = measured(present)
    values = smoothed(olds, news, fold_requests)
    view = View(values, Own(own.means, own.spreads, own.weights), references.ground)
    scores = scores_of(view)
    said = references.forest.log_odds(inputs_of(view, scores))
    level = before + card.step(fold_requests, requests - fold_requests) * (said - before)
    odd = np.empty(len(scores))
    p_values(scores, references.calibrations(established=folds >= ESTABLISHED_FOLDS), odd)
    group = peer_group(requests, values)
    meaning = cards.get(group, card)
    verdict = Verdict(
        risk=meaning.risk(level),
        confidence=requests / (requests + HALF_CONFIDENT),
        p_value=meaning.honest_share(level),
        scores=dict(zip(_DETECTORS, odd.tolist(), strict=True)),
        level=level,
        peer_group=group,
    )
    return Judgement(verdict, present, news, values, view, level, meaning)
