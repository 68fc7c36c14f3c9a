"""The worker of a demo: a process of its own, started and stopped by the demo."""

import http.client
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import orjson

from schemas.errors import RefusedToStart
from streams.settings import WatchSettings

STOP_SECONDS = 20.0


class WorkerService:
    """`distillwatch worker` under the settings in `config`; its log is `worker.log` beside them."""

    def __init__(self, config: Path, watch: WatchSettings) -> None:
        self._config, self._watch = config, watch
        self._log = config.with_name("worker.log")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, within_seconds: float) -> None:
        """Start it and wait until it is ready; raises `RefusedToStart` with its last words when it is not."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streams.cli", "--config", str(self._config), "worker"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + within_seconds
        while self._ask("/ready") is None:
            self.check()
            if time.monotonic() > deadline:
                raise RefusedToStart(f"the worker is not ready after {within_seconds:.0f} s; its log: {self._log}")
            time.sleep(0.1)

    def check(self) -> None:
        """Raise `RefusedToStart` with its last words when it has ended."""
        if self._process is not None and self._process.poll() is not None:
            words = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise RefusedToStart(f"the worker ended: {words[-1] if words else 'it said nothing'} (log: {self._log})")

    def totals(self) -> dict[str, Any]:
        """What it says became of the records."""
        return self._ask("/health") or {}

    def stop(self) -> None:
        """End it cleanly; by force when it takes too long."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _ask(self, path: str) -> dict[str, Any] | None:
        connection = http.client.HTTPConnection(self._watch.host, self._watch.port, timeout=2)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            said: dict[str, Any] = orjson.loads(answer.read())["details"]
        except (OSError, http.client.HTTPException, orjson.JSONDecodeError, KeyError):
            return None
        else:
            return said if answer.status == 200 else None
        finally:
            connection.close()
