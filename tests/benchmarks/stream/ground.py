"""The real parts of a run: one broker, one ClickHouse engine, topics whose timestamps are the broker's, and load."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kafka.admin import ConfigResource, ConfigResourceType

from schemas.errors import Stopped
from streams.clickhouse.migrations import migrate
from streams.local.clickhouse import LocalClickHouse
from streams.local.kafka import LocalKafka, default_jars
from streams.local.ports import free_ports, is_free
from streams.replay import replay
from streams.settings import PREFIX, Settings
from streams.topics import admin, create_topics
from tests.benchmarks.quality.process import ROOT
from tests.benchmarks.stream.cores import Cores, pin
from tests.integration.drill import environment

PARTITIONS = 8
#: Everything that was sent is on this topic, for all who are measured saturated.
REQUESTS = "requests"


class Ground:
    """Broker and engine in a directory, on the processors that the programs under measurement leave to them.

    Use it in a `with` block.
    """

    def __init__(self, directory: Path, cores: Cores) -> None:
        self.directory, self.cores = directory, cores
        kept = Path(os.environ.get(f"{PREFIX}LOCAL__DIRECTORY") or ROOT / ".distillwatch")
        first = free_ports(3)
        self._port = first + 3
        self.kafka = LocalKafka(directory, first, heap_mb=768, jars=default_jars(kept))
        self.clickhouse = LocalClickHouse(directory, first + 2)

    def __enter__(self) -> "Ground":
        """Start both; the settings of whoever runs the benchmark do not count."""
        for name in [name for name in os.environ if name.startswith(PREFIX)]:
            del os.environ[name]
        try:
            self.kafka.start()
            self.clickhouse.start()
        except BaseException:
            self.__exit__()
            raise
        self.leave(programs=1)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop both."""
        self.clickhouse.stop()
        self.kafka.stop()

    def leave(self, programs: int) -> None:
        """Keep broker and engine off the processors of so many programs, as far as there are others."""
        for part in (self.kafka, self.clickhouse):
            pin(part.process.pid() or 0, self.cores.others(programs))

    def free_port(self) -> int:
        """A port that nobody has yet and that was not given before."""
        while not is_free(self._port):
            self._port += 1
        self._port += 1
        return self._port - 1

    def settings(self, name: str, *, requests: str = REQUESTS, **branches: dict[str, Any]) -> Settings:
        """Settings with a group, a database and topics of this name, all there; `requests` may be shared with others."""
        topics: dict[str, Any] = {
            role: f"{name}.{role}"
            for role in ("dead", "alerts", "rows", "rows_dead", "checkpoints", "signals", "feedback", "control")
        }
        tree: dict[str, dict[str, Any]] = {
            "kafka": {"bootstrap_servers": self.kafka.address},
            "clickhouse": {"port": self.clickhouse.port, "database": name.replace("-", "_")},
            "topics": topics | {"requests": requests, "partitions": PARTITIONS},
            "worker": {"group": name, "secret": "a secret for the benchmark"},
            "watch": {"port": self.free_port(), "log_format": "console"},
            "local": {"directory": self.directory / "local"},
        }
        for branch, values in branches.items():
            tree[branch] = tree.get(branch, {}) | values
        settings = Settings(**tree)  # type: ignore[arg-type]
        create_topics(settings)
        self._stamp((settings.topics.requests, settings.topics.alerts), settings)
        migrate(settings.clickhouse)
        return settings

    def fill(self, settings: Settings, records: Iterable[bytes]) -> None:
        """Put records on the requests topic as fast as it goes."""
        replay(records, settings)

    def load(self, settings: Settings, records: list[bytes], rate: float) -> None:
        """Send records at so many a second, by a process of its own; returns when all are sent."""
        file = self.directory / "load.jsonl"
        file.write_bytes(b"\n".join(records) + b"\n")
        command = [sys.executable, "-m", "streams.cli", "replay", str(file), "--rate", f"{rate:.1f}"]
        sending = subprocess.Popen(command, cwd=ROOT, env=environment(settings), stdout=subprocess.DEVNULL)
        pin(sending.pid, self.cores.others())
        if sending.wait():
            raise Stopped(f"the load could not be sent: `distillwatch replay` ended with code {sending.returncode}")

    def bytes_on_disk(self, topic: str) -> int:
        """What the segments of a topic take, compressed as its producers left them."""
        parts = (self.directory / "kafka-data").glob(f"{topic}-*/*.log")
        return sum(part.stat().st_size for part in parts)

    def _stamp(self, topics: Iterable[str], settings: Settings) -> None:
        """Let the broker stamp what is appended, so that a latency is the difference of two readings of one clock."""
        stamped = {"message.timestamp.type": "LogAppendTime"}
        with admin(settings.kafka) as client:
            client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, stamped) for name in topics])
