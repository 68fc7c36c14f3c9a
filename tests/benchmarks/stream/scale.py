"""Two workers on one topic against one, each kept to one processor, in pairs of runs close together.

Everything is on the topic before they begin, so that no producer takes part: the workers are up and own their partitions, are
stopped (SIGSTOP) while the topic is filled, and go on together. Where the machine has no third processor, broker and second worker
share one: then the wall clock tells of that too, and the events that a second of the workers' CPU does is what
processors of their own would give.
"""

import signal
import time
from contextlib import ExitStack
from statistics import median

from msgspec import Struct

from tests.benchmarks.stream.content import Content
from tests.benchmarks.stream.ground import PARTITIONS, Ground
from tests.benchmarks.stream.process import Program, Sample
from tests.benchmarks.stream.rivals import Rivals
from tests.benchmarks.stream.runner import JOBS, Running, metrics, start

LOOK_SECONDS = 0.2
JUDGE = next(job for job in JOBS if job.name == "judge")


class Drain(Struct, frozen=True, kw_only=True):
    """One drain of the topic, while every worker had something to do.

    `wall_rate` is events a second, `cpu_rate` the events that a second of CPU did; `shares` are the workers' shares of all events.
    """

    workers: int
    wall_rate: float
    cpu_rate: float
    shares: list[float]


class Scale(Struct, frozen=True, kw_only=True):
    """Paired drains. `wall_ratio` is two workers' rate over one's, `cpu_ratio` the same on processors of their own.

    Both are medians of the pairs.
    """

    processors: int
    drains: list[Drain]
    wall_ratio: float
    cpu_ratio: float


def scale(content: Content, ground: Ground, rivals: Rivals, pairs: int) -> Scale:
    """Drain the same records by one worker and by two, in turn; which of them goes first alternates."""
    order = [(number, workers) for number in range(pairs) for workers in ((1, 2) if number % 2 == 0 else (2, 1))]
    drains = [_drain(content, ground, rivals, workers, f"scale-{number}-{workers}") for number, workers in order]
    ones = [drain for drain in drains if drain.workers == 1]
    twos = [drain for drain in drains if drain.workers == 2]
    return Scale(
        processors=ground.cores.count,
        drains=drains,
        wall_ratio=median(two.wall_rate / one.wall_rate for one, two in zip(ones, twos, strict=True)),
        cpu_ratio=median(2 * two.cpu_rate / one.cpu_rate for one, two in zip(ones, twos, strict=True)),
    )


def _drain(content: Content, ground: Ground, rivals: Rivals, workers: int, name: str) -> Drain:
    ground.leave(workers)
    settings = ground.settings(name, requests=f"{name}.requests")
    with ExitStack() as stack:
        held: list[Running] = []
        ports: list[int] = []
        for index in range(workers):
            port = ground.free_port()
            own = settings.model_copy(update={"watch": settings.watch.model_copy(update={"port": port})})
            running = start(JUDGE, own, ground, rivals, ground.cores.measured(index), index)
            held.append(stack.enter_context(running))
            ports.append(port)
            running.program.wait_until(lambda port=port: bool(metrics(port)), "scale, starting")  # type: ignore[misc]
        each = PARTITIONS // workers
        held[0].program.wait_until(lambda: all(_partitions(port) == each for port in ports), "scale, dealing")
        with _stopped([running.program for running in held]):
            ground.fill(settings, content.records)
        looks = _looks(held, len(content.records))
    return measured(looks, workers)


def _partitions(port: int) -> float:
    return metrics(port).get("distillwatch_partitions", 0.0)


class _stopped:  # noqa: N801 - a context manager, read as a word
    """Programs that stand still in the block."""

    def __init__(self, programs: list[Program]) -> None:
        self._programs = programs

    def __enter__(self) -> None:
        for program in self._programs:
            program.send_signal(signal.SIGSTOP)

    def __exit__(self, *_: object) -> None:
        for program in self._programs:
            program.send_signal(signal.SIGCONT)


def _looks(held: list[Running], total: int) -> list[list[Sample]]:
    looks: list[list[Sample]] = []

    def done() -> bool:
        looks.append([running.program.sample(running.processed()) for running in held])
        time.sleep(LOOK_SECONDS)
        return sum(look.events for look in looks[-1]) >= total

    held[0].program.wait_until(done, "scale, draining")
    return looks


def measured(looks: list[list[Sample]], workers: int) -> Drain:
    """From the first look at which all had begun to the last at which none was done."""
    last = looks[-1]
    both = [look for look in looks if all(0 < one.events < end.events for one, end in zip(look, last, strict=True))]
    begin, end = both[0], both[-1]
    events = sum(one.events for one in end) - sum(one.events for one in begin)
    cpu_seconds = sum(one.cpu_seconds for one in end) - sum(one.cpu_seconds for one in begin)
    all_events = sum(one.events for one in last)
    return Drain(
        workers=workers,
        wall_rate=events / (end[-1].at_seconds - begin[-1].at_seconds),
        cpu_rate=events / cpu_seconds,
        shares=[one.events / all_events for one in last],
    )
