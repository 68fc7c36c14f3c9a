"""`distillwatch local`: the embedded Kafka and ClickHouse."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from streams.local import Stack, Status

HELP = """Start, stop and look at the embedded Kafka and ClickHouse.

Both are real: an Apache Kafka broker and the ClickHouse engine, each a process of its own on loopback, with its data
under the setting local.directory. No Docker, no root. A setting that points to a Kafka or ClickHouse elsewhere
(kafka.bootstrap_servers, clickhouse.host) means that this part is left to whoever runs it.

Example: distillwatch local start && distillwatch topics && distillwatch migrate
"""


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(no_args_is_help=True, help=HELP)
    for command in (start, stop, status, install):
        group.command()(command)
    app.add_typer(group, name="local")


def start(ctx: typer.Context) -> None:
    """Start what is not running; fetches the jars of Kafka first when they are not there (44 MB, once).

    Returns when both answer. What runs already stays as it is.

    Example: distillwatch local start
    """
    Stack(ctx.obj).start(typer.echo)


def stop(
    ctx: typer.Context,
    *,
    kill: Annotated[bool, typer.Option("--kill", help="end the processes at once, as a crash would (a drill)")] = False,
) -> None:
    """Stop what is running, in good order; the data stay.

    Example: distillwatch local stop
    """
    stack = Stack(ctx.obj)
    if kill:
        stack.kill(typer.echo)
    else:
        stack.stop(typer.echo)


def status(ctx: typer.Context) -> None:
    """Show what runs, where it answers, and where its log is; exit code 1 when a part does not answer.

    Example: distillwatch local status
    """
    stack = Stack(ctx.obj)
    states = stack.status()
    if states:
        Console().print(table(states))
    for line in stack.external:
        typer.echo(line)
    if not all(state.answers for state in states):
        raise typer.Exit(1)


def install(ctx: typer.Context) -> None:
    """Fetch the jars of Kafka with Maven and stop there; nothing is fetched twice.

    Example: distillwatch local install
    """
    Stack(ctx.obj).install(typer.echo)


def table(states: list[Status]) -> Table:
    """The parts, one a row."""
    out = Table(box=None)
    for column in ("part", "state", "address", "process", "memory", "log"):
        out.add_column(column, overflow="fold")
    for state in states:
        pid, memory = ("", "") if state.pid is None else (str(state.pid), f"{state.memory_bytes // 1_000_000} MB")
        out.add_row(state.name, word(state), state.address, pid, memory, str(state.log_file))
    return out


def word(state: Status) -> str:
    """What a part is doing, in a word or two."""
    if state.pid is None:
        return "not ours, but answers" if state.answers else "stopped"
    return "running" if state.answers else "runs, does not answer"
