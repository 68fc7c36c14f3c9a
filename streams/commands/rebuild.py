"""`distillwatch rebuild`: state that cannot be read, built anew."""

from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from streams.rebuild import Rebuilt
from streams.rebuild import rebuild as build_anew

PROGRESS_RECORDS = 100_000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(rebuild)


def rebuild(
    ctx: typer.Context,
    partition: Annotated[
        list[int] | None, typer.Option(help="build this partition anew; without any, all whose state cannot be read")
    ] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="print the outcome, with the names of tenants, as JSON")] = False,
) -> None:
    """Build state that is damaged, lost or of another version anew, by judging the retained requests again.

    Stop all workers, run this, start them again. Requests that were judged before are judged again up to where the workers had come: rows
    get newer versions with the same counts, alerts that were told are not told again. Of a tenant whose past is not retained as a
    whole nothing is known from before: it begins again as a young tenant, which is told by its name (--json), and windows of
    which requests are missing stay as they were stored. Safe to repeat.

    Example: distillwatch rebuild --partition 3
    """
    shown: dict[int, int] = {}

    def progress(index: int, records: int) -> None:
        if records - shown.get(index, 0) >= PROGRESS_RECORDS:
            shown[index] = records
            typer.echo(f"partition {index}: {records:,} records", err=True)

    done = build_anew(ctx.obj, partition or [], progress)
    if json:
        typer.echo(msgspec.json.encode(done).decode())
    elif not done:
        typer.echo(
            "nothing to do: the state of every partition can be read; --partition N builds one anew all the same"
        )
    else:
        Console().print(table(done))


def table(done: list[Rebuilt]) -> Table:
    """The partitions, one a row."""
    out = Table(box=None)
    for column in (
        "partition",
        "from offset",
        "records",
        "tenants",
        "young again",
        "new alerts",
        "windows",
        "left as they were",
    ):
        out.add_column(column, justify="right")
    for one in done:
        numbers = (one.first_offset, one.records, one.tenants, len(one.young), one.findings, one.rows, one.kept_rows)
        out.add_row(str(one.partition), *(f"{number:,}" for number in numbers))
    return out
