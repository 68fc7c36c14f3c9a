"""What is seen of the worker while a soak goes on."""

import re
import threading
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

from tests.benchmarks.soak.faults import Line
from tests.benchmarks.stream.runner import metrics

LOOK_SECONDS = 1.0
WARM_MINUTES = 1.0


class Watching:
    """Starts the worker again when it has ended, and notes what it holds resident, each second; use it in a `with` block.

    `lives` has by process id the memory at each look, in MB, with the minute (monotonic) of the look.
    """

    def __init__(self, line: Line) -> None:
        self.lives: defaultdict[int, list[tuple[float, float]]] = defaultdict(list)
        self._line = line
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watching")

    def __enter__(self) -> "Watching":
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Look no longer, and start nothing any more."""
        self._over.set()
        self._thread.join()

    def most_mb(self, since_minute: float) -> float:
        """The most memory that was seen since then."""
        return max((mb for life in self.lives.values() for at, mb in life if at >= since_minute), default=0.0)

    def warm(self) -> list[list[tuple[float, float]]]:
        """The lives without the first minute of each, in which a process loads and restores."""
        return [[one for one in life if one[0] >= life[0][0] + WARM_MINUTES] for life in self.lives.values()]

    def tenants(self) -> tuple[int, int]:
        """How many tenants the worker holds, and how many of them are awake, as its metrics say; zeros while it starts."""
        ports = re.findall(rb"http://127\.0\.0\.1:(\d+)", self._line.kept.worker.log.read_bytes())
        told = metrics(int(ports[-1])) if ports else {}
        held, awake = (
            round(sum(value for sample, value in told.items() if sample.startswith(f"distillwatch_{name}{{")))
            for name in ("tenants", "tenants_hydrated")
        )
        return held, awake

    def _watch(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            pid = self._line.look_after()
            with suppress(OSError, StopIteration):
                lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
                mb = next(int(one.split()[1]) / 1024 for one in lines if one.startswith("VmRSS"))
                self.lives[pid].append((time.monotonic() / 60, mb))
