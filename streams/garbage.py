"""Python's collector of cycles, set for a process that holds the state of many tenants."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG, MIDDLE, OLD = 100_000, 20, 50


def rarely_collect() -> None:
    """Leave what exists now out of every collection, and collect a hundred times less often.

    Hundreds of thousands of state objects live long and hold no cycles: looking through them for garbage costs 7% of the judgement of few
    tenants, and a fifth with a hundred thousand.
    """
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """As a worker does for as long as it lives, for a while."""
    before = gc.get_threshold()
    rarely_collect()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
