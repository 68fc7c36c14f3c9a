"""What moved a risk, in the order of its weight: the reasons that a finding carries."""

from collections.abc import Mapping
from math import isnan

import numpy as np

from schemas.finding import Reason

from .detectors import DETECTORS, View
from .falls import falls_of
from .features import FEATURES, INDEX
from .forest import Forest
from .packed_case import six_digits

MOST_REASONS = 5
#: Own expectations are told once they rest on so many folds.
TOLD_FOLDS = 4
#: A feature that says no more, in log-odds, than if it were as usual is no reason.
LEAST_LOG_ODDS = 0.01
#: How far from the peers' median (1: their 5th or 95th percentile) or from the own mean (1: two deviations) a value is odd.
LEAST_ODD = 0.6
#: With so many odd features that speak against a tenant those that are as usual are not told.
ENOUGH_ODD = 2
#: Named where no detector reads a feature.
FOREST = "forest"


def explain(view: View, forest: Forest, p_values: Mapping[str, float]) -> tuple[Reason, ...]:
    """The reasons for a judgement, the strongest first, five at most.

    A feature's weight is how far the log-odds of the fold fall when it is as usual, for the tenant and for its peers, and all
    else stays; its contribution is the share of that in the sum over the features that speak against the tenant. A forest
    also asks for what is nearly as usual, to tell what beside it is not: such features are told only where fewer than two
    odd ones are. Where no feature is missed by itself, because others say the same, each is weighed with all odder ones as usual
    already. Costs 0.2 ms, then 1.
    """
    falls = {
        feature.name: fall
        for feature, fall in zip(FEATURES, falls_of(view, forest).tolist(), strict=True)
        if not isnan(fall)
    }
    speaking = _speaking(falls) or _speaking(_one_after_the_other(view, forest, list(falls)))
    total = sum(speaking.values())
    odd = [name for name in speaking if _oddness(view, name) >= LEAST_ODD]
    told = odd if len(odd) >= ENOUGH_ODD else speaking
    strongest = sorted(told, key=lambda name: (-speaking[name], name))[:MOST_REASONS]
    return tuple(_reason(name, speaking[name] / total, speaking[name], view, p_values) for name in strongest)


def _speaking(falls: Mapping[str, float]) -> dict[str, float]:
    return {name: fall for name, fall in falls.items() if fall >= LEAST_LOG_ODDS}


def _one_after_the_other(view: View, forest: Forest, names: list[str]) -> dict[str, float]:
    """How far the log-odds fall as one feature after the other becomes as usual, the oddest first."""
    falls, said = {}, forest.log_odds(view.inputs)
    for name in sorted(names, key=lambda name: (-_oddness(view, name), name)):
        view = view.with_usual(name)
        before, said = said, forest.log_odds(view.inputs)
        falls[name] = before - said
    return falls


def _oddness(view: View, name: str) -> float:
    """How far from the peers' median or from the own mean, whichever is further, in either direction."""
    at = INDEX[name]
    return float(np.nanmax(np.abs(view.deviations[[at, at + len(FEATURES)]]), initial=0.0))


def _reason(name: str, share: float, fall: float, view: View, p_values: Mapping[str, float]) -> Reason:
    peers, feature, expected = view.range(name), FEATURES[INDEX[name]], view.expected(name)
    p_value, detector = min(
        ((p_values[each.name], each.name) for each in DETECTORS if name in each.features), default=(1.0, FOREST)
    )
    return Reason(
        detector=detector,
        feature=name,
        unit=feature.unit,
        observed=six_digits(view.value(name)),
        own_expected=six_digits(expected) if expected is not None and view.weight(name) >= TOLD_FOLDS else None,
        peers_low=six_digits(peers.low),
        peers_high=six_digits(peers.high),
        p_value=six_digits(p_value),
        contribution=six_digits(share),
        log_odds=six_digits(fall),
        meaning=feature.meaning,
    )
