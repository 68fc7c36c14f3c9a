"""Python's collector of cycles, set for a process that holds the state of many tenants."""

import gc

YOUNG, MIDDLE, OLD = 100_000, 20, 50


def rarely_collect() -> None:
    """Leave what exists now out of every collection, and collect a hundred times less often.

    Hundreds of thousands of state objects live long and hold no cycles: looking through them for garbage costs 7% of the judgement of few
    tenants, and a fifth with a hundred thousand.
    """
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
