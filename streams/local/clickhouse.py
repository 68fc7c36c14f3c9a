"""The embedded ClickHouse: the real engine in a process of its own that speaks ClickHouse's HTTP interface."""

import http.client
import os
import sys
from pathlib import Path

from schemas.errors import RefusedToStart
from streams.local.ports import LOOPBACK, refuse_taken
from streams.local.process import OwnedProcess, Status

_IMPORT_ROOT = Path(__file__).parents[2]  # where the packages are, installed or in a checkout


class LocalClickHouse:
    """One engine on loopback with its files under `directory`; takes 320 to 470 MB and a few seconds to start."""

    name = "clickhouse"

    def __init__(self, directory: Path, port: int, start_timeout_seconds: float = 60.0) -> None:
        self.directory = directory.absolute()
        self.port = port
        self.start_timeout_seconds = start_timeout_seconds
        self.process = OwnedProcess(self.name, self.directory)

    @property
    def address(self) -> str:
        """Host and port of the HTTP interface."""
        return f"{LOOPBACK}:{self.port}"

    def installed(self) -> bool:
        """The engine is a Python package that we depend on: always."""
        return True

    def install(self) -> bool:
        """Nothing to fetch: False."""
        return False

    def start(self) -> bool:
        """Start the engine and return when it answers; False when it was running.

        Raises `RefusedToStart` when the port is taken or it does not come up.
        """
        pid = self.process.pid()
        if pid is not None:
            if not self.answers():
                raise RefusedToStart(
                    f"clickhouse runs (process {pid}) but does not answer at {self.address}: `distillwatch local stop` first"
                )
            return False
        refuse_taken("clickhouse", self.port)
        data = self.directory / "clickhouse-data"
        data.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "streams.local.clickhouse_http",
            "--path",
            str(data),
            "--port",
            str(self.port),
            "--host",
            LOOPBACK,
        ]
        self.process.start(command, ready=self.answers, timeout_seconds=self.start_timeout_seconds, env=_environment())
        return True

    def stop(self) -> bool:
        """Stop it in good order; False when it was not running."""
        return self.process.stop()

    def kill(self) -> bool:
        """End it as a crash would, for drills; False when it was not running."""
        return self.process.kill()

    def answers(self) -> bool:
        """Whether it answers at the address as ClickHouse does."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=2)
        try:
            connection.request("GET", "/ping")
            return connection.getresponse().read() == b"Ok.\n"
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def status(self) -> Status:
        """What it is doing now."""
        return Status(
            name=self.name,
            address=self.address,
            pid=self.process.pid(),
            answers=self.answers(),
            memory_bytes=self.process.memory_bytes(),
            log_file=self.process.log_file,
        )


def _environment() -> dict[str, str]:
    """Ours, with our own packages importable from any directory."""
    paths = [str(_IMPORT_ROOT), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
