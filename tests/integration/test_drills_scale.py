"""A drill of scale: workers come and go under load, and whatever each of them did counts once."""

from pathlib import Path

import pytest

from streams.clickhouse.migrations import migrate
from streams.local.clickhouse import LocalClickHouse
from tests.conftest import MakeSettings
from tests.integration.drill import Expected, WorkerProcess, judged, searched, stored, totals_on, wait_until
from tests.integration.exact import require_exact
from tests.integration.stage import EAGER, RESTARTING, hydra, sending

pytestmark = pytest.mark.drill


def test_a_third_worker_joins_two_under_load_and_leaves_and_nothing_counts_twice(
    make_settings: MakeSettings, clickhouse: LocalClickHouse, tmp_path: Path
) -> None:
    del clickhouse
    settings = make_settings(worker=RESTARTING, judgement=EAGER, topics={"partitions": 8})
    traffic = hydra()
    migrate(settings.clickhouse)
    expected = Expected(settings, traffic)
    first = WorkerProcess(settings, tmp_path / "first.log")
    second = WorkerProcess(settings, tmp_path / "second.log", "--role", "judge")
    load = sending(traffic, settings, 60)
    for worker in (first, second):
        wait_until(lambda worker=worker: "partition restored" in worker.text(), worker)  # type: ignore[misc]
    wait_until(lambda: sum(totals_on(settings).values()) > len(traffic) / 4, first)
    third = WorkerProcess(settings, tmp_path / "third.log", "--role", "judge")
    wait_until(lambda: "partition restored" in third.text(), third)
    wait_until(lambda: sum(totals_on(settings).values()) > len(traffic) / 2, first)
    assert third.stop() == 0, third.text()[-4000:]
    load.join()
    for done in (judged, searched, stored):
        wait_until(lambda done=done: done(settings), first, seconds=300)  # type: ignore[misc]
    for worker in (second, first):
        assert worker.stop() == 0, worker.text()[-4000:]
    require_exact(settings, expected, stored=True)
    deals = [worker.text().count("partition restored") for worker in (first, second, third)]
    print(f"\n{len(traffic)} events, {len(expected.alerts)} alerts; partitions taken by the three: {deals}")


def test_three_workers_become_one_under_load_one_by_its_end_and_one_by_its_death_and_nothing_is_lost_or_doubled(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    settings = make_settings(worker=RESTARTING, judgement=EAGER, topics={"partitions": 8})
    traffic = hydra()
    expected = Expected(settings, traffic)
    load = sending(traffic, settings, 60)
    three = [WorkerProcess(settings, tmp_path / f"{name}.log", "--role", "judge") for name in ("stays", "goes", "dies")]
    for worker in three:
        wait_until(lambda worker=worker: "partition restored" in worker.text(), worker)  # type: ignore[misc]
    stays, goes, dies = three
    wait_until(lambda: sum(totals_on(settings).values()) > len(traffic) / 4, stays)
    assert goes.stop() == 0, goes.text()[-4000:]
    wait_until(lambda: sum(totals_on(settings).values()) > len(traffic) / 2, stays)
    dies.kill()
    load.join()
    wait_until(lambda: judged(settings), stays, seconds=300)
    assert stays.stop() == 0, stays.text()[-4000:]
    require_exact(settings, expected)
