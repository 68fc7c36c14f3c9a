"""State that cannot be read is built anew from the retained requests, and what is stored stays exact."""

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from kafka import TopicPartition
from typer.testing import CliRunner

from schemas.partitioner import partition_of
from streams.checkpoint_records import tenant_key
from streams.cli import app
from streams.lag import end_offsets
from streams.replay import replay
from streams.settings import Settings
from streams.tail import read_topic
from streams.topics import admin
from tests.conftest import MakeSettings
from tests.integration.drill import (
    Expected,
    WorkerProcess,
    alerts_on,
    environment,
    judged,
    totals_on,
    wait_until,
    windows_on,
    without_versions,
)
from tests.integration.stage import EAGER, WORKER
from tests.integration.test_drills_load import write_state
from tests.integration.test_faults import finish

Run = Callable[[Settings], WorkerProcess]


@pytest.fixture
def run_worker(tmp_path: Path) -> Run:
    return lambda settings: WorkerProcess(settings, tmp_path / "worker.log", "--role", "judge")


def damage(settings: Settings, tenant: str) -> int:
    """Spoil the state of a tenant; its partition."""
    partition = partition_of(tenant, settings.topics.partitions)
    key = tenant_key(0, (tenant, ""))
    value = next(one.value for one in read_topic(settings, settings.topics.checkpoints) if one.key == key)
    write_state(settings, partition, key, (1 << 40).to_bytes(8, "big") + value[8:60] + bytes(60))
    return partition


def rebuild(settings: Settings, *arguments: str) -> list[dict[str, object]]:
    done = CliRunner().invoke(app, ["rebuild", "--json", *arguments], env=environment(settings))
    assert done.exit_code == 0, done.output + str(done.exception)
    out: list[dict[str, object]] = orjson.loads(done.stdout)
    return out


def forget_before(settings: Settings, partition: int, offset: int) -> None:
    """Let the topic's retention take the records before an offset."""
    with admin(settings.kafka) as client:
        client.delete_records({TopicPartition(settings.topics.requests, partition): offset})


def test_damaged_state_is_named_and_built_anew_and_the_stream_goes_on_as_if_nothing_had_been(
    make_settings: MakeSettings, traffic: list[bytes], run_worker: Run
) -> None:
    settings, half = make_settings(worker=WORKER, judgement=EAGER), len(traffic) // 2
    replay(traffic[:half], settings)
    finish(settings, run_worker(settings))
    told = len(read_topic(settings, settings.topics.alerts))
    assert rebuild(settings) == []
    partition = damage(settings, orjson.loads(traffic[0])["tenant_id"])
    refused = run_worker(settings)
    assert refused.wait() == 1
    assert "distillwatch rebuild" in refused.text()
    (done,) = rebuild(settings)
    assert (done["partition"], done["young"], done["kept_rows"], done["findings"]) == (partition, [], 0, 0)
    assert "damaged" in str(done["trouble"])
    assert len(read_topic(settings, settings.topics.alerts)) == told
    assert rebuild(settings) == []
    replay(traffic[half:], settings)
    finish(settings, run_worker(settings))
    expected = Expected(settings, traffic)
    assert without_versions(windows_on(settings)) == without_versions(expected.windows)
    assert alerts_on(settings) == expected.alerts
    assert totals_on(settings) == {"applied": len(traffic), "duplicates": 0, "dead_letters": 0}
    versions = {row.version for key, row in windows_on(settings).items() if key[2] == partition}
    assert min(versions) >= 1 << 48


def test_beyond_retention_tenants_begin_again_as_young_ones_by_name_and_no_stored_total_changes(
    make_settings: MakeSettings, traffic: list[bytes], run_worker: Run
) -> None:
    settings, half = make_settings(worker=WORKER, judgement=EAGER), len(traffic) // 2
    replay(traffic[:half], settings)
    finish(settings, run_worker(settings))
    before = {key: row.requests for key, row in windows_on(settings).items()}
    partition = damage(settings, orjson.loads(traffic[0])["tenant_id"])
    forget_before(settings, partition, end_offsets(settings, settings.topics.requests)[partition] // 2)
    (done,) = rebuild(settings, "--partition", str(partition))
    assert done["first_offset"] == end_offsets(settings, settings.topics.requests)[partition] // 2
    assert orjson.loads(traffic[0])["tenant_id"] in done["young"]  # type: ignore[operator]
    assert int(str(done["kept_rows"])) > 0
    assert {key: row.requests for key, row in windows_on(settings).items()} == before
    replay(traffic[half:], settings)
    worker = run_worker(settings)
    wait_until(lambda: judged(settings), worker)
    assert worker.stop() == 0
    expected = {key: row.requests for key, row in Expected(settings, traffic).windows.items()}
    assert {key: row.requests for key, row in windows_on(settings).items()} == expected


def test_state_may_be_built_anew_again_and_again_and_when_nothing_is_retained(
    make_settings: MakeSettings, traffic: list[bytes], run_worker: Run
) -> None:
    settings, some = make_settings(worker=WORKER, judgement=EAGER), traffic[:2000]
    replay(some, settings)
    finish(settings, run_worker(settings))
    for _ in range(2):
        assert len(rebuild(settings, *(f"--partition={index}" for index in range(4)))) == 4
    finish(settings, run_worker(settings))
    assert without_versions(windows_on(settings)) == without_versions(Expected(settings, some).windows)
    for partition, end in end_offsets(settings, settings.topics.requests).items():
        forget_before(settings, partition, end)
    assert all(one["records"] == 0 for one in rebuild(settings, *(f"--partition={index}" for index in range(4))))
    worker = run_worker(settings)
    wait_until(lambda: "partition restored" in worker.text(), worker)
    assert worker.stop() == 0
