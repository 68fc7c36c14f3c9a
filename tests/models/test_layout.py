import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.layout import Layout, differing, lay_looks, parts_of, unlay_looks
from models.look import LOOK
from models.past import KNOWN, KNOWN_COUNTS_BYTES, KNOWN_HASHES_BYTES, NOT_HASHED, OWN_HASHES, PAST, known_of

PARTS = st.lists(st.tuples(st.sampled_from([1, 2, 4, 8]), st.integers(0, 9)), min_size=1, max_size=6)


@given(PARTS)
def test_what_was_laid_comes_back(parts: list[tuple[int, int]]) -> None:
    layout = Layout([(width, width * count) for width, count in parts])
    arrays = bytes(number * 37 % 251 for number in range(layout.size_bytes))
    assert layout.unlay(layout.lay(arrays)) == arrays
    assert sorted(layout.lay(arrays)) == sorted(arrays)


def test_the_empty_bytes_of_small_counts_lie_beside_each_other() -> None:
    layout = Layout([(2, 8), (1, 3), (2, 4)])
    arrays = bytes([1, 0, 2, 0, 3, 0, 4, 0, 97, 98, 99, 5, 0, 6, 0])
    assert layout.lay(arrays) == b"abc" + bytes([1, 2, 3, 4, 5, 6]) + bytes(6)


@pytest.mark.parametrize("number", [0, 1, 15])
def test_the_looks_of_a_fold_come_back(number: int) -> None:
    looks = bytes(at * at % 256 for at in range(number * LOOK.itemsize))
    assert bytes(unlay_looks(lay_looks(looks))) == looks


def test_looks_that_are_alike_are_zeros_but_for_the_first() -> None:
    laid = lay_looks(bytes([7]) * (3 * LOOK.itemsize))
    assert laid == bytes([7, 0, 0]) * LOOK.itemsize


@given(st.binary(min_size=5, max_size=5), st.binary(min_size=5, max_size=5))
def test_a_difference_makes_the_same_again(ours: bytes, theirs: bytes) -> None:
    assert differing(differing(ours, theirs), theirs) == ours


def test_what_is_known_ends_with_its_counts() -> None:
    assert sum(size for _, size in parts_of(PAST, PAST.names or (), OWN_HASHES)) == PAST.itemsize
    known = known_of(np.zeros(1, PAST)[0])
    assert len(known) == KNOWN_HASHES_BYTES + KNOWN_COUNTS_BYTES
    last = -len(NOT_HASHED)
    assert KNOWN[last:] == NOT_HASHED == tuple(PAST.names or ())[last:]
