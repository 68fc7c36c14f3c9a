"""`distillwatch worker`: the service itself."""

from typing import Annotated

import typer
import uvloop
from rich.console import Console

from schemas.errors import BadSettings
from streams.clickhouse.migrations import verify
from streams.garbage import rarely_collect
from streams.logs import configure
from streams.settings import Settings
from streams.worker import Role, Worker


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(worker)


def worker(
    ctx: typer.Context,
    role: Annotated[
        Role,
        typer.Option(
            help="judge: read requests; campaigns: join tenants and learn from verdicts; sink: store rows and calibrate; all: all of it"
        ),
    ] = "all",
    past: Annotated[
        list[str] | None, typer.Option(help="PARTITION:OFFSET; do not apply the dead-letter limit up to this offset")
    ] = None,
    *,
    forget_campaigns: Annotated[
        bool,
        typer.Option("--forget-campaigns", help="begin the search for campaigns anew after its topic was recreated"),
    ] = False,
) -> None:
    """Judge API requests from Kafka until stopped: alerts to their topic, rows to ClickHouse, state to the checkpoint topic.

    The topics and tables must be there (distillwatch topics, distillwatch migrate). SIGTERM or Ctrl-C ends it cleanly: what was judged is
    made durable first. Killed at any moment it goes on where it was safe, with the same rows and findings.

    Example: distillwatch worker --role judge
    """
    settings: Settings = ctx.obj
    configure(settings.watch)
    offsets = dict(_past(one) for one in past or ())
    if role in {"all", "sink"}:
        verify(settings.clickhouse)
    console = Console(stderr=True)

    async def run() -> None:
        await Worker(settings, role, offsets, forget_campaigns=forget_campaigns).run(
            lambda port: console.print(
                f"worker is up; metrics and health on http://{settings.watch.host}:{port}", highlight=False
            )
        )

    rarely_collect()
    uvloop.run(run())


def _past(text: str) -> tuple[int, int]:
    partition, colon, offset = text.partition(":")
    if not colon or not partition.isdigit() or not offset.isdigit():
        raise BadSettings(f"--past takes PARTITION:OFFSET, such as 3:12345, not {text!r}")
    return int(partition), int(offset)
