"""A forest of small trees: from what a fold is like to how like an attack it is, in log-odds; tables of numbers."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from .compiled import compiled

Floats = npt.NDArray[np.float64]
#: No single fold says more than this, for or against.
MOST_LOG_ODDS = 6.0
LEAF = -1
MOST_LEAVES = 64
ALL = (1 << MOST_LEAVES) - 1
# A product with this number has another six bits on top for each bit that it may be multiplied with.
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
_PLACES = np.zeros(MOST_LEAVES, np.int64)
for _place in range(MOST_LEAVES):
    _PLACES[((1 << _place) * int(_DE_BRUIJN) & ALL) >> 58] = _place


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
        if any(len(_leaves_of(self, root)) > MOST_LEAVES for root in self.roots):
            return f"a tree has more than {MOST_LEAVES} leaves"
        return None


NO_TREES = Trees(inputs=(), bias=0.0, roots=(), asks=(), at_most=(), left=(), right=(), unknown_left=(), says=())


class Forest:
    """The forest, ready to be asked with inputs in this version's order. 800 trees of 8 leaves: 8 us, 180 KB.

    No tree is walked: for each input the nodes that ask for it lie in the order of their thresholds, and those that are exceeded take the
    leaves to their left from their tree; what is left first is where a walk would end (QuickScorer: Lucchese et al., 2015). A third of the
    time of walks, whose every step is a guess for the processor.
    """

    __slots__ = ("bias", "nodes", "tables")

    def __init__(self, trees: Trees, inputs: Sequence[str]) -> None:
        """Line the table's inputs up with ours; one that this version does not make is unknown for ever."""
        places: Mapping[str, int] = {name: at for at, name in enumerate(inputs)}
        tests: list[list[_Test]] = [[] for _ in range(len(inputs) + 1)]
        unknown: list[list[_Test]] = [[] for _ in range(len(inputs) + 1)]
        of_trees: list[list[_Node]] = []
        says: list[float] = []
        first = [0]
        for tree, root in enumerate(trees.roots):
            leaves, nodes = _unrolled(trees, root)
            says += [trees.says[leaf] for leaf in leaves]
            first.append(len(says))
            of_trees.append([])
            for node, keeps in nodes:
                asks = places.get(trees.inputs[trees.asks[node]], len(inputs))
                test = _Test(trees.at_most[node], tree, keeps)
                tests[asks].append(test)
                if not trees.unknown_left[node]:
                    unknown[asks].append(test)
                of_trees[tree].append(_Node(asks, test.at_most, keeps, ALL if trees.unknown_left[node] else keeps))
        #: What is said before any tree, the arrays that `said_by` takes, and the same for whoever asks one tree.
        self.bias = trees.bias
        self.nodes = _by_tree(of_trees)
        self.tables = Tables(
            *_laid(tests), *_laid(unknown)[1:], np.array(first, dtype=np.int32), np.array(says, dtype=float)
        )

    def log_odds(self, values: Floats) -> float:
        """How like an attack a fold of these inputs is, within -6 and 6; NaN is unknown."""
        return bounded(self.bias + said_by(values, *self.tables))


@compiled
def bounded(said: float) -> float:
    """Log-odds as far as a single fold may go."""
    return min(max(said, -MOST_LOG_ODDS), MOST_LOG_ODDS)


class Tables(NamedTuple):
    """The forest as arrays: the tests of each input by their thresholds, what an unknown input decides, the leaves tree after tree."""

    at_most: npt.NDArray[np.float64]
    trees: npt.NDArray[np.int32]
    keeps: npt.NDArray[np.uint64]
    begins: npt.NDArray[np.int32]
    unknown_trees: npt.NDArray[np.int32]
    unknown_keeps: npt.NDArray[np.uint64]
    unknown_begins: npt.NDArray[np.int32]
    leaves: npt.NDArray[np.int32]
    says: npt.NDArray[np.float64]


class Nodes(NamedTuple):
    """The same tests tree by tree; an input that nobody makes has the number behind the last."""

    begins: npt.NDArray[np.int32]
    asks: npt.NDArray[np.int32]
    at_most: npt.NDArray[np.float64]
    keeps: npt.NDArray[np.uint64]
    unknown_keeps: npt.NDArray[np.uint64]


