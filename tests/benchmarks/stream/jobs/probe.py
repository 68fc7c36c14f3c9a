"""How a job says how far it is: a number in a file, written ten times a second by a thread, which costs it nothing to speak of."""

import os
import threading
from pathlib import Path

PERIOD_SECONDS = 0.1


class Probe:
    """Counts the events that a job has processed; `count` is raised by the job, one thread at a time."""

    def __init__(self, progress: str) -> None:
        self.count = 0
        self._file = os.open(progress, os.O_CREAT | os.O_WRONLY)
        threading.Thread(target=self._tell, daemon=True).start()

    def _tell(self) -> None:
        while True:
            os.pwrite(self._file, b"%012d" % self.count, 0)
            threading.Event().wait(PERIOD_SECONDS)


def processed(progress: Path) -> int:
    """What a job has said so far; 0 before it has begun."""
    try:
        return int(progress.read_bytes() or b"0")
    except FileNotFoundError:
        return 0
