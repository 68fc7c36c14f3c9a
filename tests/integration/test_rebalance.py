"""Workers come and go: partitions move with their state."""

import threading
from pathlib import Path

from streams.replay import replay
from tests.conftest import MakeSettings
from tests.integration.drill import Expected, WorkerProcess, judged, totals_on, wait_until
from tests.integration.exact import require_exact
from tests.integration.stage import EAGER, WORKER


def test_a_worker_that_joins_and_leaves_changes_nothing(
    make_settings: MakeSettings, traffic: list[bytes], tmp_path: Path
) -> None:
    settings = make_settings(worker=WORKER | {"batch_records": 50}, judgement=EAGER)
    expected = Expected(settings, traffic)
    sending = threading.Thread(target=replay, args=(traffic, settings), kwargs={"rate": len(traffic) / 12})
    sending.start()
    first = WorkerProcess(settings, tmp_path / "first.log", "--role", "judge")
    wait_until(lambda: sum(totals_on(settings).values()) > len(traffic) / 8, first)
    second = WorkerProcess(settings, tmp_path / "second.log", "--role", "judge")
    wait_until(lambda: "partition restored" in second.text(), second)
    wait_until(lambda: sum(totals_on(settings).values()) > len(traffic) / 2, first)
    assert second.stop() == 0, second.text()[-4000:]
    sending.join()
    wait_until(lambda: judged(settings), first)
    assert first.stop() == 0, first.text()[-4000:]
    require_exact(settings, expected)
