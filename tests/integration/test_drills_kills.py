"""Drills: the worker or the broker ends without warning, again and again, under load."""

import random
import time
from pathlib import Path

import pytest

from streams.local.kafka import LocalKafka
from streams.replay import replay
from tests.conftest import MakeSettings
from tests.integration.drill import Expected, Kept, WorkerProcess, judged, pass_time, wait_until
from tests.integration.exact import require_exact
from tests.integration.stage import EAGER, RESTARTING, Stage, finish, hydra, sending

pytestmark = pytest.mark.drill

KILLS = 20


def test_a_worker_killed_at_twenty_random_moments_leaves_what_an_undisturbed_one_leaves(
    stage: Stage, tmp_path: Path
) -> None:
    settings, traffic, expected = stage(worker=RESTARTING | {"instance": "drill"})
    rng = random.Random(20)
    load = sending(traffic, settings, 120)
    kept = Kept(settings, tmp_path / "worker.log")
    for _ in range(KILLS):
        pass_time(rng.uniform(1, 15))
        kept.worker.kill()
        kept.start()
    load.join()
    finish(kept)
    require_exact(settings, expected, stored=True)
    ups = kept.worker.text().count("worker is up")
    print(
        f"\n{KILLS} kills, {ups} times up, {len(expected.alerts)} alerts, {len(expected.campaigns)} lines of campaigns"
    )


@pytest.mark.parametrize("seconds", [5, 60])
def test_a_broker_killed_under_load_costs_nothing(
    stage: Stage, kafka: LocalKafka, tmp_path: Path, seconds: float
) -> None:
    settings, traffic, expected = stage()
    most = len(traffic) * 3 // 4
    load = sending(traffic[:most], settings, 12 if seconds < 30 else 1)  # a producer gives up after 30 s, for good
    kept = Kept(settings, tmp_path / "worker.log")
    wait_until(lambda: kept.has(lambda _: b"partition restored" in kept.worker.log.read_bytes()))
    if seconds > 30:
        load.join()
    kafka.kill()
    pass_time(seconds)
    kafka.start()
    load.join()
    replay(traffic[most:], settings)
    finish(kept)
    require_exact(settings, expected, stored=True)
    print(f"\nthe broker was away for {seconds} s; the worker was started again {kept.restarts} times")


def test_a_worker_asked_to_end_under_load_ends_cleanly(
    stage: Stage, tmp_path: Path
) -> None:
    settings, traffic, expected = stage()
    load = sending(traffic, settings, 40)
    kept = Kept(settings, tmp_path / "worker.log")
    for _ in range(2):
        wait_until(lambda: kept.has(lambda _: b"partition restored" in kept.worker.log.read_bytes()))
        pass_time(3)
        begin = time.monotonic()
        assert kept.worker.stop() == 0, kept.worker.text()[-4000:]
        print(f"\nended {time.monotonic() - begin:.1f} s after SIGTERM")
        kept.start()
    load.join()
    finish(kept)
    require_exact(settings, expected, stored=True)


@pytest.mark.parametrize("together", [False, True])
def test_workers_with_one_instance_id_end_and_say_so_and_nothing_is_lost_or_doubled(
    make_settings: MakeSettings, tmp_path: Path, *, together: bool
) -> None:
    settings, traffic = make_settings(worker=RESTARTING | {"instance": "same"}, judgement=EAGER), hydra()
    expected = Expected(settings, traffic)
    load = sending(traffic, settings, 30)
    first = WorkerProcess(settings, tmp_path / "first.log", "--role", "judge")
    if not together:
        wait_until(lambda: "partition restored" in first.text(), first)
    both = [first, WorkerProcess(settings, tmp_path / "second.log", "--role", "judge")]
    wait_until(lambda: any(worker.process.poll() is not None for worker in both))
    for worker in both:
        if worker.process.poll() is None:  # it has lost its name as often, or nearly
            worker.kill()
        else:
            assert worker.wait() == 1
            assert "worker.instance" in worker.text()
    load.join()
    left = Kept(settings, tmp_path / "left.log", "--role", "judge")
    wait_until(lambda: left.has(judged))
    assert left.worker.stop() == 0, left.worker.text()[-4000:]
    require_exact(settings, expected)
