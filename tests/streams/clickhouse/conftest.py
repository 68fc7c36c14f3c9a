"""One engine for the session, a database of its own for each test."""

import socket
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from streams.clickhouse import RowStore, migrate
from streams.settings import ClickHouseSettings
from tests.streams.clickhouse.engine import EngineProcess

_numbers = count()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.clickhouse)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    process = EngineProcess(tmp_path_factory.mktemp("clickhouse"), free_port())
    process.start()
    yield process
    process.stop()


@pytest.fixture
def own_engine(tmp_path: Path) -> Iterator[EngineProcess]:
    """An engine that the test starts, stops and kills."""
    process = EngineProcess(tmp_path / "tables", free_port())
    yield process
    process.kill()


@pytest.fixture
def empty(engine: EngineProcess) -> ClickHouseSettings:
    """Settings of a database that does not exist."""
    return engine.settings(f"test_{next(_numbers)}")


@pytest.fixture
def settings(empty: ClickHouseSettings) -> ClickHouseSettings:
    """Settings of a database with our tables, all empty."""
    migrate(empty)
    return empty


@pytest.fixture
def store(settings: ClickHouseSettings) -> Iterator[RowStore]:
    rows = RowStore(settings)
    yield rows
    rows.close()
