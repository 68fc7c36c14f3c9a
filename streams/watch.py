"""The worker's face to the outside: metrics, health and readiness over HTTP, on loopback unless told otherwise.

    GET /metrics   Prometheus text format
    GET /health    200 while the worker does its work, 503 with the reasons when it does not: restart it
    GET /ready     200 when it is ready for traffic, 503 with the reasons until then

Nothing else is served.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

from schemas.errors import RefusedToStart
from streams.settings import WatchSettings
from streams.telemetry import CONTENT_TYPE, Telemetry


class Health(msgspec.Struct, frozen=True):
    """How it is: `reasons` say why not when it is not `ok`; `details` are numbers and words for people."""

    ok: bool
    reasons: tuple[str, ...] = ()
    details: dict[str, Any] = {}


HEALTHY = Health(ok=True)


class Watch:
    """The HTTP server. It asks `health` and `ready` at every request; both must be quick and must not block."""

    def __init__(
        self,
        settings: WatchSettings,
        telemetry: Telemetry,
        health: Callable[[], Health],
        ready: Callable[[], Health] | None = None,
    ) -> None:
        """`ready` is `health` when it is not given."""
        self._settings = settings
        self._telemetry = telemetry
        self._health = health
        self._ready = ready or health
        self._runner: web.AppRunner | None = None

    async def start(self) -> int:
        """Begin to serve and return the port; raises `RefusedToStart` when the address cannot be had."""
        app = web.Application()
        for path, handler in (("/metrics", self._metrics), ("/health", self._say_health), ("/ready", self._say_ready)):
            app.router.add_get(path, handler, allow_head=False)
        app.on_response_prepare.append(_anonymous)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await runner.setup()
        host, port = self._settings.host, self._settings.port
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            await runner.cleanup()
            advice = "set DISTILLWATCH_WATCH__PORT to a free port (0 takes any)"
            raise RefusedToStart(f"cannot serve metrics on {host}:{port}: {_why(error)}; {advice}") from None
        self._runner = runner
        return int(runner.addresses[0][1])

    async def stop(self) -> None:
        """End serving; does nothing when it never began."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _metrics(self, request: web.Request) -> web.Response:
        del request
        return web.Response(body=self._telemetry.exposition(), headers={"Content-Type": CONTENT_TYPE})

    async def _say_health(self, request: web.Request) -> web.Response:
        del request
        return _answer(self._health())

    async def _say_ready(self, request: web.Request) -> web.Response:
        del request
        return _answer(self._ready())


def _answer(health: Health) -> web.Response:
    body = msgspec.json.encode(health)
    return web.Response(body=body, status=200 if health.ok else 503, content_type="application/json")


async def _anonymous(request: web.Request, response: web.StreamResponse) -> None:
    """Tell nobody which software serves."""
    del request
    response.headers["Server"] = "distillwatch"


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).splitlines()[0]
