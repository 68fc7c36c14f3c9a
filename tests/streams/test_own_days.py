"""The tenant-days of a file of rows, and the calibration that they ask for."""

import msgspec
import pytest

from models.config import Config
from models.own_null import TenantDay
from models.references import References
from schemas.errors import RefusedToStart
from schemas.rows import encode_row
from schemas.versions import Versions
from streams.own_days import OwnDays, TooLittle, calibration_of, complete, days_of_rows
from streams.settings import CalibrationSettings
from tests.models.own_days import FIRST_DAY, tenant_days
from tests.schemas.test_rows import WINDOW

DAY_MS, HOUR_MS = 86_400_000, 3_600_000
SETTINGS = CalibrationSettings(least_tenants=50)
REFERENCES, CONFIG = References.shipped(), Config()


def row(day: int, hour: int = 0, references: str = "r", **changed: object) -> bytes:
    fields = {"window_start_ms": day * DAY_MS + hour * HOUR_MS, "peer_group": "light", "versions": Versions("c", "m", references)}
    return encode_row(msgspec.structs.replace(WINDOW, **(fields | changed)))


def test_a_tenant_day_is_the_highest_level_of_its_windows_in_a_group() -> None:
    lines = [row(10, 1, level=-1.0), row(10, 5, level=2.0), row(10, 7, level=3.0, peer_group="varied"), row(11)]
    own = days_of_rows(lines, SETTINGS, "r")
    tenant = WINDOW.tenant
    assert {(each.day, each.group): each.level for each in own.days} == {(10, "light"): 2.0, (10, "varied"): 3.0}
    assert {each.tenant for each in own.days} == {f"{tenant}\x00{WINDOW.subject}" if WINDOW.subject else tenant}


def test_evaluators_windows_without_a_fold_and_those_judged_by_other_tables_do_not_count() -> None:
    lines = [row(10, peer_group="declared"), row(10, peer_group=""), row(10, references="older"), row(11)]
    assert days_of_rows(lines, SETTINGS, "r").days == []
    with pytest.raises(RefusedToStart, match="no row"):
        days_of_rows([b"{}"], SETTINGS, "r")


def test_the_day_that_is_not_over_does_not_count_and_neither_do_those_long_ago() -> None:
    days = [TenantDay("a", day, "light", 0.0) for day in range(30)]
    assert [each.day for each in complete(days, SETTINGS, None)] == list(range(15, 29))
    assert [each.day for each in complete(days, SETTINGS, 10 * DAY_MS + 5)] == list(range(10))
    assert complete([], SETTINGS, None) == []


def test_too_few_tenants_are_no_calibration() -> None:
    for days in (tenant_days(1, 40), []):
        with pytest.raises(TooLittle, match="too few to calibrate by"):
            calibration_of(OwnDays(days), SETTINGS, REFERENCES, CONFIG)


def test_a_budget_a_day_is_shared_by_the_tenants_active_a_day_in_the_whole_deployment() -> None:
    own = OwnDays(tenant_days(1, 200), every=10)  # one tenant in ten was looked at
    daily = CalibrationSettings(false_findings_per_day=10.0)
    share = CalibrationSettings(false_findings_per_tenant_day=0.005)
    made, same = (calibration_of(own, each, REFERENCES, CONFIG) for each in (daily, share))
    assert made.tenants_a_day == 2000
    assert made.factor == same.factor == pytest.approx(0.005 / 0.0025, rel=1e-4)
    assert (made.budget_per_day, same.budget_per_tenant_day) == (10.0, 0.005)
    assert made.first_ms == FIRST_DAY * DAY_MS
