"""A program under measurement: a process of its own, its CPU time and memory as the operating system counts them."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from schemas.errors import Stopped
from tests.benchmarks.quality.process import ROOT
from tests.benchmarks.stream.cores import cpu_seconds, pin

PATIENCE_SECONDS = 300.0


class Sample(Struct, frozen=True):
    """How far a program was at a moment (monotonic seconds): events processed, CPU seconds used since it was started."""

    at_seconds: float
    events: int
    cpu_seconds: float


class Program:
    """One process; use it in a `with` block, which ends it, gently first."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path, cores: set[int]) -> None:
        self.log = log
        self._out = log.open("wb")
        self._process = subprocess.Popen(
            list(command), cwd=ROOT, env=dict(environment), stdout=self._out, stderr=subprocess.STDOUT
        )
        pin(self._process.pid, cores)

    def __enter__(self) -> "Program":
        """It runs already."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it: SIGTERM, and SIGKILL when that takes longer than ten seconds."""
        try:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        finally:
            self._out.close()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def cpu_seconds(self) -> float:
        """CPU time it has used since it was started, all threads, in steps of 10 ms."""
        return cpu_seconds(self.pid)

    @property
    def peak_bytes(self) -> int:
        """The most memory it has held resident."""
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def wait_until(self, done: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Look ten times a second; raises `Stopped` with the end of its log when it ends or it takes too long."""
        deadline = time.monotonic() + seconds
        while not done():
            if self._process.poll() is not None:
                raise Stopped(f"{what}: the program ended with code {self._process.returncode}: {self._said()}")
            if time.monotonic() > deadline:
                raise Stopped(f"{what}: not within {seconds:.0f} s: {self._said()}")
            time.sleep(0.1)

    def sample(self, events: int) -> Sample:
        """Where it is now."""
        return Sample(time.monotonic(), events, self.cpu_seconds)

    def _said(self) -> str:
        return " / ".join(self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:])
