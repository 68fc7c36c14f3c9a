"""Something between the sink and ClickHouse that spoils the answers, as networks and overloaded servers do."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Literal

Trouble = Literal["none", "error", "slow", "halfway", "unanswered"]


class Proxy(ThreadingHTTPServer):
    """Passes requests on to a port of loopback; inserts go through the `trouble`, of which it counts how many did.

    error: refused with ClickHouse's `code`, nothing passed on; slow: answered after two seconds; halfway: the connection breaks when
    half of the block is sent; unanswered: it breaks when the block is in the table.
    """

    daemon_threads = True

    def __init__(self, engine_port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.engine_port = engine_port
        self.trouble: Trouble = "none"
        self.code = 252
        self.spoilt = 0
        self.pause = threading.Event()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


    def handle_error(self, request: object, client_address: object) -> None:
        """The engine is away: the connection is dropped, which is answer enough."""
        if not isinstance(sys.exception(), OSError | HTTPException):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy
    dropped: ClassVar[set[str]] = {"transfer-encoding", "content-length", "connection", "host"}

    def do_GET(self) -> None:
        self._pass_on(b"")

    def do_POST(self) -> None:
        body = self._body()
        trouble: Trouble = "none"
        if b"INSERT INTO" in body[:2000] or "INSERT" in self.path:
            trouble = self.server.trouble
            self.server.spoilt += trouble != "none"
        if trouble == "error":
            self._refuse()
        elif trouble == "halfway":
            self._send_half(body)
        else:
            if trouble == "slow":
                self.server.pause.wait(2)
            self._pass_on(body, answer=trouble != "unanswered")

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _headers(self) -> dict[str, str]:
        return {name: value for name, value in self.headers.items() if name.lower() not in self.dropped}

    def _pass_on(self, body: bytes, *, answer: bool = True) -> None:
        engine = HTTPConnection("127.0.0.1", self.server.engine_port, timeout=60)
        engine.request(self.command, self.path, body, self._headers())
        response = engine.getresponse()
        content = response.read()
        engine.close()
        if not answer:
            self.close_connection = True
            return
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in self.dropped:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _send_half(self, body: bytes) -> None:
        engine = HTTPConnection("127.0.0.1", self.server.engine_port, timeout=60)
        engine.putrequest(self.command, self.path, skip_accept_encoding=True)
        for name, value in self._headers().items():
            engine.putheader(name, value)
        engine.putheader("Content-Length", str(len(body)))
        engine.endheaders(body[: len(body) // 2])
        engine.close()
        self.close_connection = True

    def _refuse(self) -> None:
        text = f"Code: {self.server.code}. DB::Exception: refused in a drill\n".encode()
        self.send_response(500)
        self.send_header("X-ClickHouse-Exception-Code", str(self.server.code))
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


@contextmanager
def proxy_to(port: int) -> Iterator[Proxy]:
    """A running proxy to this port."""
    proxy = Proxy(port)
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.pause.set()
        proxy.shutdown()
        proxy.server_close()
        thread.join()
