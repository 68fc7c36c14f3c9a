"""Campaigns over the whole line: what a worker finds is what a backtest finds, whatever happens on the way."""

import threading
from pathlib import Path

from aiokafka import AIOKafkaProducer

from models.shelf import MemoryShelf
from schemas import ocsf
from streams.batches import BatchSender
from streams.checkpoints import CheckpointLog
from streams.clickhouse.client import connect
from streams.clickhouse.migrations import migrate
from streams.kafka_client import aiokafka_settings
from streams.local.clickhouse import LocalClickHouse
from streams.replay import replay
from streams.settings import Settings
from streams.simulation import simulate
from tests.conftest import MakeSettings
from tests.integration.drill import Expected, WorkerProcess, alerts_on, judged, searched, stored, wait_until
from tests.integration.stage import SIMULATION, hydra

SECONDS = 8


def attackers() -> set[str]:
    return {label.tenant_id for label in simulate(SIMULATION)[1] if label.kind == "hydra"}


def members_stored(settings: Settings) -> set[tuple[str, str, int]]:
    client = connect(settings.clickhouse)
    try:
        rows = client.query("SELECT campaign_uid, tenant, version FROM campaign_members").result_rows
    finally:
        client.close()
    assert len(rows) == len({row[:2] for row in rows})
    return {(str(uid), str(tenant), int(version)) for uid, tenant, version in rows}


async def test_the_open_campaigns_of_the_highest_position_count_until_they_are_forgotten(
    make_settings: MakeSettings,
) -> None:
    settings = make_settings()
    connection = aiokafka_settings(settings.kafka)
    producer = AIOKafkaProducer(**connection, acks="all", enable_idempotence=True)
    log = CheckpointLog(settings.topics.checkpoints, BatchSender(lambda: producer), connection)
    await producer.start()
    try:
        assert await log.read_campaigns() is None
        await log.write_campaigns(10, b"newer")
        await log.write_campaigns(5, b"of a worker that was declared dead")
        assert await log.read_campaigns() == b"newer"
        assert await log.read(0, MemoryShelf()) == (None, [])
        await log.forget_campaigns()
        assert await log.read_campaigns() is None
        await log.write_campaigns(1, b"of another topic")
        assert await log.read_campaigns() == b"of another topic"
    finally:
        await producer.stop()


def test_a_hydra_is_the_campaign_of_a_backtest_though_the_worker_is_killed_on_the_way(
    make_settings: MakeSettings, clickhouse: LocalClickHouse, tmp_path: Path
) -> None:
    del clickhouse
    worker_settings = {"checkpoint_seconds": 0.5, "session_timeout_seconds": 6.0, "instance": "hydra"}
    settings, traffic = make_settings(worker=worker_settings), hydra()
    migrate(settings.clickhouse)
    expected = Expected(settings, traffic).campaigns
    assert len(expected) >= 2
    assert {member.tenant for line in expected for member in line.members} <= attackers()
    sending = threading.Thread(target=replay, args=(traffic, settings), kwargs={"rate": len(traffic) / SECONDS})
    sending.start()
    worker = WorkerProcess(settings, tmp_path / "worker.log")
    wait_until(lambda: len(alerts_on(settings, campaigns=True)) > 0, worker)
    worker.kill()
    told = set(alerts_on(settings, campaigns=True))
    sending.join()
    worker = WorkerProcess(settings, tmp_path / "worker.log")
    for done in (judged, searched, stored):
        wait_until(lambda done=done: done(settings), worker)  # type: ignore[misc]
    assert worker.stop() == 0
    assert told
    assert alerts_on(settings, campaigns=True) == {line.line_uid: ocsf.alert(line) for line in expected}
    named = {(line.uid, member.tenant, line.sequence) for line in expected for member in line.members}
    assert members_stored(settings) == named
