"""Everything that one run measured."""

from msgspec import Struct

from tests.benchmarks.stream.latency import Latency
from tests.benchmarks.stream.load import Load
from tests.benchmarks.stream.saturated import Saturated
from tests.benchmarks.stream.scale import Scale


class Report(Struct, frozen=True, kw_only=True):
    """What was asked for; parts that were not are empty or None. `missing` says of jobs that could not run why."""

    date: str
    command: str
    traffic: str
    events: int
    bytes_per_event: float
    processors: int
    saturated: list[Saturated] = []
    latency: list[Latency] = []
    scale: Scale | None = None
    load: Load | None = None
    missing: dict[str, str] = {}
