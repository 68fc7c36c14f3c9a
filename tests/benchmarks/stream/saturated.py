"""What a job costs when more waits for it than it can do: everything is on the topic before it starts."""

import time

from msgspec import Struct

from tests.benchmarks.stream.content import Content
from tests.benchmarks.stream.ground import Ground
from tests.benchmarks.stream.process import Sample
from tests.benchmarks.stream.rivals import Rivals
from tests.benchmarks.stream.runner import Job, Running, start

#: Records after which a job counts as warm: it has met most tenants, and compiled what it compiles.
WARM_RECORDS = 10_000
#: A rival is not let run longer after that.
MOST_SECONDS = 30.0
LOOK_SECONDS = 0.2
#: Our worker is asked for its metrics at each look, which costs it a few milliseconds.
LOOK_AT_OURS_SECONDS = 0.5


class Saturated(Struct, frozen=True, kw_only=True):
    """Per event from the warm point on; the rate is by the wall clock, on one processor where it could be had."""

    job: str
    words: str
    events: int
    cpu_us: float
    events_per_second: float
    peak_bytes: int


def saturated(job: Job, content: Content, ground: Ground, rivals: Rivals) -> Saturated:
    """Run a job over the records that are on the topic; our worker over all of them, and until what came of them is safe.

    CPU time is counted from the first look at which it was warm to the last, of our worker with its last checkpoint and rows. The rate
    is that up to the last look before everything was processed.
    """
    settings, total = ground.settings(job.name), len(content.records)
    with start(job, settings, ground, rivals, ground.cores.measured(0)) as running:
        looks = _looks(running, total, patient=bool(job.role))
        peak = running.program.peak_bytes
    begin, end = looks[0], looks[-1]
    busy = [look for look in looks[1:] if look.events < total] or looks[-1:]
    return Saturated(
        job=job.name,
        words=job.words,
        events=end.events - begin.events,
        cpu_us=(end.cpu_seconds - begin.cpu_seconds) / max(1, end.events - begin.events) * 1e6,
        events_per_second=(busy[-1].events - begin.events) / max(1e-9, busy[-1].at_seconds - begin.at_seconds),
        peak_bytes=peak,
    )


def _looks(running: Running, total: int, *, patient: bool) -> list[Sample]:
    """How far it was, from the warm point on."""
    looks: list[Sample] = []

    def done() -> bool:
        look = running.program.sample(running.processed())
        if look.events >= min(WARM_RECORDS, total // 2):
            looks.append(look)
        time.sleep(LOOK_AT_OURS_SECONDS if patient else LOOK_SECONDS)
        late = bool(looks) and not patient and look.at_seconds - looks[0].at_seconds > MOST_SECONDS
        return look.events >= total or late

    running.program.wait_until(done, "saturated")
    if patient:
        running.program.wait_until(running.safe, "saturated, waiting until it is safe")
        looks.append(running.program.sample(total))
    return looks
