"""What moved a risk is told, also where two features say the same."""

import math

import numpy as np

from models.detectors import DETECTORS, Own, View
from models.explanation import explain
from models.falls import falls_of
from models.features import FEATURES, INDEX
from models.forest import LEAF, Forest, Trees
from models.inputs import INPUTS
from models.references import References
from tests.models.test_detectors import views

GROUND = References.shipped().ground
SIZE = len(FEATURES)
NOTHING_KNOWN = Own(np.zeros(SIZE), np.zeros(SIZE), np.zeros(SIZE, dtype=np.uint16))
P_VALUES = dict.fromkeys((detector.name for detector in DETECTORS), 0.5)


#: To this one of two odd features is as good as both.
EITHER = Trees(
    inputs=("rate away from peers", "head_top away from peers"),
    bias=0.0,
    roots=(0,),
    asks=(0, 1, LEAF, LEAF, LEAF),
    at_most=(0.9, 0.9, 0.0, 0.0, 0.0),
    left=(1, 2, 0, 0, 0),
    right=(4, 3, 0, 0, 0),
    unknown_left=(True, True, False, False, False),
    says=(0.0, 0.0, 0.0, 3.0, 3.0),
)


def test_of_two_features_of_which_either_is_enough_one_is_told_with_what_both_weigh() -> None:
    values = np.array([0.0 if each is None else each.middle for each in GROUND.peers])
    for name in ("rate", "head_top"):
        values[INDEX[name]] = FEATURES[INDEX[name]].high
    view = View(values, NOTHING_KNOWN, GROUND)
    forest = Forest(EITHER, INPUTS)
    assert forest.log_odds(view.inputs) == 3.0
    for name in ("rate", "head_top"):
        assert forest.log_odds(view.with_usual(name).inputs) == 3.0
    (reason,) = explain(view, forest, P_VALUES)
    assert reason.feature in {"rate", "head_top"}
    assert (reason.log_odds, reason.contribution) == (3.0, 1.0)


def test_what_a_feature_weighs_is_what_the_forest_says_less_without_it() -> None:
    forest = References.shipped().forest
    for values, own in views(7, 20):
        view = View(values, own, GROUND)
        for feature, fall in zip(FEATURES, falls_of(view, forest).tolist(), strict=True):
            if math.isnan(values[INDEX[feature.name]]):
                assert math.isnan(fall)
            else:
                assert fall == forest.log_odds(view.inputs) - forest.log_odds(view.with_usual(feature.name).inputs)
