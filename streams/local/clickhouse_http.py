"""The embedded ClickHouse engine as a server: `python -m streams.local.clickhouse_http --path DIR --port N`.

It speaks as much of ClickHouse's HTTP interface as the ordinary clients need: statements, inserts with data in any
format, query parameters, settings, databases, compression, error codes. Session ids are accepted and remember nothing.
The engine has no users, so any user and password are taken and the address is loopback unless another is given;
requests that a browser sends for a web page (they carry `Origin`) are refused, and GET requests can only read.
"""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import msgspec
from aiohttp import web

from streams.local.clickhouse_codecs import accepted, pack, unpack
from streams.local.clickhouse_engine import Answer, Engine, EngineError
from streams.local.clickhouse_statement import Statement, read_statement

THREADS = 4
LARGEST_BODY_BYTES = 512 * 1024 * 1024
STOP_SECONDS = 3.0
_STATUS = {60: 404, 81: 404, 497: 403, 516: 403, 202: 503, 241: 500, 252: 500, 1002: 500}
_TYPES = {
    "JSON": "application/json",
    "JSONEachRow": "application/x-ndjson",
    "CSV": "text/csv",
    "Native": "application/octet-stream",
}


class Server:
    """Requests in, answers out; the engine works in threads, several statements at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="statement")
        self._running: set[Future[Answer]] = set()

    def application(self) -> web.Application:
        """The routes: `/ping` and `/`."""
        application = web.Application(client_max_size=LARGEST_BODY_BYTES)
        application.router.add_get("/ping", _ping)
        application.router.add_get("/", self.handle)
        application.router.add_post("/", self.handle)
        return application

    async def handle(self, request: web.Request) -> web.Response:
        """One statement."""
        headers = {
            "X-ClickHouse-Query-Id": request.query.get("query_id") or str(uuid4()),
            "X-ClickHouse-Timezone": self._engine.timezone,
        }
        if "Origin" in request.headers:
            return self._refusal(EngineError("requests of web pages are refused", 497), headers)
        if request.method == "GET" and "query" not in request.query:
            return await _ping(request)
        try:
            args, body = await _read(request)
            statement = read_statement(args, body, default_format=request.headers.get("X-ClickHouse-Format"))
            answer = await self._run(statement, read_only=request.method == "GET")
        except ValueError as error:
            return self._refusal(EngineError(str(error), 62), headers)
        except EngineError as error:
            return self._refusal(error, headers)
        return _response(request, args, statement, answer, headers)

    async def _run(self, statement: Statement, *, read_only: bool) -> Answer:
        work = self._threads.submit(self._engine.run, statement, read_only=read_only)
        self._running.add(work)
        work.add_done_callback(self._running.discard)
        return await asyncio.wrap_future(work)

    def idle(self) -> bool:
        """Whether no statement runs; one whose client has gone still does."""
        return not self._running

    def _refusal(self, error: EngineError, headers: Mapping[str, str]) -> web.Response:
        text = f"{error} (version {self._engine.version} (embedded))\n"
        code = {"X-ClickHouse-Exception-Code": str(error.code)}
        return web.Response(status=_STATUS.get(error.code, 400), text=text, headers={**headers, **code})


async def _ping(request: web.Request) -> web.Response:
    del request
    return web.Response(text="Ok.\n")


async def _read(request: web.Request) -> tuple[dict[str, str], bytes]:
    """The arguments of URL and form, and the decompressed body."""
    args = dict(request.query)
    if database := request.headers.get("X-ClickHouse-Database"):
        args.setdefault("database", database)
    if request.content_type == "multipart/form-data":
        for name, value in (await request.post()).items():
            if not isinstance(value, str):
                raise EngineError("external tables are not served here", 48)
            args[name] = value
        return args, b""
    return args, unpack(await request.read(), request.headers.get("Content-Encoding", ""))


def _response(
    request: web.Request, args: Mapping[str, str], statement: Statement, answer: Answer, headers: dict[str, str]
) -> web.Response:
    summary = {name: str(value) for name, value in msgspec.structs.asdict(answer).items() if name != "body"}
    headers["X-ClickHouse-Summary"] = msgspec.json.encode(summary).decode()
    headers["Content-Type"] = _TYPES.get(statement.format, "text/tab-separated-values; charset=UTF-8")
    if statement.answers:
        headers["X-ClickHouse-Format"] = statement.format
    body = answer.body
    encoding = accepted(request.headers.get("Accept-Encoding", ""))
    if body and encoding and args.get("enable_http_compression") == "1":
        headers["Content-Encoding"] = encoding
        body = pack(body, encoding)
    return web.Response(body=body, headers=headers)


async def serve(engine: Engine, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT, then let what runs end for a few seconds."""
    server = Server(engine)
    runner = web.AppRunner(server.application(), auto_decompress=False, access_log=None, shutdown_timeout=STOP_SECONDS)
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        print("READY", flush=True)  # whoever started this process waits for it
        await asked_to_stop.wait()
    finally:
        await runner.cleanup()
    if server.idle():
        engine.close()
    else:  # a thread cannot be ended; what was acknowledged is on disk
        sys.stdout.flush()
        os._exit(0)


def main() -> int:
    """Run the server; exit code 1 with one line when it cannot start."""
    parser = argparse.ArgumentParser(description="The embedded ClickHouse engine behind ClickHouse's HTTP interface.")
    parser.add_argument("--path", type=Path, required=True, help="directory of the tables, made when it is missing")
    parser.add_argument("--port", type=int, required=True, help="port to listen on")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; loopback unless given")
    arguments = parser.parse_args()
    path: Path = arguments.path.absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        asyncio.run(serve(Engine(path), arguments.host, arguments.port))
    except (EngineError, OSError) as error:
        print(f"the ClickHouse engine cannot serve {path}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
