"""A forest of small trees: from what a fold is like to how like an attack it is, in log-odds; tables of numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from .compiled import compiled

Floats = npt.NDArray[np.float64]
#: No single fold says more than this, for or against.
MOST_LOG_ODDS = 6.0
LEAF = -1


class Trees(Struct, frozen=True):
    """The forest as it lies in a table of references: parallel lists, a node each, tree after tree.

    A node asks whether the input `inputs[asks[i]]` is at most `at_most[i]` and goes on at node `left[i]`, else at
    `right[i]`; an unknown input goes left where `unknown_left[i]`. A leaf asks -1 and says `says[i]`. `roots` are the
    trees' first nodes, `bias` is what is said before any of them.
    """

    inputs: tuple[str, ...]
    bias: float
    roots: tuple[int, ...]
    asks: tuple[int, ...]
    at_most: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    unknown_left: tuple[bool, ...]
    says: tuple[float, ...]

    def faults(self) -> str | None:
        """What makes the table no forest; None when it is one. Children come after their parent, so every walk ends."""
        nodes = len(self.asks)
        if any(len(each) != nodes for each in (self.at_most, self.left, self.right, self.unknown_left, self.says)):
            return "its lists differ in length"
        if any(not 0 <= root < nodes for root in self.roots):
            return "a tree begins nowhere"
        for node, asks in enumerate(self.asks):
            if not LEAF <= asks < len(self.inputs):
                return f"node {node} asks for an input that is not there"
            if asks != LEAF and not all(node < child < nodes for child in (self.left[node], self.right[node])):
                return f"node {node} does not lead on"
        return None


NO_TREES = Trees(inputs=(), bias=0.0, roots=(), asks=(), at_most=(), left=(), right=(), unknown_left=(), says=())


class Forest:
    """The forest, ready to be asked with inputs in this version's order. 150 trees of 8 leaves: 3 us, 60 KB."""

    __slots__ = ("_at_most", "_bias", "_nodes", "_roots", "_says")

    def __init__(self, trees: Trees, inputs: Sequence[str]) -> None:
        """Line the table's inputs up with ours; one that this version does not make is unknown for ever."""
        places: Mapping[str, int] = {name: at for at, name in enumerate(inputs)}
        missing = len(inputs)
        asks = [LEAF if each == LEAF else places.get(trees.inputs[each], missing) for each in trees.asks]
        self._bias = trees.bias
        self._roots = np.array(trees.roots, dtype=np.int32)
        self._nodes = np.array(
            list(zip(asks, trees.left, trees.right, trees.unknown_left, strict=True)), dtype=np.int32
        ).reshape(-1, 4)
        self._at_most, self._says = np.array(trees.at_most, dtype=float), np.array(trees.says, dtype=float)

    def log_odds(self, values: Floats) -> float:
        """How like an attack a fold of these inputs is, within -6 and 6; NaN is unknown."""
        said = self._bias + walk(values, self._roots, self._nodes, self._at_most, self._says)
        return min(max(said, -MOST_LOG_ODDS), MOST_LOG_ODDS)


@compiled
def walk(values: Any, roots: Any, nodes: Any, at_most: Any, says: Any) -> float:
    """The sum of what the trees say."""
    total = 0.0
    for root in roots:
        node = root
        asks = nodes[node, 0]
        while asks != LEAF:
            value = values[asks] if asks < len(values) else np.nan
            goes_left = value <= at_most[node] or (value != value and nodes[node, 3])  # noqa: PLR0124 - NaN
            node = nodes[node, 1] if goes_left else nodes[node, 2]
            asks = nodes[node, 0]
        total += says[node]
    return total