class _Node(NamedTuple):
    """A test as its tree knows it: what it keeps beyond `at_most`, and of an unknown input."""

    asks: int
    at_most: float
    keeps: int
    unknown_keeps: int


class _Test(NamedTuple):
    """A node: beyond `at_most` its tree keeps these leaves only, a bit each."""

    at_most: float
    tree: int
    keeps: int


def _leaves_of(trees: Trees, root: int) -> list[int]:
    """The leaves of a tree, from left to right."""
    leaves, left = [], [root]
    while left:
        node = left.pop()
        if trees.asks[node] == LEAF:
            leaves.append(node)
        else:
            left += (trees.right[node], trees.left[node])
    return leaves


def _unrolled(trees: Trees, root: int) -> tuple[list[int], list[tuple[int, int]]]:
    """The leaves of a tree, and each node with the leaves (bits) that are not to its left."""
    nodes, left = [], [(root, 0)]
    while left:
        node, first = left.pop()
        if trees.asks[node] != LEAF:
            number = len(_leaves_of(trees, trees.left[node]))
            nodes.append((node, ALL & ~(((1 << number) - 1) << first)))
            left += ((trees.left[node], first), (trees.right[node], first + number))
    return _leaves_of(trees, root), nodes


def _laid(tests: list[list[_Test]]) -> tuple[Any, Any, Any, Any]:
    """The tests of each input by their thresholds: these, the trees, the leaves kept, and where each input begins."""
    inputs = [sorted(each) for each in tests]
    every = [test for each in inputs for test in each]
    begins = np.cumsum([0, *map(len, inputs)]).astype(np.int32)
    return (
        np.array([test.at_most for test in every], dtype=float),
        np.array([test.tree for test in every], dtype=np.int32),
        np.array([test.keeps for test in every], dtype=np.uint64),
        begins,
    )


def _by_tree(trees: list[list[_Node]]) -> Nodes:
    every = [node for tree in trees for node in tree]
    return Nodes(
        np.cumsum([0, *map(len, trees)]).astype(np.int32),
        np.array([node.asks for node in every], dtype=np.int32),
        np.array([node.at_most for node in every], dtype=float),
        np.array([node.keeps for node in every], dtype=np.uint64),
        np.array([node.unknown_keeps for node in every], dtype=np.uint64),
    )


@compiled
def said_by(  # noqa: PLR0913, PLR0917 - compiled functions see arrays
    values: Any,
    at_most: Any,
    trees: Any,
    keeps: Any,
    begins: Any,
    unknown_trees: Any,
    unknown_keeps: Any,
    unknown_begins: Any,
    leaves: Any,
    says: Any,
) -> float:
    """The sum of what the trees say, in their order."""
    left = np.full(len(leaves) - 1, np.uint64(ALL))
    for asks in range(len(begins) - 1):
        value = values[asks] if asks < len(values) else np.nan
        if value != value:  # noqa: PLR0124 - NaN
            for at in range(unknown_begins[asks], unknown_begins[asks + 1]):
                left[unknown_trees[at]] &= unknown_keeps[at]
            continue
        at, end = begins[asks], begins[asks + 1]
        while at < end and at_most[at] < value:
            left[trees[at]] &= keeps[at]
            at += 1
    total = 0.0
    for tree in range(len(left)):
        total += says[leaves[tree] + _lowest(left[tree])]
    return total


@compiled
def leaf_of(tree: int, values: Any, begins: Any, asks: Any, at_most: Any, keeps: Any, unknown_keeps: Any) -> int:
    """The leaf of a tree where these inputs, and NaN behind the last, lead to, counted from its left."""
    left = np.uint64(ALL)
    for at in range(begins[tree], begins[tree + 1]):
        value = values[asks[at]]
        beyond = keeps[at] if value > at_most[at] else np.uint64(ALL)
        left &= unknown_keeps[at] if value != value else beyond  # noqa: PLR0124 - NaN
    return _lowest(left)


@compiled
def _lowest(bits: Any) -> int:
    """The place of the lowest bit that is set."""
    alone = bits & (~bits + np.uint64(1))
    return int(_PLACES[(alone * _DE_BRUIJN) >> np.uint64(58)])
