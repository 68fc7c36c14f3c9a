"""The whole line, from the requests topic to ClickHouse."""

import threading
from pathlib import Path

from streams.clickhouse.migrations import migrate
from streams.local.clickhouse import LocalClickHouse
from streams.replay import replay
from tests.conftest import MakeSettings
from tests.integration.drill import Expected, WorkerProcess, alerts_on, judged, stored, wait_until
from tests.integration.exact import lines_stored, requests_by_tenant, sent_by_tenant
from tests.integration.stage import EAGER, WORKER


def test_clickhouse_holds_every_request_once_though_it_and_the_worker_are_killed_on_the_way(
    make_settings: MakeSettings, clickhouse: LocalClickHouse, traffic: list[bytes], tmp_path: Path
) -> None:
    settings = make_settings(worker=WORKER | {"session_timeout_seconds": 6.0, "instance": "line"}, judgement=EAGER)
    migrate(settings.clickhouse)
    expected = Expected(settings, traffic)
    sending = threading.Thread(target=replay, args=(traffic, settings), kwargs={"rate": len(traffic) / 10})
    sending.start()
    worker = WorkerProcess(settings, tmp_path / "worker.log")
    wait_until(lambda: sum(requests_by_tenant(settings).values()) > len(traffic) / 5, worker)
    clickhouse.kill()
    sending.join()
    wait_until(lambda: judged(settings), worker)  # alerts and state do not wait for ClickHouse
    assert alerts_on(settings) == expected.alerts
    worker.kill()
    clickhouse.start()
    worker = WorkerProcess(settings, tmp_path / "worker.log")
    wait_until(lambda: stored(settings), worker)
    assert worker.stop() == 0
    assert requests_by_tenant(settings) == sent_by_tenant(traffic)
    assert lines_stored(settings) == set(expected.alerts)


def test_a_worker_refuses_to_start_without_its_tables_and_names_the_command(
    make_settings: MakeSettings, clickhouse: LocalClickHouse, tmp_path: Path
) -> None:
    del clickhouse
    worker = WorkerProcess(make_settings(), tmp_path / "worker.log")
    assert worker.wait() == 1
    assert "distillwatch migrate" in worker.text()


def test_a_worker_refuses_to_start_without_its_topics_and_names_the_command(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    worker = WorkerProcess(make_settings(create=False), tmp_path / "worker.log", "--role", "judge")
    assert worker.wait() == 1
    assert "distillwatch topics" in worker.text()
