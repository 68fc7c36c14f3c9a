"""`distillwatch replay`: a file of events to the requests topic."""

from typing import Annotated

import typer

from streams.files import RecordFile, track
from streams.replay import ReplayResult
from streams.replay import replay as send


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(replay)


def replay(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="events, one JSON object a line: .jsonl, .gz or - for standard input")],
    *,
    speed: Annotated[float | None, typer.Option(min=0.001, help="multiple of real time, by the events' clock")] = None,
    flat_out: Annotated[bool, typer.Option("--flat-out", help="as fast as it goes (the default)")] = False,
    rate: Annotated[float | None, typer.Option(min=0.001, help="events a second, at most")] = None,
    twice: Annotated[bool, typer.Option("--twice", help="send every record twice in a row, as a retry would")] = False,
) -> None:
    """Send a FILE of events to the requests topic, each line's bytes as they are, key = its tenant.

    A line that is no event is sent too: telling it apart is the worker's task. Exit code 1 when a record was not taken.

    Examples: distillwatch replay events.jsonl --speed 60 (an hour a minute); zcat old.gz | distillwatch replay -
    """
    if flat_out and (speed is not None or rate is not None):
        raise typer.BadParameter("--flat-out goes without --speed and --rate")
    records = track(RecordFile(file), "replay")
    result = send(records, ctx.obj, speed=speed, rate=rate, repeat=2 if twice else 1)
    typer.echo(said(result))
    if result.failed:
        raise typer.Exit(1)


def said(result: ReplayResult) -> str:
    """The result in one line.

    >>> said(ReplayResult(sent=3000, failed=1, seconds=2.0, error="too large"))
    '3,000 records sent in 2.0 s (1,500 a second), 1 failed: too large'
    """
    rate = result.sent / max(result.seconds, 0.001)
    failed = f"{result.failed:,} failed: {result.error}" if result.failed else "none failed"
    return f"{result.sent:,} records sent in {result.seconds:.1f} s ({rate:,.0f} a second), {failed}"
