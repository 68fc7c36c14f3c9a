"""The directories of a worker: one for the tenants that are not in memory, which one worker has at a time, and temporary ones."""

import fcntl
from pathlib import Path
from tempfile import TemporaryDirectory

from schemas.errors import BadSettings, RefusedToStart
from streams.stored_shelf import StoredShelf
from streams.tenant_store import TenantStore

OWN, COPIES = "tenants-*.sqlite*", "copy-*.sqlite*"


def temporary_directory(name: str) -> TemporaryDirectory[str]:
    """A directory that goes with this process; raises `RefusedToStart` when there is no room for one anywhere."""
    try:
        return TemporaryDirectory(prefix=f"{name}-")
    except OSError as error:
        raise RefusedToStart(
            f"no temporary directory can be made ({error.strerror}): make room in /tmp, or name a directory with room in TMPDIR"
        ) from None


class StateDirectory:
    """Hands out the shelves of a worker's partitions; together they keep at most `tenants` in memory, each the same share.

    What an earlier worker left in the directory is thrown away, whatever it was: the truth is in the checkpoint topic. Only the copies of
    that (`TopicCopies`) stay, for a `warm` start. Without a path it is a temporary one. Nobody but the user who runs the worker may look
    into it. Raises `RefusedToStart` when it cannot be used, or another worker has it.
    """

    def __init__(self, path: Path | None, tenants: int, *, warm: bool = False) -> None:
        if warm and path is None:
            raise BadSettings("worker.warm_start needs worker.state_directory: a temporary one does not outlive the worker")
        self._tenants = tenants
        self._shelves: dict[int, tuple[StoredShelf, TenantStore, Path]] = {}
        self._temporary = None if path else temporary_directory("distillwatch-state")
        self.path = path or Path(self._temporary.name if self._temporary else "")
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.chmod(0o700)
            self._lock = (self.path / "lock").open("wb")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for pattern in (OWN,) if warm else (OWN, COPIES):
                for left in self.path.glob(pattern):
                    left.unlink()
        except BlockingIOError:
            raise RefusedToStart(f"another worker has {self.path}: give each its own worker.state_directory") from None
        except OSError as error:
            raise RefusedToStart(f"worker.state_directory {self.path} cannot be used: {error.strerror}") from None

    def open(self, partition: int) -> StoredShelf:
        """The shelf of a partition, empty; raises `RetryLater` when there is no room for it."""
        self.close(partition)
        path = self.path / f"tenants-{partition}.sqlite"
        store = TenantStore(path)
        if self._temporary is not None:  # it stays open: so not even kill -9 leaves gigabytes behind
            path.unlink()
        shelf = StoredShelf(store, self._tenants)
        self._shelves[partition] = shelf, store, path
        self._share()
        return shelf

    def close(self, partition: int) -> None:
        """Throw the shelf of a partition away; the others may keep more."""
        if partition in self._shelves:
            _, store, path = self._shelves.pop(partition)
            store.close()
            path.unlink(missing_ok=True)
            self._share()

    def end(self) -> None:
        """Throw all away."""
        for partition in list(self._shelves):
            self.close(partition)
        self._lock.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def _share(self) -> None:
        for shelf, _, _ in self._shelves.values():
            shelf.limit = max(1, self._tenants // len(self._shelves))
