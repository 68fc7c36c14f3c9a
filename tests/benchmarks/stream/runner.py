"""The programs under measurement, and how each is started and asked how far it is."""

import http.client
import os
import sys
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from streams.settings import PREFIX, Settings
from streams.telemetry import samples
from tests.benchmarks.stream.ground import Ground
from tests.benchmarks.stream.jobs.place import Place
from tests.benchmarks.stream.jobs.probe import processed
from tests.benchmarks.stream.process import Program
from tests.benchmarks.stream.rivals import Rivals
from tests.integration.drill import environment, judged, stored


class Job(Struct, frozen=True, kw_only=True):
    """One program: our worker in a `role`, or a `module` of `jobs`, run by the rivals' Python when it needs a `package` of theirs."""

    name: str
    words: str
    role: str = ""
    module: str = ""
    package: str = ""
    alerts: bool = True


JOBS = (
    Job(name="faust-empty", words="stock Faust, decodes JSON and counts", module="faust_empty", alerts=False),
    Job(name="faust-river", words="stock Faust, River detector in a table", module="faust_river"),
    Job(name="bytewax-river", words="Bytewax, the same detector", module="bytewax_river", package="bytewax"),
    Job(name="quix-river", words="Quix Streams, the same detector", module="quix_river", package="quixstreams"),
    Job(name="judge", words="distillwatch, role judge", role="judge"),
    Job(name="all", words="distillwatch, all roles", role="all"),
)
OURS = tuple(job for job in JOBS if job.role)


class Running:
    """A started job: its process, how many events it has processed, and whether what came of them is safe."""

    def __init__(self, program: Program, processed_by: Callable[[], int], safe: Callable[[], bool]) -> None:
        self.program, self.processed, self.safe = program, processed_by, safe

    def __enter__(self) -> "Running":
        """It runs already."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.program.__exit__()


def start(job: Job, settings: Settings, ground: Ground, rivals: Rivals, cores: set[int], number: int = 0) -> Running:
    """Start a job under these settings on these processors; `number` tells workers of one group apart."""
    log = ground.directory / f"{settings.worker.group}-{number}.log"
    if job.role:
        return _start_ours(job, settings, log, cores)
    place = Place(
        broker=settings.kafka.bootstrap_servers,
        group=settings.worker.group,
        requests=settings.topics.requests,
        alerts=settings.topics.alerts,
        state=str(ground.directory / f"{settings.worker.group}-state"),
        progress=str(ground.directory / f"{settings.worker.group}-progress"),
        partitions=str(settings.topics.partitions),
    )
    python = str(rivals.python) if job.package else sys.executable
    around = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    variables = around | place.environment() | {"OMP_NUM_THREADS": "1"}
    program = Program((python, "-m", f"tests.benchmarks.stream.jobs.{job.module}"), variables, log, cores)
    progress = ground.directory / f"{settings.worker.group}-progress"
    return Running(program, lambda: processed(progress), lambda: True)


def _start_ours(job: Job, settings: Settings, log: Path, cores: set[int]) -> Running:
    command = (sys.executable, "-m", "streams.cli", "worker", "--role", job.role)
    program = Program(command, environment(settings) | {"OMP_NUM_THREADS": "1"}, log, cores)
    port = settings.watch.port

    def safe() -> bool:
        return judged(settings) and (job.role != "all" or stored(settings))

    return Running(program, lambda: round(metrics(port).get("distillwatch_events_in_total", 0.0)), safe)


def metrics(port: int) -> dict[str, float]:
    """The metrics of a worker; none while it does not answer yet."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/metrics")
        return samples(connection.getresponse().read())
    except OSError:
        return {}
    finally:
        connection.close()
