"""Both embedded parts as one thing that is started and stopped."""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from schemas.errors import RefusedToStart
from streams.local.clickhouse import LocalClickHouse
from streams.local.kafka import LocalKafka
from streams.local.process import Status
from streams.settings import ClickHouseSettings, KafkaSettings, Settings

Say = Callable[[str], None]


class Part(Protocol):
    """One embedded engine. Each verb is idempotent and tells whether it had anything to do."""

    name: str

    @property
    def address(self) -> str: ...  # noqa: D102
    def install(self) -> bool: ...  # noqa: D102
    def start(self) -> bool: ...  # noqa: D102
    def stop(self) -> bool: ...  # noqa: D102
    def kill(self) -> bool: ...  # noqa: D102
    def status(self) -> Status: ...  # noqa: D102


class Stack:
    """The embedded parts that `settings` ask for, under `settings.local.directory`.

    A part is ours when its address is loopback and plain; a setting that points elsewhere means a Kafka or ClickHouse
    that others run, and it is left alone. So does a port of loopback that somebody chose and where one answers already;
    at the default port that is refused as taken, for it is most likely a forgotten one of ours.
    """

    def __init__(self, settings: Settings) -> None:
        local = settings.local
        self.directory = local.directory.absolute()
        self.parts: list[Part] = []
        self.external: list[str] = []
        kafka_port, clickhouse_port = embedded_kafka_port(settings.kafka), embedded_clickhouse_port(settings.clickhouse)
        if kafka_port is not None:
            kafka = LocalKafka(self.directory, kafka_port, local.kafka_heap_mb, local.start_timeout_seconds, local.jars)
            self._add(kafka, chosen=settings.kafka != KafkaSettings())
        else:
            self.external.append(f"kafka is external: {settings.kafka.bootstrap_servers}")
        if clickhouse_port is not None:
            clickhouse = LocalClickHouse(self.directory, clickhouse_port, local.start_timeout_seconds)
            self._add(clickhouse, chosen=clickhouse_port != ClickHouseSettings().port)
        else:
            self.external.append(f"clickhouse is external: {settings.clickhouse.host}:{settings.clickhouse.port}")

    def _add(self, part: LocalKafka | LocalClickHouse, *, chosen: bool) -> None:
        if chosen and part.process.pid() is None and part.answers():
            self.external.append(f"{part.name} is external: one answers at {part.address} already")
        else:
            self.parts.append(part)

    def install(self, say: Say = lambda _: None) -> None:
        """Fetch what the parts need; nothing is fetched twice. Raises `RefusedToStart`."""
        with self._alone():
            for part in self.parts:
                say(f"{part.name}: {'installed' if part.install() else 'nothing to install'}")

    def start(self, say: Say = lambda _: None) -> list[str]:
        """Install and start every part; the names of those that this call started, none when all were running.

        Raises `RefusedToStart`; whatever this call started is stopped again then, and when it is interrupted.
        """
        started: list[Part] = []
        with self._alone():
            try:
                for part in self.parts:
                    part.install()
                    if part.start():
                        started.append(part)
                        say(f"{part.name}: started at {part.address}")
                    else:
                        say(f"{part.name}: already running at {part.address}")
            except BaseException:
                for part in reversed(started):
                    part.stop()
                raise
        for line in self.external:
            say(line)
        return [part.name for part in started]

    def stop(self, say: Say = lambda _: None) -> list[str]:
        """Stop every part in good order; the names of those that were running."""
        return self._end(lambda part: part.stop(), say)

    def kill(self, say: Say = lambda _: None) -> list[str]:
        """End every part as a crash would, for drills; the names of those that were running."""
        return self._end(lambda part: part.kill(), say)

    def status(self) -> list[Status]:
        """What each part is doing."""
        return [part.status() for part in self.parts]

    def _end(self, how: Callable[[Part], bool], say: Say) -> list[str]:
        ended = []
        with self._alone():
            for part in reversed(self.parts):
                if how(part):
                    ended.append(part.name)
                say(f"{part.name}: {'stopped' if part.name in ended else 'was not running'}")
        return ended

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One command at a time in this directory; a second is refused, not left waiting."""
        make_private(self.directory)
        with (self.directory / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RefusedToStart(
                    f"another command is starting or stopping the parts in {self.directory}; try again when it is done"
                ) from None
            yield


def embedded_kafka_port(kafka: KafkaSettings) -> int | None:
    """The port of the broker that we run for these settings; None when the broker is somebody else's."""
    host, _, port = kafka.bootstrap_servers.strip().rpartition(":")
    ours = is_loopback(host) and port.isdigit() and kafka.security_protocol == "PLAINTEXT"
    return int(port) if ours else None


def embedded_clickhouse_port(clickhouse: ClickHouseSettings) -> int | None:
    """The port of the engine that we run for these settings; None when ClickHouse is somebody else's."""
    return clickhouse.port if is_loopback(clickhouse.host) and not clickhouse.secure else None


def is_loopback(host: str) -> bool:
    """Whether this is the address that the embedded parts listen on.

    >>> is_loopback("localhost"), is_loopback("127.0.0.1"), is_loopback("kafka.example"), is_loopback("a:1,127.0.0.1")
    (True, True, False, False)
    """
    return host in {"localhost", "127.0.0.1"}


def ensure_secret(directory: Path) -> Path:
    """The file `secret` in `directory`, made once: 64 hexadecimal characters, readable by its owner only."""
    make_private(directory)
    file = directory / "secret"
    if not file.exists():
        fresh = directory / f"secret.{os.getpid()}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as out:
            out.write(secrets.token_hex(32))
        try:
            os.link(fresh, file)  # all of it or nothing, and the first one wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return file


def make_private(directory: Path) -> None:
    """Make the directory, for its owner only; one that is there stays as it is."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise RefusedToStart(f"cannot make the directory {directory}: {error.strerror}") from None
