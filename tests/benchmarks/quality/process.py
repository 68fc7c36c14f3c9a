"""Running one command after another and taking its CPU time."""

import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from schemas.errors import Stopped

ROOT = Path(__file__).parents[3]
DISTILLWATCH = (sys.executable, "-m", "streams.cli")


class Ran(NamedTuple):
    """What a command printed, and the seconds of CPU it used."""

    output: bytes
    cpu_seconds: float


def run(command: Sequence[str | Path]) -> Ran:
    """Run a command of the repository to its end; raises `Stopped` with the last line of its complaint when it fails.

    The operating system's account of ended children is read before and after, so only one may run at a time.
    """
    before = _cpu_seconds()
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        raise Stopped(f"{_name(command)} failed: {said[-1]}")
    return Ran(done.stdout, _cpu_seconds() - before)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _name(command: Sequence[str | Path]) -> str:
    """A command as a reader knows it, without the path of Python."""
    return " ".join(Path(word).name if "/" in str(word) else str(word) for word in command[1:4])
