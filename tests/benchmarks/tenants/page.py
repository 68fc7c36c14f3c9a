"""The table, and the same as JSON."""

from msgspec import Struct

from streams.settings import WorkerSettings
from tests.benchmarks.tenants.crowd import STAGES, Asked, Load

HEAD = ("traffic", "tenants", "awake", "bytes a tenant", "asleep", "search", "resident MB", "peak MB", "us an event", *STAGES)
TAIL = ("of the first's events/s", "by decodings", "packed", "woken", "snapshot bytes", "epoch s")


class Measured(Struct, frozen=True):
    """What was asked, and what came of it."""

    asked: Asked
    load: Load

    @property
    def cpu_us(self) -> float:
        """Microseconds an event, all stages."""
        return sum(self.load.stages.values())

    @property
    def decodings(self) -> float:
        """The same over what decoding took, the same work every time: by that lines compare although a machine's speed swings."""
        return self.cpu_us / self.load.stages["decode"]


def bounds(settings: WorkerSettings) -> str:
    """When a partition passes."""
    return f"A pass every {settings.checkpoint_seconds:g} s or {settings.checkpoint_bytes:,} bytes of a partition"


def head() -> str:
    """The first two lines."""
    names = HEAD + TAIL
    return f"| {' | '.join(names)} |\n|{'---|' * len(names)}"


def line(one: Measured, first: Measured) -> str:
    """A line, beside the first one of the same traffic."""
    load = one.load
    cells = [one.asked.spread, f"{one.asked.tenants:,}", f"{load.awake:,}", f"{load.bytes_per_tenant:,.0f}"]
    cells += [f"{load.bytes_asleep:,.0f}", f"{load.bytes_in_search:,.0f}", f"{load.resident_mb:,.0f}"]
    cells += [f"{load.peak_mb:,.0f}", f"{one.cpu_us:.1f}"]
    cells += [f"{load.stages[stage]:.1f}" for stage in STAGES]
    cells += [f"{first.cpu_us / one.cpu_us:.2f}", f"{first.decodings / one.decodings:.2f}"]
    cells += [f"{load.packed_per_event:.2f}", f"{load.woken_per_event:.2f}"]
    cells += [f"{load.snapshot_bytes_per_event:,.0f}", f"{load.epoch_seconds:.1f}"]
    return f"| {' | '.join(cells)} |"
