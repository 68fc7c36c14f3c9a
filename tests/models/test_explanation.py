"""What moved a risk is told, also where two features say the same."""

from typing import cast

import numpy as np

from models.detectors import DETECTORS, Own, View
from models.detectors.seen import Floats
from models.explanation import explain
from models.features import FEATURES, INDEX
from models.forest import Forest
from models.references import References

GROUND = References.shipped().ground
SIZE = len(FEATURES)
NOTHING_KNOWN = Own(np.zeros(SIZE), np.zeros(SIZE), np.zeros(SIZE, dtype=np.uint16))
P_VALUES = dict.fromkeys((detector.name for detector in DETECTORS), 0.5)


class Either:
    """A forest to which one of two odd features is as good as both."""

    def log_odds(self, inputs: Floats) -> float:
        odd = inputs[[INDEX["rate"], INDEX["head_top"]]] > 0.9
        return 3.0 if odd.any() else 0.0


def test_of_two_features_of_which_either_is_enough_one_is_told_with_what_both_weigh() -> None:
    values = np.array([0.0 if each is None else each.middle for each in GROUND.peers])
    for name in ("rate", "head_top"):
        values[INDEX[name]] = FEATURES[INDEX[name]].high
    view = View(values, NOTHING_KNOWN, GROUND)
    forest = cast("Forest", Either())
    assert forest.log_odds(view.deviations) == 3.0
    for name in ("rate", "head_top"):
        assert forest.log_odds(view.with_usual(name).deviations) == 3.0
    (reason,) = explain(view, forest, P_VALUES)
    assert reason.feature in {"rate", "head_top"}
    assert (reason.log_odds, reason.contribution) == (3.0, 1.0)
