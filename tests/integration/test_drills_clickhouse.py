"""Drills: ClickHouse is away, slow, overloaded, cut off in the middle of an insert, or says no."""

from pathlib import Path

import pytest

from streams.clickhouse.migrations import migrate
from streams.local.clickhouse import LocalClickHouse
from streams.replay import replay
from streams.settings import Settings
from tests.conftest import MakeSettings
from tests.integration.drill import Expected, Kept, alerts_on, judged, pass_time, searched, stored, wait_until
from tests.integration.exact import require_exact
from tests.integration.proxy import Trouble, proxy_to
from tests.integration.test_campaigns import hydra
from tests.integration.test_drills_kills import RESTARTING, finish
from tests.integration.test_faults import EAGER

pytestmark = pytest.mark.drill

#: Small blocks, so that a fault meets many of them.
BLOCKS = {"batch_rows": 50, "batch_seconds": 0.1}


def behind(settings: Settings, port: int) -> Settings:
    """The same settings with ClickHouse at another port."""
    return settings.model_copy(update={"clickhouse": settings.clickhouse.model_copy(update={"port": port})})


def test_clickhouse_away_for_a_minute_delays_rows_and_no_alert(
    make_settings: MakeSettings, clickhouse: LocalClickHouse, tmp_path: Path
) -> None:
    settings, traffic = make_settings(worker=RESTARTING, judgement=EAGER, clickhouse=BLOCKS), hydra()
    migrate(settings.clickhouse)
    expected = Expected(settings, traffic)
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
    make_settings: MakeSettings, clickhouse: LocalClickHouse, tmp_path: Path
) -> None:
    settings, traffic = make_settings(worker=RESTARTING, judgement=EAGER, clickhouse=BLOCKS), hydra()
    migrate(settings.clickhouse)
    expected = Expected(settings, traffic)
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
    make_settings: MakeSettings, clickhouse: LocalClickHouse, tmp_path: Path
) -> None:
    settings, traffic = make_settings(worker=RESTARTING, judgement=EAGER, clickhouse=BLOCKS), hydra()
    migrate(settings.clickhouse)
    expected = Expected(settings, traffic)
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
