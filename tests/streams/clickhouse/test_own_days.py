"""The tenant-days that ClickHouse tells of are those of the rows that were written."""

import msgspec
import pytest

from models.config import Config
from models.own_null import TenantDay
from models.references import References
from streams.clickhouse import RowStore
from streams.own_days import OwnTraffic, TooLittle, days_of_clickhouse
from streams.settings import CalibrationSettings, ClickHouseSettings
from tests.models.own_days import FIRST_DAY, REFERENCES, tenant_days
from tests.schemas.findings import VERSIONS
from tests.streams.clickhouse.engine import window

DAY_MS = 86_400_000
OWN = msgspec.structs.replace(VERSIONS, references=REFERENCES.version)
SETTINGS = CalibrationSettings(least_tenants=100)


def fill(store: RowStore, days: list[TenantDay]) -> None:
    rows = [
        window(
            number,
            tenant=each.tenant,
            window_start_ms=each.day * DAY_MS + hour * 3_600_000,
            level=each.level - hour,
            peer_group=each.group,
            versions=OWN,
        )
        for number, each in enumerate(days)
        for hour in (0, 5)
    ]
    store.insert(rows)


def test_highest_levels_come_back_by_tenant_day_and_group_without_evaluators_and_other_tables(
    settings: ClickHouseSettings, store: RowStore
) -> None:
    days = tenant_days(1, 120, days=4)
    fill(store, days)
    strange = {"window_start_ms": FIRST_DAY * DAY_MS, "level": 5.0}
    store.insert(
        [
            window(1, tenant="evaluator", peer_group="declared", versions=OWN, **strange),
            window(2, tenant="older", peer_group="light", versions=VERSIONS, **strange),
            window(3, tenant="silent", peer_group="", versions=OWN, **strange),
        ]
    )
    own = days_of_clickhouse(settings, SETTINGS, REFERENCES.version)
    assert own.every == 1
    assert set(own.days) == {each for each in days if each.day < FIRST_DAY + 3}
    earlier = days_of_clickhouse(settings, SETTINGS, REFERENCES.version, (FIRST_DAY + 2) * DAY_MS)
    assert {each.day for each in earlier.days} == {FIRST_DAY, FIRST_DAY + 1}


def test_of_many_tenants_some_are_taken_with_all_their_days(settings: ClickHouseSettings, store: RowStore) -> None:
    fill(store, tenant_days(1, 1000))
    own = days_of_clickhouse(settings, CalibrationSettings(most_tenants=100), REFERENCES.version)
    tenants = {each.tenant for each in own.days}
    assert own.every == 10
    assert 50 < len(tenants) < 200
    assert len(own.days) == 2 * len(tenants)


def test_the_calibration_of_a_deployment_is_the_same_from_its_tables_as_from_its_rows(
    settings: ClickHouseSettings, store: RowStore
) -> None:
    week = OwnTraffic(settings, SETTINGS, References.shipped(), Config())
    traffic = OwnTraffic(settings, SETTINGS.model_copy(update={"least_days": 3}), References.shipped(), Config())
    assert traffic.newest_ms() is None
    fill(store, tenant_days(1, 200, days=4, shift=0.5))
    assert traffic.newest_ms() == (FIRST_DAY + 3) * DAY_MS + 5 * 3_600_000
    with pytest.raises(TooLittle, match="3 complete days are few"):
        week.calibration((FIRST_DAY + 3) * DAY_MS)
    made = traffic.calibration((FIRST_DAY + 3) * DAY_MS)
    assert made.references == traffic.references
    assert (made.tenants, made.tenants_a_day) == (200, 200.0)
    assert made.groups["light"].shift > 0.1
