"""Growing a forest: gradient boosting by scikit-learn, written down as plain tables."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from schemas.errors import RefusedToStart

from .forest import LEAF, Trees

#: Leaked at 0.15% false tenant-days on seven held-out sources: 20, 14, 9% with 200, 400, 800 trees of 8 leaves; 10% with 400 of 16,
#: 9% with 500 of 32, at two and a half times the size.
TREES = 800
LEAVES = 8
LEARNING_RATE = 0.1
LEAST_IN_A_LEAF = 60
SHRINKAGE = 5.0
#: The share of the inputs that each split may choose among: no input can carry the forest alone.
INPUTS_A_SPLIT = 0.3
#: Above any input: JSON knows no infinity.
EVERYTHING = 1e300


def grow(
    inputs: npt.NDArray[np.float32],
    attack: npt.NDArray[np.bool_],
    weights: npt.NDArray[np.float64],
    names: Sequence[str],
) -> Trees:
    """The forest that tells attacks from the rest: a row a fold, NaN for unknown. The same rows grow the same forest.

    Raises `RefusedToStart` where scikit-learn is not installed: it is needed for making tables, not for using them.
    """
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - not needed by a worker
        from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with it
    except ImportError:
        raise RefusedToStart("making tables needs scikit-learn: pip install 'distillwatch[calibrate]'") from None
    model: Any = HistGradientBoostingClassifier(
        max_iter=TREES,
        max_leaf_nodes=LEAVES,
        learning_rate=LEARNING_RATE,
        min_samples_leaf=min(LEAST_IN_A_LEAF, max(1, len(inputs) // 50)),
        l2_regularization=SHRINKAGE,
        max_features=INPUTS_A_SPLIT,
        early_stopping=False,
        random_state=1,
    )
    with threadpool_limits(limits=1):  # sums in one order, whatever the machine has
        model.fit(inputs, attack, sample_weight=weights)
    return _trees(model, names)


def _trees(model: Any, names: Sequence[str]) -> Trees:
    """The model as tables. Its nodes are private to scikit-learn, whose release is pinned; a test holds that we read them right."""
    roots: list[int] = []
    nodes: list[tuple[int, float, int, int, bool, float]] = []
    for (tree,) in model._predictors:
        begun = len(nodes)
        roots.append(begun)
        for node in tree.nodes:
            leaf = bool(node["is_leaf"])
            nodes.append(
                (
                    LEAF if leaf else int(node["feature_idx"]),
                    # Infinite where a node asks only whether the input is known.
                    0.0 if leaf else min(float(node["num_threshold"]), EVERYTHING),
                    0 if leaf else begun + int(node["left"]),
                    0 if leaf else begun + int(node["right"]),
                    bool(node["missing_go_to_left"]),
                    _short(node["value"]) if leaf else 0.0,
                )
            )
    asks, at_most, left, right, unknown_left, says = zip(*nodes, strict=True)
    return Trees(
        inputs=tuple(names),
        bias=_short(model._baseline_prediction.item()),
        roots=tuple(roots),
        asks=asks,
        at_most=at_most,  # exact: a rounded one may fall on the other side of a value that occurs
        left=left,
        right=right,
        unknown_left=unknown_left,
        says=says,
    )


def _short(value: float) -> float:
    """Six digits: enough, and a table that can be read."""
    return float(f"{value:.6g}")
