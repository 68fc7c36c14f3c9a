"""Real parts for tests, started once a process of tests: a Kafka broker and a ClickHouse engine of our own."""

import itertools
import re
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import hypothesis
import pytest

from schemas.topics import TOPICS
from streams.local.clickhouse import LocalClickHouse
from streams.local.kafka import LocalKafka, default_jars
from streams.local.ports import free_ports
from streams.settings import Settings
from streams.topics import create_topics

JARS = default_jars(Path(__file__).parents[1] / ".distillwatch")  # the checkout's own: fetched once, for every run
SECRET = "a secret for tests, long enough to be taken"  # noqa: S105 - it protects nothing

# Time decides over no test: what is compiled is slow at its first call.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")

_numbers = itertools.count(1)


class MakeSettings(Protocol):
    """Builds settings for one test; each keyword is a branch of the tree, such as `topics={"partitions": 2}`."""

    def __call__(self, *, create: bool = True, **branches: dict[str, Any]) -> Settings: ...


def pytest_configure() -> None:
    """Being asked to end (by `timeout`, by a build server) stops the real parts too, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for a real part bears its marker."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & {"kafka", "make_settings", "jars"}:
            item.add_marker(pytest.mark.kafka)
        if "clickhouse" in names:
            item.add_marker(pytest.mark.clickhouse)


@pytest.fixture(scope="session")
def jars() -> Path:
    """Where the jars of Kafka are; fetched when this checkout has none."""
    LocalKafka(JARS.parent, 0, jars=JARS).install()
    return JARS


@pytest.fixture(scope="session")
def kafka(jars: Path) -> Iterator[LocalKafka]:
    """A running broker, shared by the tests of a run: use topics of your own (`make_settings`), and leave it running."""
    with tempfile.TemporaryDirectory(prefix="kafka-") as directory:
        broker = LocalKafka(Path(directory), free_ports(2), jars=jars)
        broker.start()
        yield broker
        broker.stop()


@pytest.fixture(scope="session")
def clickhouse() -> Iterator[LocalClickHouse]:
    """A running ClickHouse engine, shared by the tests of a run: use a database of your own (`make_settings`)."""
    with tempfile.TemporaryDirectory(prefix="clickhouse-") as directory:
        engine = LocalClickHouse(Path(directory), free_ports())
        engine.start()
        yield engine
        engine.stop()


@pytest.fixture
def make_settings(request: pytest.FixtureRequest, kafka: LocalKafka, tmp_path: Path) -> MakeSettings:
    """Settings that point to the running broker, with topics, group and directory that no other test has.

    They point to the running engine too, at a database of their own, when the test also asks for `clickhouse`. The topics
    are created unless `create=False`.
    """

    def make(*, create: bool = True, **branches: dict[str, Any]) -> Settings:
        own = f"{re.sub(r'[^a-z0-9]+', '-', request.node.name.lower())[:80]}-{next(_numbers)}"
        tree: dict[str, dict[str, Any]] = {
            "kafka": {"bootstrap_servers": kafka.address},
            "topics": {topic.role: f"{own}.{topic.role}" for topic in TOPICS} | {"partitions": 4},
            "worker": {"group": own, "secret": SECRET},
            "watch": {"port": 0},
            "local": {"directory": tmp_path / "local"},
            "clickhouse": _database(request, own),
        }
        for branch, values in branches.items():
            tree[branch] = tree.get(branch, {}) | values
        settings = Settings(**tree)  # type: ignore[arg-type]
        if create:
            create_topics(settings)
        return settings

    return make


def _database(request: pytest.FixtureRequest, own: str) -> dict[str, Any]:
    if "clickhouse" not in request.fixturenames:
        return {}
    engine: LocalClickHouse = request.getfixturevalue("clickhouse")
    return {"host": "127.0.0.1", "port": engine.port, "database": "test_" + re.sub(r"\W", "_", own)}
