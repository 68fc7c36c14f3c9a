"""`distillwatch rekey`: records of another topic, placed as the worker wants them."""

from typing import Annotated

import typer
from rich.console import Console

from streams.logs import configure
from streams.rekey import RekeyResult
from streams.rekey import rekey as copy
from streams.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(rekey)


def rekey(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(metavar="SOURCE_TOPIC", help="topic of raw events, with any key or none")],
    *,
    once: Annotated[
        bool, typer.Option("--once", help="end where the topic ended at the start, instead of waiting for more")
    ] = False,
) -> None:
    """Copy the events of SOURCE_TOPIC to the requests topic, each to the partition of its tenant.

    For producers that do not place records by tenant as Kafka's own clients do (no key, another key, another hash): a worker counts such
    events as misplaced, and sees each partition's share of a tenant as a tenant of its own. Let them write to a topic of their own and
    leave this running: value and headers are copied byte for byte, the key becomes the event's tenant_id. A record without one keeps its
    key, so that the worker makes a dead letter of it.

    SIGTERM or Ctrl-C ends it cleanly. It goes on where it was safe; run several of them to share the partitions of the source.

    Examples: distillwatch rekey gateway.raw; distillwatch rekey gateway.raw --once
    """
    settings: Settings = ctx.obj
    configure(settings.watch)
    with Console(stderr=True).status(f"copying {source} to {settings.topics.requests}") as status:
        result = copy(
            settings,
            source,
            once=once,
            on_progress=lambda copied: status.update(
                f"copying {source} to {settings.topics.requests}: {copied:,} records"
            ),
        )
    typer.echo(said(result))


def said(result: RekeyResult) -> str:
    """The result in one line.

    >>> said(RekeyResult(copied=3000, without_tenant=2, too_large=0))
    '3,000 records copied, 2 without a readable tenant'
    >>> said(RekeyResult(copied=5, without_tenant=0, too_large=1))
    '5 records copied, 0 without a readable tenant; 1 too large for the topic, see the log'
    """
    text = f"{result.copied:,} records copied, {result.without_tenant:,} without a readable tenant"
    return text + (f"; {result.too_large:,} too large for the topic, see the log" if result.too_large else "")
