"""Drills: ClickHouse is away, slow, overloaded, cut off in the middle of an insert, or says no."""

import time
from pathlib import Path

import msgspec
import pytest

from schemas.codec import decode_event
from streams.clickhouse.migrations import migrate
from streams.lag import records_left
from streams.local.clickhouse import LocalClickHouse
from streams.replay import replay
from streams.settings import Settings
from tests.benchmarks.stream.latency import quantile
from tests.conftest import MakeSettings
from tests.integration.alert_times import alert_times
from tests.integration.drill import (
    Expected,
    Kept,
    WorkerProcess,
    alerts_on,
    judged,
    pass_time,
    searched,
    stored,
    wait_until,
)
from tests.integration.exact import require_exact
from tests.integration.proxy import Trouble, proxy_to
from tests.integration.stage import EAGER, RESTARTING, Stage, finish, hydra
from tests.models.events import event

pytestmark = pytest.mark.drill

#: Small blocks, so that a fault meets many of them.
BLOCKS = {"batch_rows": 50, "batch_seconds": 0.1}


EVENTS, TEN_MINUTES_SECONDS = 120_000, 600
#: What a sink may hold of rows that it cannot store, and the rest of a worker under load may grow by.
MOST_MB = 200


def behind(settings: Settings, port: int) -> Settings:
    """The same settings with ClickHouse at another port."""
    return settings.model_copy(update={"clickhouse": settings.clickhouse.model_copy(update={"port": port})})


def test_clickhouse_away_for_a_minute_delays_rows_and_no_alert(
    stage: Stage, clickhouse: LocalClickHouse, tmp_path: Path
) -> None:
    settings, traffic, expected = stage(clickhouse=BLOCKS)
    kept = Kept(settings, tmp_path / "worker.log")
    wait_until(lambda: kept.has(lambda _: b"worker is up" in kept.worker.log.read_bytes()))
    clickhouse.kill()
    try:
        replay(traffic, settings)
        for done in (judged, searched):
            wait_until(lambda done=done: kept.has(done))  # type: ignore[misc]
        assert alerts_on(settings) == expected.alerts
        pass_time(60)
        assert not stored(settings)
    finally:
        clickhouse.start()
    finish(kept)
    assert kept.restarts == 0
    require_exact(settings, expected, stored=True)


def test_an_insert_that_goes_wrong_is_repeated_until_each_row_is_there_once_and_delays_no_alert(
    stage: Stage, clickhouse: LocalClickHouse, tmp_path: Path
) -> None:
    settings, traffic, expected = stage(clickhouse=BLOCKS)
    troubles: tuple[Trouble, ...] = ("slow", "error", "halfway", "unanswered")
    part = -(-len(traffic) // len(troubles))
    with proxy_to(clickhouse.port) as proxy:
        kept = Kept(behind(settings, proxy.port), tmp_path / "worker.log")
        for number, trouble in enumerate(troubles):
            spoilt, proxy.trouble = proxy.spoilt, trouble
            replay(traffic[number * part : (number + 1) * part], settings)
            wait_until(lambda: kept.has(judged))
            wait_until(lambda spoilt=spoilt: proxy.spoilt >= spoilt + 3, kept.worker)  # type: ignore[misc]
            assert not stored(settings)
            if trouble == troubles[-1]:
                assert alerts_on(settings) == expected.alerts
            proxy.trouble = "none"
            wait_until(lambda: kept.has(stored))
            print(f"\n{trouble}: {proxy.spoilt - spoilt} inserts")
        finish(kept)
    assert kept.restarts == 0
    require_exact(settings, expected, stored=True)


def test_a_refusal_that_no_repetition_cures_ends_the_sink_and_nothing_else_and_no_row_is_lost(
    stage: Stage, clickhouse: LocalClickHouse, tmp_path: Path
) -> None:
    settings, traffic, expected = stage(clickhouse=BLOCKS)
    replay(traffic, settings)
    others = [Kept(settings, tmp_path / f"{role}.log", "--role", role) for role in ("judge", "campaigns")]
    with proxy_to(clickhouse.port) as proxy:
        proxy.trouble = "error"
        for proxy.code, said in ((497, "lacks a grant"), (60, "distillwatch migrate"), (27, "27")):
            sink = Kept(behind(settings, proxy.port), tmp_path / f"sink-{proxy.code}.log", "--role", "sink")
            assert sink.worker.wait() != 0
            assert said in sink.worker.text()
        for kept, done in zip(others, (judged, searched), strict=True):
            wait_until(lambda kept=kept, done=done: kept.has(done))  # type: ignore[misc]
        assert alerts_on(settings) == expected.alerts
        proxy.trouble = "none"
        wait_until(lambda: sink.has(stored))
        assert [kept.worker.stop() for kept in (sink, *others)] == [0, 0, 0]
    assert [kept.restarts for kept in (sink, *others)] == [1, 0, 0]
    require_exact(settings, expected, stored=True)


def test_ten_minutes_of_rows_while_clickhouse_is_away_delay_no_alert_and_stay_out_of_memory(
    make_settings: MakeSettings, clickhouse: LocalClickHouse, tmp_path: Path
) -> None:
    settings, traffic = make_settings(worker=RESTARTING, judgement=EAGER), with_one_huge(hydra(), EVENTS)
    migrate(settings.clickhouse)
    expected = Expected(settings, traffic)
    fifth = len(traffic) // 5
    rate = (len(traffic) - fifth) / TEN_MINUTES_SECONDS
    kept = Kept(settings, tmp_path / "worker.log")
    wait_until(lambda: kept.has(lambda _: b"partition restored" in kept.worker.log.read_bytes()))
    replay(traffic[:fifth], settings, rate=rate)
    for done in (judged, stored):
        wait_until(lambda done=done: kept.has(done), seconds=300)  # type: ignore[misc]
    before_mb, before_ms = memory_mb(kept.worker), round(time.time() * 1000)
    clickhouse.kill()
    try:
        replay(traffic[fifth:], settings, rate=rate)
        for done in (judged, searched):
            wait_until(lambda done=done: kept.has(done), seconds=300)  # type: ignore[misc]
        assert alerts_on(settings) == expected.alerts
        assert not stored(settings)
        grown_mb = memory_mb(kept.worker) - before_mb
        waiting = records_left(settings, settings.worker.group + "-sink", settings.topics.rows)
    finally:
        clickhouse.start()
    finish(kept)
    assert kept.restarts == 0
    assert grown_mb < MOST_MB
    require_exact(settings, expected, stored=True)
    print(f"\n{len(traffic) - fifth} events while ClickHouse was away, {waiting} rows waiting, {grown_mb:+.0f} MB")
    taken = alert_times(settings)
    for when, some in (
        ("before", [ms for at, ms in taken if at < before_ms]),
        ("while it was away", [ms for at, ms in taken if at >= before_ms]),
    ):
        print(f"{len(some)} alerts {when}: p50 {quantile(sorted(some), 0.5)} ms, p99 {quantile(sorted(some), 0.99)} ms")


def with_one_huge(traffic: list[bytes], events: int) -> list[bytes]:
    """So many events more, of nine tenants, spread over the traffic."""
    more, out = events // len(traffic), []
    for number, record in enumerate(traffic):
        at_ms = decode_event(record).ts
        out += [msgspec.json.encode(event(more * number + each, at_ms, f"org_huge_{each}")) for each in range(more)]
        out.append(record)
    return out


def memory_mb(worker: WorkerProcess) -> float:
    """What a worker holds resident."""
    lines = Path(f"/proc/{worker.process.pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
