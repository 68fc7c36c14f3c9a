"""Stages in turn, round after round, so that a machine that slows down slows all of them."""

import gc
from collections.abc import Callable
from statistics import median
from time import thread_time

from msgspec import Struct

from tests.benchmarks.stages.stages import Stage


class Timing(Struct, frozen=True, kw_only=True):
    """CPU microseconds a unit: the least and the median of the rounds, and the median over that of `decode`, the yardstick."""

    name: str
    unit: str
    what: str
    pieces: int
    least_us: float
    median_us: float
    decodings: float


def timings(stages: list[Stage], rounds: int, say: Callable[[str], None]) -> list[Timing]:
    """Time every stage `rounds` times, after a round that is not counted."""
    taken: dict[str, list[float]] = {stage.name: [] for stage in stages}
    for number in range(rounds + 1):
        say(f"round {number} of {rounds}" if number else "a round that is not counted")
        for stage in stages:
            took = _took(stage)
            if number:
                taken[stage.name].append(took / max(1, stage.pieces) * 1e6)
    yardstick = median(taken["decode"])
    return [
        Timing(
            name=stage.name,
            unit=stage.unit,
            what=stage.what,
            pieces=stage.pieces,
            least_us=min(taken[stage.name]),
            median_us=median(taken[stage.name]),
            decodings=median(taken[stage.name]) / yardstick,
        )
        for stage in stages
    ]


def _took(stage: Stage) -> float:
    made = stage.prepare()
    gc.collect()
    begun = thread_time()
    stage.work(made)
    return thread_time() - begun
