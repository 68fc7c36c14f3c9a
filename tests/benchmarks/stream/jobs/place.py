"""Where a job works: told by environment variables, so that every program is told alike."""

import os
from pathlib import Path
from typing import NamedTuple

_NAMES = {
    "broker": "BENCHMARK_BROKER",
    "group": "BENCHMARK_GROUP",
    "requests": "BENCHMARK_REQUESTS",
    "alerts": "BENCHMARK_ALERTS",
    "state": "BENCHMARK_STATE",
    "progress": "BENCHMARK_PROGRESS",
    "partitions": "BENCHMARK_PARTITIONS",
}


class Place(NamedTuple):
    """Broker address, consumer group, topics, a directory for state, the file for progress, partitions of the requests."""

    broker: str
    group: str
    requests: str
    alerts: str
    state: str
    progress: str
    partitions: str

    def environment(self) -> dict[str, str]:
        """The same as variables."""
        return {name: getattr(self, field) for field, name in _NAMES.items()}

    @property
    def state_directory(self) -> Path:
        """The directory for state, which is there."""
        directory = Path(self.state)
        directory.mkdir(parents=True, exist_ok=True)
        return directory


def here() -> Place:
    """The place that this process was given."""
    return Place(**{field: os.environ[name] for field, name in _NAMES.items()})
