"""A child process that we own: spawned with a log, found again by later commands, never mistaken for another."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from schemas.errors import RefusedToStart

POLL_SECONDS = 0.03
STOP_GRACE_SECONDS = 20.0
LOG_KEPT_BYTES = 16_000_000


class Status(Struct, frozen=True, kw_only=True):
    """What a part is doing: `pid` is None when it does not run; `answers` is whether it serves; memory is resident."""

    name: str
    address: str
    pid: int | None
    answers: bool
    memory_bytes: int
    log_file: Path


class Birth(Struct, frozen=True):
    """Names one process for good: a process id alone is given to another process some day."""

    pid: int
    started_ticks: int
    boot: str

    def line(self) -> str:
        """The content of a pid file."""
        return f"{self.pid} {self.started_ticks} {self.boot}\n"


def birth_of(pid: int) -> Birth | None:
    """The birth of the process that has this id now; None when there is none, or only its zombie.

    A killed process of many threads is a zombie while the last of them still hold its ports: that one is not dead yet.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it may hold anything, spaces and brackets too
    state, threads = fields[0], int(fields[17])
    if state in "ZX" and threads <= 1:
        return None
    return Birth(pid, int(fields[19]), Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())


def read_birth(file: Path) -> Birth | None:
    """What a pid file says; None when it is absent or does not say it in full."""
    try:
        pid, ticks, boot = file.read_text(encoding="ascii").split()
        return Birth(int(pid), int(ticks), boot)
    except (OSError, ValueError):
        return None


class OwnedProcess:
    """One process of ours, named by files in `directory`: `<name>.pid` and `<name>.log`.

    It runs in a session of its own: a Ctrl-C in the terminal reaches us and not it, and we stop it in good order. It
    outlives us unless `stop` or `kill` is called.
    """

    def __init__(self, name: str, directory: Path) -> None:
        self.name = name
        self.directory = directory
        self.pid_file = directory / f"{name}.pid"
        self.log_file = directory / f"{name}.log"
        self._spawned: subprocess.Popen[bytes] | None = None

    def pid(self) -> int | None:
        """Its process id, or None when it does not run; a stranger that got the same id is not it."""
        if self._spawned is not None:
            self._spawned.poll()  # a child of ours that has ended stays a zombie until asked for
        written = read_birth(self.pid_file)
        return written.pid if written is not None and birth_of(written.pid) == written else None

    def start(
        self,
        command: Sequence[str],
        *,
        ready: Callable[[], bool],
        timeout_seconds: float,
        env: dict[str, str] | None = None,
    ) -> None:
        """Spawn `command` in the directory and return when `ready` says so.

        Raises `RefusedToStart`, with the end of the log in one line, when it dies first or is not ready in time; then,
        and when interrupted, nothing is left running.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        self._keep_log_short()
        with self.log_file.open("ab") as log:
            log_start = log.tell()
            spawned = subprocess.Popen(
                command,
                cwd=self.directory,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._spawned = spawned
        try:
            self._write_down(spawned.pid)
            self._wait_ready(spawned, ready, timeout_seconds, log_start)
        except BaseException:
            spawned.kill()
            spawned.wait()
            self.pid_file.unlink(missing_ok=True)
            raise

    def stop(self, grace_seconds: float = STOP_GRACE_SECONDS) -> bool:
        """Ask it to end (SIGTERM), kill it after `grace_seconds`; False when it was not running."""
        return self._end(signal.SIGTERM, grace_seconds) or self._end(signal.SIGKILL, STOP_GRACE_SECONDS)

    def kill(self) -> bool:
        """End it at once (SIGKILL), as a crash would; False when it was not running."""
        return self._end(signal.SIGKILL, STOP_GRACE_SECONDS)

    def memory_bytes(self) -> int:
        """Resident memory; 0 when it does not run."""
        pid = self.pid()
        if pid is None:
            return 0
        try:
            return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except OSError:  # it ended between the two looks
            return 0

    def _end(self, how: signal.Signals, grace_seconds: float) -> bool:
        pid = self.pid()
        if pid is None:
            self.pid_file.unlink(missing_ok=True)
            return False
        try:
            os.kill(pid, how)
        except ProcessLookupError:  # it ended between the two looks
            pass
        except PermissionError:
            raise RefusedToStart(f"{self.name} (process {pid}) belongs to another user; stop it as that user") from None
        deadline = time.monotonic() + grace_seconds
        while self.pid() is not None:
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        self.pid_file.unlink(missing_ok=True)
        return True

    def _write_down(self, pid: int) -> None:
        birth = birth_of(pid)
        if birth is None:
            return  # dead already: the wait for readiness says so
        fresh = self.pid_file.with_suffix(".pid.new")
        fresh.write_text(birth.line(), encoding="ascii")
        fresh.replace(self.pid_file)

    def _wait_ready(
        self, spawned: subprocess.Popen[bytes], ready: Callable[[], bool], timeout_seconds: float, log_start: int
    ) -> None:
        deadline = time.monotonic() + timeout_seconds
        while not ready():
            code = spawned.poll()
            if code is not None:
                raise RefusedToStart(
                    f"{self.name} ended while starting ({_ending(code)}): {self._last_words(log_start)}"
                )
            if time.monotonic() > deadline:
                raise RefusedToStart(
                    f"{self.name} did not answer in {timeout_seconds:g} s: {self._last_words(log_start)}"
                )
            time.sleep(POLL_SECONDS)

    def _last_words(self, log_start: int) -> str:
        """The end of what this start wrote to the log, in one line, without the frames of stack traces."""
        with self.log_file.open("rb") as log:
            log.seek(max(log_start, self.log_file.stat().st_size - 20_000))
            lines = log.read().decode(errors="replace").splitlines()
        said = [
            line.strip() for line in lines if line.strip() and not line.lstrip().startswith(("at ", "... ", 'File "'))
        ]
        words = " | ".join(said[-3:])[-500:] or "its log is empty"
        return f"{words} (log: {self.log_file})"

    def _keep_log_short(self) -> None:
        if self.log_file.exists() and self.log_file.stat().st_size > LOG_KEPT_BYTES:
            self.log_file.replace(self.log_file.with_suffix(".log.1"))


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
