"""A full disk: of the broker, under the tenants that a worker keeps in a file, and everywhere at its start."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from streams.local.kafka import LocalKafka
from streams.local.ports import free_ports
from streams.replay import replay
from streams.topics import create_topics
from tests.conftest import MakeSettings
from tests.integration.drill import Expected, Kept, WorkerProcess, environment, judged, totals_on, wait_until
from tests.integration.exact import require_exact
from tests.integration.small_disk import SmallDisk, small_disk
from tests.integration.stage import EAGER, RESTARTING, hydra
from tests.models.test_forgetting import bursts

ROOM_BYTES = 100_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", megabytes=400) as mounted:
        yield mounted


@pytest.fixture
def own_kafka(disk: SmallDisk, jars: Path) -> Iterator[LocalKafka]:
    """A broker on that disk."""
    broker = LocalKafka(disk.path, free_ports(2), jars=jars)
    broker.start()
    yield broker
    broker.kill()


def test_a_worker_that_finds_every_disk_full_at_its_start_says_so_in_one_line(make_settings: MakeSettings) -> None:
    command = ["prlimit", "--fsize=0", sys.executable, "-m", "streams.cli", "worker", "--role", "judge"]
    done = subprocess.run(
        command, env=environment(make_settings()), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("distillwatch: no temporary directory can be made")
    assert "Traceback" not in done.stderr


def test_a_worker_whose_disk_for_tenants_is_full_says_so_in_one_line_and_goes_on_exactly_when_there_is_room(
    make_settings: MakeSettings, disk: SmallDisk, tmp_path: Path
) -> None:
    little = {"hydrated_tenants": 2, "tenants_in_memory": 4, "checkpoint_seconds": 0.2, "state_directory": disk.path}
    settings = make_settings(worker=RESTARTING | little, judgement=EAGER | {"skew_hours": 1000})
    traffic = [msgspec.json.encode(one) for one in bursts(5, tenants=200, days=4)]
    expected = Expected(settings, traffic)
    replay(traffic, settings)
    disk.fill(ROOM_BYTES)
    refused = WorkerProcess(settings, tmp_path / "refused.log", "--role", "judge")
    assert refused.wait() == 1
    said = refused.text().splitlines()[-1]
    assert "the tenants that are not in memory cannot be kept in" in said
    assert "make room there" in said
    disk.make_room()
    kept = Kept(settings, tmp_path / "worker.log", "--role", "judge")
    wait_until(lambda: kept.has(judged))
    assert kept.worker.stop() == 0, kept.worker.text()[-4000:]
    require_exact(settings, expected, duplicates=expected.result.duplicates)


def test_a_broker_whose_disk_fills_up_under_a_worker_costs_nothing_once_there_is_room(
    make_settings: MakeSettings, own_kafka: LocalKafka, disk: SmallDisk, tmp_path: Path
) -> None:
    settings = make_settings(
        create=False, kafka={"bootstrap_servers": own_kafka.address}, worker=RESTARTING, judgement=EAGER
    )
    create_topics(settings)
    traffic = hydra()
    expected = Expected(settings, traffic)
    replay(traffic, settings)
    disk.fill(ROOM_BYTES, own_kafka.process.pid() or 0)
    kept = Kept(settings, tmp_path / "worker.log", "--role", "judge")
    wait_until(lambda: kept.has(lambda _: not own_kafka.answers()))
    own_kafka.kill()  # it ends by itself, or hangs at its end
    disk.make_room()
    own_kafka.start()
    assert sum(totals_on(settings).values()) < len(traffic)
    wait_until(lambda: kept.has(judged))
    assert kept.worker.stop() == 0, kept.worker.text()[-4000:]
    require_exact(settings, expected)
    print(f"\nthe worker was started again {kept.restarts} times")
