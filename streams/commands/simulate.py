"""`distillwatch simulate`: labelled traffic to try things out with."""

import os
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from schemas.errors import RefusedToStart
from streams.simulation import ATTACKS, HONEST, Simulation, TenantLabel
from streams.simulation import simulate as simulated
from streams.simulation.scene import DEFAULT_START_MS
from streams.simulation.writing import STDOUT, write_labels, write_records

DEFAULT_START = datetime.fromtimestamp(DEFAULT_START_MS / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
WIDE = 120  # columns of a terminal that has room to explain the kinds
LAST_YEAR = 9980  # an event has a time before the year 10000, and traffic lasts ten years at most


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate")(simulate)


def simulate(
    *,
    out: Annotated[str, typer.Option(help="where events go; .gz is compressed, - is standard output")] = "events.jsonl",
    labels: Annotated[str, typer.Option(help="where labels go, one line a tenant")] = "labels.jsonl",
    days: Annotated[float, typer.Option(min=0.01, max=3660, help="days of traffic")] = 3.0,
    tenants: Annotated[int, typer.Option(min=0, max=1_000_000, help="honest tenants")] = 40,
    attackers: Annotated[int, typer.Option(min=0, max=100_000, help="attack campaigns, of each kind in turn")] = 6,
    seed: Annotated[int, typer.Option(help="the same seed gives the same bytes")] = 1,
    start: Annotated[
        str, typer.Option(help="when the traffic begins, ISO 8601, UTC unless it says otherwise")
    ] = DEFAULT_START,
) -> None:
    """Make labelled traffic: honest tenants, attacks that try to look like them, and the truth about each.

    Every word, address and account in it is made up. Three days with 40 tenants are some 40,000 events and take a few
    seconds; an honest tenant makes 250 events a day on average.

    Things to try:

    - `distillwatch simulate`
    - `distillwatch simulate --days 7 --tenants 200 --attackers 10 --seed 7 --out week.jsonl.gz`
    - `distillwatch simulate --out - | distillwatch backtest -`
    - `distillwatch simulate --attackers 0`, a quiet time, to see false alarms

    A line of labels holds tenant_id, label (benign or attack), kind, campaign, events, begin_ms, end_ms, and attack_ts,
    the times of the requests that belong to the attack.
    """
    if out == labels:
        raise typer.BadParameter(f"events and labels cannot both go to {_place(out)}")
    config = Simulation(days=days, tenants=tenants, attackers=attackers, seed=seed, start_ms=start_ms(start))
    records, truth = simulated(config)
    try:
        write_labels(labels, truth)
        write_records(out, records)
    except BrokenPipeError:
        # The reader has seen enough, as with `| head`. Python would complain once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None
    console = Console(stderr=True)
    console.print(summary(truth, explained=console.width >= WIDE))
    console.print(f"events in {_place(out)}, labels in {_place(labels)}", markup=False, highlight=False, soft_wrap=True)


def start_ms(text: str) -> int:
    """Read a time in ISO 8601 as epoch milliseconds; UTC is meant where no zone is given."""
    try:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        begin_ms = int(at.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise RefusedToStart(f"--start {text!r} is not a time in ISO 8601, such as {DEFAULT_START}") from None
    if begin_ms < 0 or at.year > LAST_YEAR:
        raise RefusedToStart(f"--start {text!r} is out of range: from 1970 to {LAST_YEAR}")
    return begin_ms


def summary(truth: list[TenantLabel], *, explained: bool = True) -> Table:
    """Count tenants and events of each kind; `explained` adds what the kind is."""
    tenants, events, attacks = Counter[str](), Counter[str](), Counter[str]()
    for label in truth:
        tenants[label.kind] += 1
        events[label.kind] += label.events
        attacks[label.kind] += len(label.attack_ts)
    table = Table("kind", caption="attack requests belong to the attack, the rest is cover", caption_justify="left")
    for column in ("tenants", "events", "attack requests"):
        table.add_column(column, justify="right", no_wrap=True)
    if explained:
        table.add_column("what it is")
    for kind in (*HONEST, *ATTACKS):
        if tenants[kind.name]:
            figures = (counter[kind.name] for counter in (tenants, events, attacks))
            cells = (f"{figure:,}" if figure else "" for figure in figures)
            about = [kind.about.split(":")[0].rstrip(".")] if explained else []
            table.add_row(kind.name, *cells, *about, end_section=kind is HONEST[-1])
    table.add_section()
    table.add_row("all", *(f"{counter.total():,}" for counter in (tenants, events, attacks)), style="bold")
    return table


def _place(path: str) -> str:
    return "standard output" if path == STDOUT else path
