"""`distillwatch investigate`: named questions to ClickHouse, answered in the terminal, as JSON or as CSV."""

import csv
import sys
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.clickhouse.investigations import Answer, BadQuestion, investigations, named

WIDE = 200  # columns, when nobody's terminal sets them


def register(app: typer.Typer) -> None:
    """Add the command; `ctx.obj` holds the settings."""
    app.command("investigate")(investigate)


def investigate(
    ctx: typer.Context,
    question: Annotated[str | None, typer.Argument(help="Which question; without it they are listed.")] = None,
    param: Annotated[
        list[str] | None, typer.Option("--param", "-p", help="A parameter, NAME=VALUE; may be repeated.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV with a header.")] = False,
) -> None:
    """Ask ClickHouse a named question about tenants and findings.

    For example: distillwatch investigate riskiest --param days=30 --param limit=5. Times are event times, in UTC;
    unless a question is given an end it looks back from the newest event, so that history answers too.
    """
    if as_json and as_csv:
        raise typer.BadParameter("give one of --json and --csv")
    if question is None:
        _console().print(listing())
        return
    answer = named(question).ask(ctx.obj.clickhouse, given(param or []))
    if as_json:
        for row in answer.rows:
            typer.echo(msgspec.json.encode(dict(zip(answer.columns, row, strict=True))).decode())
    elif as_csv:
        csv.writer(sys.stdout).writerows([answer.columns, *([_plain(value) for value in row] for row in answer.rows)])
    elif answer.rows:
        _console().print(table(answer))
    else:
        typer.echo("Nothing found.")


def given(params: list[str]) -> dict[str, str]:
    """The parameters of the command line; raises `BadQuestion`.

    >>> given(["days=7", "tenant=a=b"])
    {'days': '7', 'tenant': 'a=b'}
    """
    values = {}
    for param in params:
        name, equals, value = param.partition("=")
        if not equals:
            raise BadQuestion(f"a parameter is given as NAME=VALUE, not as {param!r}")
        values[name.strip()] = value
    return values


def listing() -> Table:
    """Every question and what it takes."""
    out = Table("question", "asks", "parameters", title="Investigations", title_justify="left")
    for investigation in investigations().values():
        taken = "\n".join(
            f"{parameter.name}={'' if parameter.default is None else parameter.default}  {parameter.meaning}"
            for parameter in investigation.parameters
        )
        out.add_row(Text(investigation.name), Text(f"{investigation.question}\n\n{investigation.result}"), Text(taken))
    return out


def table(answer: Answer) -> Table:
    """An answer for a terminal; control characters in it are shown, not obeyed."""
    out = Table()
    for column in answer.columns:
        out.add_column(Text(column), overflow="fold")
    for row in answer.rows:
        out.add_row(*(Text(_printable(_plain(value))) for value in row))
    return out


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"
    if isinstance(value, list | tuple):
        return " ".join(map(_plain, value))
    return str(value)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=WIDE)
