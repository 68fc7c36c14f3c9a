"""`distillwatch capacity`: what this machine will do with one's own traffic."""

import os
import platform
import sys
from importlib.metadata import version
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from schemas.versions import CODE_VERSION
from streams.capacity import Asked, Capacity, Copies, Costs, Traffic, estimate, measure_costs, measure_memory
from streams.capacity.notes import NOT_MEASURED, WITH_KAFKA, notes
from streams.capacity.rounds import SECRET, WARM_RECORDS
from streams.configuration import mind_of
from streams.files import RecordFile, track
from streams.garbage import collecting_rarely
from streams.settings import Settings

WIDE = 140
LIBRARIES = ("msgspec", "numpy", "numba", "lz4", "zstandard", "river")
STAGES = {
    "decode": "JSON to events",
    "judge": "windows, looks, folds, risk: 64 records at a time",
    "wake": "unpack a sleeping tenant: only with more tenants than are kept awake; what was learned, once a fold",
    "store": "to the file of tenants and back: only with more tenants than worker.tenants_in_memory",
    "campaigns": "signals encoded, decoded, correlated",
    "alerts": "findings as OCSF, and their rows",
    "rows": "tenant windows encoded, decoded by the sink, hashed as a block",
    "checkpoints": "tenants that changed packed, what was learned once a fold; windows made rows",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(capacity)


def capacity(
    ctx: typer.Context,
    events: Annotated[
        str, typer.Option(help="your events, one JSON object a line: .jsonl, .gz or - for standard input")
    ],
    tenants: Annotated[
        int | None,
        typer.Option(min=1, max=1_000_000_000, help="tenants to reckon with; as many as the file has when absent"),
    ] = None,
    events_per_second: Annotated[
        float | None,
        typer.Option(min=0.001, help="requests a second of all tenants together; as many as a core does when absent"),
    ] = None,
    rounds: Annotated[
        int, typer.Option(min=1, max=100, help="how often the records are judged; the median counts")
    ] = 5,
    most: Annotated[
        int, typer.Option(min=1, help="records measured at most, from the beginning; held in memory")
    ] = 200_000,
    *,
    json: Annotated[bool, typer.Option("--json", help="print the figures as JSON")] = False,
) -> None:
    """Measure what this machine will do with your traffic, before you start: CPU an event, events a second, memory.

    The records of a file are judged several times by a worker's own code, with your settings, without Kafka and ClickHouse.
    Then a process of its own holds 20,000 copies of their tenants, and how much it grew is read from the system. Takes half a minute
    for 20,000 records, and another when the judgement has to be compiled. All CPU figures are CPU time of one core: other
    work on the machine is not counted, but it slows a core down, so look at the spread.

    An event costs more the more tenants share the traffic, for each that changed is packed at the next checkpoint. So say how many
    you have: each is taken to send as one of the file does, in such bursts. The settings of the worker count too; to see what fewer
    tenants kept awake save in memory and cost in CPU, set DISTILLWATCH_WORKER__HYDRATED_TENANTS.

    Not measured: the Kafka client, and the insert into ClickHouse. `python -m tests.benchmarks.worker_cost FILE`, in a checkout,
    measures a whole worker with a real Kafka and a ClickHouse engine.

    Example: distillwatch capacity --events events.jsonl --tenants 100000 --events-per-second 5000
    """
    settings: Settings = ctx.obj
    told = Console(stderr=True, highlight=False)
    records = RecordFile(events)
    traffic = Traffic.of(track(records, "read"), settings.topics.partitions, settings.worker.batch_records, most)
    told.print("compiling, unless this machine has done it before; not counted")
    mind = mind_of(settings.judgement, SECRET)
    with collecting_rarely():
        costs = measure_costs(
            mind, settings, traffic, rounds, lambda number, one: told.print(_progress(number, rounds, one), soft_wrap=True)
        )
    told.print("measuring memory: copies of the tenants, in a process of its own")
    memory = measure_memory(Copies.of(mind.config, costs[-1], traffic))
    asked = Asked(tenants=tenants or traffic.tenants, events_per_second=events_per_second)
    answer = estimate(costs, memory, traffic, settings.worker, asked)
    said = notes(answer, traffic, asked, busy=os.getloadavg()[0] > 0.5 * (os.cpu_count() or 1))
    if json:
        sys.stdout.buffer.write(msgspec.json.encode(_as_json(answer, traffic, rounds, said)) + b"\n")
        return
    show(answer, traffic, rounds, said)


def _progress(number: int, rounds: int, one: Costs) -> str:
    what = f"round {number} of {rounds}" if number else f"a first round of some {WARM_RECORDS:,} records, not counted"
    return f"{what}: {one.judged_us:.1f} us an event without checkpoints"


def _as_json(answer: Capacity, traffic: Traffic, rounds: int, said: list[str]) -> dict[str, Any]:
    """The figures, rounded to what they are worth; the same keys in the same order whatever was measured."""
    made = _rounded(msgspec.to_builtins(answer))
    machine = {
        "cores": os.cpu_count(),
        "load": _rounded(os.getloadavg()[0]),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "versions": {"distillwatch": CODE_VERSION} | {name: version(name) for name in LIBRARIES},
        "rounds": rounds,
        "records": traffic.records,
        "file_tenants": traffic.tenants,
        "spread": made.pop("spread"),
    }
    return {**made, "machine": machine, "not_measured": NOT_MEASURED, "notes": said}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def _stage_table(answer: Capacity, rounds: int) -> Table:
    table = Table("stage", box=None, pad_edge=False)
    for column in ("us an event", "least", "greatest"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("what it is")
    figures = answer.stages | {"total": answer.cpu_us_per_event}
    for stage, about in (STAGES | {"total": f"median of {rounds} rounds"}).items():
        least, greatest = answer.spread[stage]
        cells = (f"{each:.2f}" for each in (figures[stage], least, greatest))
        table.add_row(stage, *cells, about, style="bold" if stage == "total" else None)
    return table


def _figures(answer: Capacity, traffic: Traffic) -> list[tuple[str, str, str]]:
    """Each figure: its name, itself, what it means."""
    need, memory = answer.need, answer.memory
    packed = f"99% under {memory.packed_p99:,.0f}, the largest {memory.packed_most:,}"
    held = f"{answer.bytes_per_tenant:,.0f} bytes a tenant, and {need.workers} x the process itself"
    often = f"an event packs {need.packed_per_event:.3g} tenants and wakes {need.woken_per_event:.3g}"
    return [
        (
            "events a second, one core",
            f"{answer.events_per_second_per_core:,.0f}",
            "the Kafka client and ClickHouse not counted",
        ),
        ("snapshot of a tenant", f"{memory.packed_mean:,.0f} bytes", packed),
        ("tenant asleep", f"{memory.asleep:,.0f} bytes", "growth of the process"),
        ("tenant awake", f"{memory.awake:,.0f} bytes more", "worker.hydrated_tenants, at most"),
        ("tenant in the search", f"{memory.campaigns:,.0f} bytes more", f"{memory.signalling:.0%} give signals"),
        ("process itself", f"{memory.process / 1e6:,.0f} MB", "a worker that holds no tenant"),
        ("", "", ""),
        ("tenants", f"{need.tenants:,}", f"{need.awake:,} of them awake, {need.on_disk:,} on disk; the file has {traffic.tenants:,}"),
        ("events a second", f"{need.events_per_second:,.0f}", often),
        (
            "cores, workers",
            f"{need.cores:.2f}, {need.workers}",
            f"a worker judges on one; partitions: {need.partitions} at least",
        ),
        ("memory", f"{need.gib:.2f} GiB", held),
        (
            "restart",
            f"{need.restore_seconds:,.1f} s",
            f"CPU to unpack all, {need.restore_us_per_tenant:.0f} us each; without reading them",
        ),
    ]


def show(answer: Capacity, traffic: Traffic, rounds: int, said: list[str]) -> None:
    """Print the figures as tables, the notes, and what is not in them."""
    console = Console(highlight=False)
    if not console.is_terminal:  # a file or a pipe has no width
        console.width = max(console.width, WIDE)
    figures = Table(show_header=False, box=None, pad_edge=False)
    for row in _figures(answer, traffic):
        figures.add_row(*row)
    for part in (_stage_table(answer, rounds), "", figures, "", *(f"Note: {note}" for note in said)):
        console.print(part, soft_wrap=True)
    console.print(f"Not measured: {'; '.join(NOT_MEASURED)}. With both: {WITH_KAFKA}", soft_wrap=True)
