"""`distillwatch demo`: the whole line on this machine, once."""

import signal
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import orjson
import typer
from rich.console import Console
from rich.table import Table

from schemas.errors import RefusedToStart
from streams.demo import Demo, Summary
from streams.demo.demo import next_commands


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    ctx: typer.Context,
    events: Annotated[
        str | None, typer.Option(help="events to send, .jsonl or .gz; simulated traffic when absent")
    ] = None,
    summary: Annotated[Path | None, typer.Option(help="write the sums here as JSON")] = None,
    *,
    once: Annotated[
        bool, typer.Option("--once", help="end when everything is processed, instead of waiting for Ctrl-C")
    ] = False,
) -> None:
    """Start Kafka, ClickHouse and a worker, send events through them, and print alerts as they come.

    Everything happens in a directory of its own (.distillwatch/demo) that starts empty each time; nothing listens beyond loopback. Ctrl-C
    stops all of it. What was stored stays there: the commands printed at the end look at it.

    Example: deploy/demo --once --events events.jsonl --summary summary.json
    """
    console = Console()
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell started us with SIGINT ignored
        signal.signal(number, _interrupt)
    if summary is not None and not summary.absolute().parent.is_dir():
        raise RefusedToStart(f"cannot write {summary}: there is no directory {summary.absolute().parent}")
    show = Demo(ctx.obj, events, console)
    try:
        show.start()
        result = show.run()
        if summary is not None:
            summary.write_bytes(orjson.dumps(msgspec.structs.asdict(result), option=orjson.OPT_APPEND_NEWLINE))
        _report(console, result)
        _suggest(console, show, once=once)
        if not once:
            signal.pause()
    except KeyboardInterrupt:
        console.print("stopping ...", style="dim")
        raise
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
        show.close()


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _report(console: Console, result: Summary) -> None:
    table = Table(show_header=False, box=None, title="what happened", title_justify="left")
    for name, value in msgspec.structs.asdict(result).items():
        table.add_row(name.replace("_", " "), f"{value:,}")
    console.print(table)


def _suggest(console: Console, show: Demo, *, once: bool) -> None:
    console.print(
        "\ntry next:" if not once else "\ntry next (the first command starts the engines again):", style="bold"
    )
    commands = next_commands(show.config)
    if once:
        commands = (f"distillwatch --config {show.config} local start", *commands[:2])
    for line in commands:
        console.print(f"  .venv/bin/{line}", highlight=False, soft_wrap=True)
    if not once:
        console.print("\nCtrl-C stops everything.", style="dim")
