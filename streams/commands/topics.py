"""`distillwatch topics`: the topics on the broker."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from streams.topics import TopicState, create_topics, describe, verify


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(topics)


def topics(
    ctx: typer.Context,
    *,
    check: Annotated[bool, typer.Option("--check", help="create nothing; exit code 1 when a topic is missing")] = False,
) -> None:
    """Create the topics that are missing, and show all of them.

    Names, partitions and copies are settings (topics.…). A topic that is there is never changed; one whose number of
    partitions does not fit the requests topic's is refused.

    Example: distillwatch topics
    """
    created = [] if check else create_topics(ctx.obj)
    states = describe(ctx.obj)
    Console().print(table(states, set(created)))
    verify(states)


def table(states: list[TopicState], created: set[str]) -> Table:
    """The topics, one a row."""
    out = Table(box=None)
    for column in ("topic", "partitions", "state", "holds"):
        out.add_column(column, overflow="fold", justify="right" if column == "partitions" else "left")
    for state in states:
        word = "created" if state.name in created else "there" if state.partitions else "missing"
        out.add_row(state.name, str(state.partitions or ""), word, state.purpose)
    return out
