"""Campaigns over the whole line: what a worker finds is what a backtest finds, whatever happens on the way."""

import threading
from pathlib import Path

import msgspec

from schemas import ocsf
from schemas.codec import decode_event
from streams.clickhouse.client import connect
from streams.clickhouse.migrations import migrate
from streams.local.clickhouse import LocalClickHouse
from streams.replay import replay
from streams.settings import Settings
from streams.simulation import Simulation, simulate
from tests.conftest import MakeSettings
from tests.integration.drill import Expected, WorkerProcess, alerts_on, judged, searched, stored, wait_until
from tests.models.events import HOUR_MS, MINUTE_MS, event

SIMULATION = Simulation(days=2, tenants=30, attackers=2, seed=2)  # the second kind of attack is a hydra
SECONDS = 10


def hydra() -> list[bytes]:
    """A hydra among others; forty more tenants see to it that no partition is ever silent, and go on for some hours."""
    records = list(simulate(SIMULATION)[0])
    end_ms = SIMULATION.end_ms + 8 * HOUR_MS
    others = [
        event(number, ts, f"filler_{number % 40}")
        for number, ts in enumerate(range(SIMULATION.start_ms, end_ms, MINUTE_MS))
    ]
    records += [msgspec.json.encode(one) for one in others]
    return sorted(records, key=lambda record: decode_event(record).ts)


def members_stored(settings: Settings) -> set[tuple[str, str, int]]:
    client = connect(settings.clickhouse)
    try:
        rows = client.query("SELECT campaign_uid, tenant, version FROM campaign_members").result_rows
    finally:
        client.close()
    assert len(rows) == len({row[:2] for row in rows})
    return {(str(uid), str(tenant), int(version)) for uid, tenant, version in rows}


def test_a_hydra_is_the_campaign_of_a_backtest_though_the_worker_is_killed_on_the_way(
    make_settings: MakeSettings, clickhouse: LocalClickHouse, tmp_path: Path
) -> None:
    del clickhouse
    worker_settings = {"checkpoint_seconds": 0.5, "session_timeout_seconds": 6.0, "instance": "hydra"}
    settings, traffic = make_settings(worker=worker_settings), hydra()
    migrate(settings.clickhouse)
    expected = Expected(settings, traffic).campaigns
    assert len(expected) >= 3
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
    assert 0 < len(told) < len(expected)
    assert alerts_on(settings, campaigns=True) == {line.line_uid: ocsf.alert(line) for line in expected}
    named = {(line.uid, member.tenant, line.sequence) for line in expected for member in line.members}
    assert members_stored(settings) == named
