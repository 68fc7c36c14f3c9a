"""The scan statistic against what can be counted."""

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.campaigns.scan import Crowd, Limits, count_keys, scan, tail


@given(st.integers(1, 60), st.integers(1, 60), st.floats(1e-6, 0.999))
def test_the_tail_is_that_of_the_binomial_distribution(n: int, k: int, p: float) -> None:
    if k > n or k <= n * p:
        return
    exact = sum(comb(n, at) * p**at * (1 - p) ** (n - at) for at in range(k, n + 1))
    assert tail(n, k, p) == pytest.approx(exact, rel=1e-9)


def scanned(p_values: list[float], bound: float, honest: float = 1e9) -> tuple[int, float]:
    count = len(p_values)
    keys, cuts, chances = np.ones(count, np.uint64), np.zeros(count, np.int64), np.zeros(count)
    nobody = Crowd(np.zeros(count, bool), np.zeros(count, np.int64), 10**9)  # nobody else is odd
    scan(keys, np.sort(np.array(p_values)), nobody, Limits(3, 0.6, bound, honest), cuts, chances)
    return int(cuts[0]), float(chances[0])


@given(st.lists(st.floats(1e-9, 1.0), min_size=3, max_size=40), st.floats(1e-8, 0.1))
def test_the_widest_cut_within_the_bound_is_found(p_values: list[float], bound: float) -> None:
    ordered, n = sorted(p_values), len(p_values)
    widest = 0
    for k in range(3, n + 1):
        p = ordered[k - 1]
        if p <= 0.6 and tail(n, k, p) * (n - 2) <= bound:
            widest = k
    assert scanned(p_values, bound)[0] == widest


def test_a_cut_is_narrowed_until_few_of_those_it_names_can_be_honest() -> None:
    odd, strangers = [0.001] * 20, [0.3] * 15
    honest = [0.5 + at / 100 for at in range(25)]
    assert scanned(odd + strangers + honest, 0.001)[0] == 35
    assert scanned(odd + strangers + honest, 0.001, honest=0.1)[0] == 20  # of 35 under the cut 11 would be honest, as 25 lie above it
    assert scanned(odd + strangers, 0.001, honest=0.1)[0] == 35  # nobody lies above it


def test_keys_are_counted_with_enough_members_only() -> None:
    assert count_keys(np.array([1, 1, 1, 2, 2, 3, 3, 3, 3], np.uint64), 3) == 2
    assert count_keys(np.zeros(0, np.uint64), 3) == 0


def test_chance_calls_no_more_keys_than_it_may() -> None:
    rng, called = np.random.default_rng(1), 0
    for _ in range(2000):
        called += scanned(rng.random(12).tolist(), 0.05)[0] > 0
    assert called <= 0.05 * 2000
