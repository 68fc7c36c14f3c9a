"""What each feature of a fold weighs: how far its log-odds fall when the feature is as usual, and all else stays."""

from typing import Any

import numpy as np

from .compiled import compiled
from .detectors import View
from .detectors.comparison import make_usual
from .detectors.seen import Floats
from .forest import Forest, bounded, leaf_of


def falls_of(view: View, forest: Forest) -> Floats:
    """How far the log-odds fall, a feature each; NaN where one is missing. Costs 0.15 ms.

    The same as asking the forest for `view.with_usual` of each. But one feature changes few inputs, and those carry few trees (36 of
    800) over a threshold: the others say what they said.
    """
    out = np.empty(len(view.values))
    own, tables = view.own, forest.tables
    _falls(
        view.values, own.means, own.weights, view.scales, view.inputs, view.towards, *forest.nodes, tables.begins, tables.at_most,
        tables.trees, tables.leaves, tables.says, forest.bias, out,
    )  # fmt: skip
    return out


@compiled
def _falls(  # noqa: PLR0913, PLR0917 - compiled functions see arrays
    values: Any, means: Any, weights: Any, scales: Any, inputs: Any, towards: Any, begins: Any, asks: Any, at_most: Any, keeps: Any,
    unknown_keeps: Any, tests: Any, thresholds: Any, trees: Any, leaves: Any, says: Any, bias: float, out: Any,
) -> None:  # fmt: skip
    known = np.append(inputs, np.nan)
    told, last = np.empty(len(leaves) - 1), np.full(len(leaves) - 1, -1)
    for tree in range(len(told)):
        told[tree] = says[leaves[tree] + leaf_of(tree, known, begins, asks, at_most, keeps, unknown_keeps)]
    said, changed, usual = bounded(bias + _sum(told)), np.empty(len(told)), np.empty(len(known))
    for feature in range(len(values)):
        out[feature] = np.nan
        if values[feature] != values[feature]:
            continue
        usual[:], changed[:] = known, told
        make_usual(feature, values.copy(), means, weights, scales, usual[:-1], towards.copy())
        for each in range(len(inputs)):
            was, now = known[each], usual[each]
            if was == now or (was != was and now != now):  # noqa: PLR0124 - NaN
                continue
            first, end = tests[each], tests[each + 1]
            if was == was and now == now:  # noqa: PLR0124 - not NaN: by their thresholds, so those between the two turn
                rising = thresholds[first:end]
                end = first + np.searchsorted(rising, max(was, now))
                first += np.searchsorted(rising, min(was, now))
            for at in range(first, end):
                tree = trees[at]
                if last[tree] != feature:
                    last[tree] = feature
                    leaf = leaf_of(tree, usual, begins, asks, at_most, keeps, unknown_keeps)
                    changed[tree] = says[leaves[tree] + leaf]
        out[feature] = said - bounded(bias + _sum(changed))


@compiled
def _sum(told: Any) -> float:
    total = 0.0
    for tree in range(len(told)):
        total += told[tree]
    return total
