"""The rivals' packages, in an environment of their own, made once: Quix Streams wants an older pydantic than our worker."""

import subprocess
import sys
import venv
from pathlib import Path

PINS = Path(__file__).with_name("rivals.txt")
#: What each needs besides the pins; River, NumPy and orjson are of the same versions as ours.
NEEDS = {
    "bytewax": ("bytewax", "confluent-kafka", "river", "orjson"),
    "quixstreams": ("quixstreams", "river", "orjson"),
}


class Rivals:
    """The environment at `directory`; a package that cannot be installed for this Python is said to be `missing` and why."""

    def __init__(self, directory: Path) -> None:
        self.python = directory / "bin" / "python"
        self._directory = directory
        self.missing: dict[str, str] = {}

    def make(self, names: set[str]) -> None:
        """Install what is not there yet of these: two minutes and 600 MB the first time."""
        pins = PINS.read_text(encoding="utf-8")
        for name in sorted(names):
            stamp = self._directory / f"{name}-{sys.version_info.major}.{sys.version_info.minor}.installed"
            if stamp.exists() and stamp.read_text(encoding="utf-8") == pins:
                continue
            if not self.python.exists():
                venv.create(self._directory, with_pip=True)
            said = self._install(NEEDS[name])
            if said:
                self.missing[name] = said
            else:
                stamp.write_text(pins, encoding="utf-8")

    def _install(self, packages: tuple[str, ...]) -> str:
        command = [self.python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-c", PINS, *packages]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
        if not done.returncode:
            return ""
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        return (errors or done.stderr.strip().splitlines() or ["pip failed"])[-1]
