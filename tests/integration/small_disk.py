"""A disk that gets full under one part while all others have room."""

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

BLOCK_BYTES = 4096
SHARES = 10


class SmallDisk(Protocol):
    """What a part has its files on, at `path`."""

    path: Path

    def fill(self, room_bytes: int, pid: int = 0) -> None:
        """Leave so little room for the process (0: for those that are started from now on)."""

    def make_room(self) -> None:
        """Give it back."""


class MountedDisk:
    """A file system in memory, which a file of somebody else fills to the brim."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "of somebody else"

    def fill(self, room_bytes: int, pid: int = 0) -> None:
        """Take the rest."""
        del pid
        with self._filler.open("ab", buffering=0) as filler:
            with suppress(OSError):
                while True:
                    filler.write(bytes(BLOCK_BYTES))
            filler.truncate(max(0, filler.tell() - room_bytes))

    def make_room(self) -> None:
        """Take that file away."""
        self._filler.unlink()


class LimitedFiles:
    """For those who may not mount: no file of the process grows beyond its part of the room; writing fails as on a full disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self, room_bytes: int, pid: int = 0) -> None:
        """Limit its files."""
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (room_bytes // SHARES, self._before[1]))

    def make_room(self) -> None:
        """Limit what is started from now on no longer."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)


@contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[SmallDisk]:
    """A file system of its own where that is allowed, and limited files where it is not."""
    path.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(path)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    disk: SmallDisk = MountedDisk(path) if mounted else LimitedFiles(path)
    try:
        yield disk
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(path)], check=True)  # noqa: S607 - wherever it is
        else:
            disk.make_room()
