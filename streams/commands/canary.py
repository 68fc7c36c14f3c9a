"""`distillwatch canary`: whether detection works, from end to end."""

from typing import Annotated

import typer
import uvloop
from rich.console import Console

from schemas.errors import RefusedToStart
from streams.canary.service import MISTAKEN, CanaryService
from streams.logs import configure
from streams.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(canary)


def canary(
    ctx: typer.Context,
    *,
    once: Annotated[
        bool, typer.Option("--once", help="send one canary to each partition, wait for their alerts, and end")
    ] = False,
    wait: Annotated[float, typer.Option(min=1, help="with --once: seconds to wait at most")] = 60.0,
) -> None:
    """Send a synthetic attack through every partition each hour, and raise an alarm when its alert does not come back.

    A canary is 96 requests of a tenant that nobody has, sent to the requests topic and judged like any other. Its alert comes to the
    alerts topic labelled, Informational and suppressed; it is in no row, no total, no campaign. When none comes back
    for two periods, when one is on its way for too long, or when a partition judges what happened long ago, an alarm of High
    severity, "distillwatch is blind", goes to the alerts topic, and is closed by the next canary that comes back in time.

    It runs beside the workers, with the same settings and the same secret: whoever does not have the secret cannot make a canary. Workers
    must be of a version that knows canaries before this is started, for others take them for an attack. Two may run.

    With --once nothing but the canaries is written; exit code 1 when one did not come back.

    Examples: distillwatch canary; distillwatch canary --once
    """
    settings: Settings = ctx.obj
    configure(settings.watch)
    console = Console(stderr=True)
    if once:
        _once(settings, wait, console)
        return

    async def run() -> None:
        await CanaryService(settings).run(
            lambda port: console.print(
                f"canary is up; metrics and health on http://{settings.watch.host}:{port}", highlight=False
            )
        )

    uvloop.run(run())


def _once(settings: Settings, seconds: float, console: Console) -> None:
    async def run() -> tuple[CanaryService, list[int]]:
        service = CanaryService(settings)
        return service, await service.once(seconds)

    service, missing = uvloop.run(run())
    if service.mistaken:
        raise RefusedToStart(MISTAKEN)
    for partition, latency in sorted(service.latencies.items()):
        typer.echo(f"partition {partition}: found, alert {latency:.2f} s after the append")
    for partition in missing:
        console.print(f"partition {partition}: no alert within {seconds:g} s", style="red", highlight=False)
    if missing:
        raise typer.Exit(1)
