import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.boosting import grow
from models.forest import LEAF, MOST_LOG_ODDS, NO_TREES, Forest, Trees
from models.inputs import INPUTS
from models.references import References

#: Is `a` at most 1? Then -1, and unknown with it; else is `b` at most 5? 2 or 3.
TREES = Trees(
    inputs=("a", "b"),
    bias=0.5,
    roots=(0,),
    asks=(0, LEAF, 1, LEAF, LEAF),
    at_most=(1.0, 0.0, 5.0, 0.0, 0.0),
    left=(1, 0, 3, 0, 0),
    right=(2, 0, 4, 0, 0),
    unknown_left=(True, False, False, False, False),
    says=(0.0, -1.0, 0.0, 2.0, 3.0),
)


def asked(*values: float, order: tuple[str, ...] = ("a", "b")) -> float:
    return Forest(TREES, order).log_odds(np.array(values))


def test_a_walk_ends_in_the_leaf_that_the_inputs_lead_to() -> None:
    assert asked(1.0, 9.0) == -0.5
    assert asked(2.0, 5.0) == 2.5
    assert asked(2.0, math.nan) == 3.5
    assert asked(math.nan, 0.0) == -0.5


def test_inputs_go_by_their_names_and_one_that_is_no_more_is_unknown() -> None:
    assert asked(5.0, 2.0, order=("b", "a")) == 2.5
    assert asked(5.0, order=("b",)) == -0.5


def test_no_fold_says_more_than_the_most() -> None:
    loud = msgspec.structs.replace(TREES, bias=100.0)
    assert Forest(loud, ("a", "b")).log_odds(np.zeros(2)) == MOST_LOG_ODDS
    assert Forest(NO_TREES, ("a",)).log_odds(np.zeros(1)) == 0.0


@pytest.mark.parametrize(
    "changed",
    [{"says": (1.0,)}, {"roots": (7,)}, {"asks": (5, LEAF, 1, LEAF, LEAF)}, {"left": (0, 0, 3, 0, 0)}],
)
def test_a_table_that_cannot_be_walked_is_told(changed: dict[str, object]) -> None:
    assert TREES.faults() is None
    assert msgspec.structs.replace(TREES, **changed).faults()


def test_a_grown_forest_says_what_its_library_says() -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415

    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(3000, 4)).astype(np.float32)
    inputs[rng.random(inputs.shape) < 0.1] = np.nan
    attack = np.nan_to_num(inputs[:, 0]) * np.nan_to_num(inputs[:, 1]) > 0.3
    grown: list[HistGradientBoostingClassifier] = []
    fit = HistGradientBoostingClassifier.fit

    def noted(model: HistGradientBoostingClassifier, *args: object, **named: object) -> object:
        grown.append(model)
        return fit(model, *args, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HistGradientBoostingClassifier, "fit", noted)
        trees = grow(inputs, attack, np.ones(len(attack)), ("a", "b", "c", "d"))
    assert trees.faults() is None
    forest = Forest(trees, ("a", "b", "c", "d"))
    ours = [forest.log_odds(row) for row in inputs[:500].astype(float)]
    theirs = np.clip(grown[0].decision_function(inputs[:500]), -MOST_LOG_ODDS, MOST_LOG_ODDS)
    assert np.abs(np.array(ours) - theirs).max() < 1e-4


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.lists(st.floats(-3, 3) | st.just(math.nan), min_size=3, max_size=3))
def test_the_shipped_forest_says_what_a_walk_through_its_trees_would_say(seed: int, some: list[float]) -> None:
    trees = References.shipped().table.trees
    values = np.random.default_rng(seed).normal(0, 1.5, len(INPUTS)).round(3)
    values[np.random.default_rng(seed + 1).integers(0, len(INPUTS), 3)] = some
    places, said = {name: at for at, name in enumerate(INPUTS)}, 0.0
    for root in trees.roots:
        node = root
        while trees.asks[node] != LEAF:
            value = values[places[trees.inputs[trees.asks[node]]]]
            left = trees.unknown_left[node] if math.isnan(value) else value <= trees.at_most[node]
            node = trees.left[node] if left else trees.right[node]
        said += trees.says[node]
    expected = min(max(trees.bias + said, -MOST_LOG_ODDS), MOST_LOG_ODDS)
    assert Forest(trees, INPUTS).log_odds(values) == expected
