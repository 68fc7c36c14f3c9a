"""`distillwatch rehome`: state for a requests topic that was made anew or grew."""

import typer
from rich.console import Console
from rich.table import Table

from streams.rehome import RehomeResult
from streams.rehome import rehome as write_anew


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(rehome)


def rehome(ctx: typer.Context) -> None:
    """Write the state anew after the requests topic was made anew or got more partitions.

    State belongs to one topic and to its number of partitions. When either changes a worker refuses to start, for it would skip every
    event as a repetition, or look for tenants on the wrong partition. Stop all workers, run this, start them again: what was learned
    of each tenant is kept, nothing is counted twice, and the checkpoints and rows topics get as many partitions as the requests topic.

    Safe to repeat: interrupted and run again it comes to the same end. With nothing to do it changes nothing and says so.

    Example, to go from 8 partitions to 16: stop the workers, let Kafka alter the requests topic, run distillwatch rehome, start them
    """
    result = write_anew(ctx.obj)
    if result.raised:
        typer.echo(f"now with {result.partitions} partitions: {', '.join(result.raised)}")
    if not result.needed:
        typer.echo(f"nothing to do: the state of {result.tenants:,} tenants belongs to the requests topic as it is")
        return
    Console().print(table(result))


def table(result: RehomeResult) -> Table:
    """The state before and after."""
    out = Table(box=None)
    for column in ("state", "before", "after"):
        out.add_column(column, justify="left" if column == "state" else "right")
    out.add_row("partitions", str(result.partitions_before), str(result.partitions))
    out.add_row("tenants", f"{result.tenants_before:,}", f"{result.tenants:,}")
    out.add_row("judged on another partition", "", f"{result.moved:,}")
    out.add_row("generation", str(result.generation_before), str(result.generation))
    return out
