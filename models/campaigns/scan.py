"""The scan statistic: at which keys do more odd tenants meet than chance allows."""

import math
from typing import Any, NamedTuple

import numpy as np

from models.compiled import compiled


@compiled
def tail(n: int, k: int, p: float) -> float:
    """How often at least `k` of `n` independent tenants have a p-value of at most `p`, by chance. Costs 0.2 us.

    >>> round(tail(10, 3, 0.1), 4), round(tail(3, 3, 0.5), 4), tail(5, 1, 1.0)
    (0.0702, 0.125, 1.0)
    """
    if p >= 1.0 or k <= n * p:
        return 1.0
    if p <= 0.0:
        return 0.0
    term = math.exp(
        math.lgamma(n + 1.0)
        - math.lgamma(k + 1.0)
        - math.lgamma(n - k + 1.0)
        + k * math.log(p)
        + (n - k) * math.log1p(-p)
    )
    total, odds = term, p / (1.0 - p)
    for at in range(k, n):
        term *= odds * (n - at) / (at + 1.0)
        total += term
        if term < 1e-16 * total:
            break
    return min(1.0, total)


@compiled
def _can_reach(n: int, k: int, p: float, log_bound: float) -> bool:
    """Whether the tail may be below the bound: it is never below its first term, which Stirling bounds from below. Saves most tails."""
    if p <= 0.0:
        return True
    share = k / n
    distance = share * math.log(share / p)
    if k < n:
        distance += (1.0 - share) * math.log((1.0 - share) / (1.0 - p))
    return -n * distance - 0.5 * math.log(2.0 * n) <= log_bound


@compiled
def count_keys(keys: Any, least: int) -> int:
    """How many keys (sorted) have at least so many members."""
    counted = begin = 0
    for at in range(1, len(keys) + 1):
        if at == len(keys) or keys[at] != keys[begin]:
            counted += at - begin >= least
            begin = at
    return counted


class Crowd(NamedTuple):
    """Whom the members of keys are compared with, all tenants of the epoch that count as honest: `size` of them.

    For each member whether it is one of them, and how many of them have a p-value no higher than its own.
    """

    honest: Any
    below: Any
    size: int


class Limits(NamedTuple):
    """The fewest members, the highest p-value of one, how seldom chance must make the evidence, and the most that may be honest.

    `honest` is that share of the members under a cut.
    """

    least: int
    most_p: float
    bound: float
    honest: float


@compiled
def scan(keys: Any, p_values: Any, crowd: Crowd, limits: Limits, cuts: Any, chances: Any) -> int:
    """For each key (sorted, with its members' p-values rising) the widest cut whose evidence chance makes as seldom as the bound.

    The evidence of a cut is the tail of the binomial distribution, times the number of cuts that the key offers. The chance
    that one tenant falls under the cut is the cut's p-value, or the share of the crowd outside the key that does, whichever is
    higher: p-values that promise too much make no campaigns of honest crowds. Who lies above the cut is taken for honest, and tells how
    many honest members lie under it: a cut is narrowed until they are few. Writes for each key that is called the end of its members
    under the cut in `cuts` and the evidence in `chances`, at the place where the key begins; returns how many are called.
    """
    called = begin = 0
    log_bound = math.log(limits.bound)
    for end in range(1, len(keys) + 1):
        if end < len(keys) and keys[end] == keys[begin]:
            continue
        n = end - begin
        if n >= limits.least:
            inside = 0
            for at in range(begin, end):
                inside += crowd.honest[at]
            outside, under = crowd.size - inside, inside
            k = n
            while k >= limits.least:
                last = begin + k - 1
                p = p_values[last]
                if p <= limits.most_p:
                    p = max(p, (crowd.below[last] - under + 1.0) / (outside + 1.0))
                    mostly_odd = p * (n - k) <= limits.honest * k * (1.0 - p)
                    if mostly_odd and k > n * p and _can_reach(n, k, p, log_bound):
                        evidence = tail(n, k, p) * (n - limits.least + 1)
                        if evidence <= limits.bound:
                            cuts[begin], chances[begin] = begin + k, evidence
                            called += 1
                            break
                under -= crowd.honest[last]
                k -= 1
        begin = end
    return called


def order(keys: Any, p_values: Any) -> Any:
    """The order of keys, and of p-values within a key; equal ones stay as they are."""
    return np.lexsort((p_values, keys))
