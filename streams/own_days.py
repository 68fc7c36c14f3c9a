"""The tenant-days that a deployment calibrates itself by: from ClickHouse, or from a file of rows; and the calibration they ask for."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from models.config import Config
from models.measuring import highest_levels, unit_of
from models.own_null import TenantDay
from models.own_rates import DAY_MS, own_rates
from models.peers import PEER_GROUPS
from models.references import References
from schemas.control import Calibration
from schemas.errors import BadRecord, RefusedToStart
from schemas.rows import TenantWindow, decode_row
from streams.clickhouse.client import connect, failures
from streams.clickhouse.investigations import named
from streams.settings import CalibrationSettings, ClickHouseSettings

#: Answered from what ClickHouse knows of its partitions, without reading a row.
_NEWEST = "SELECT toUnixTimestamp64Milli(max(window_start)) FROM tenant_window_versions"


class OwnDays(Struct, frozen=True):
    """Highest levels of tenant-days, of one tenant in `every`."""

    days: list[TenantDay]
    every: int = 1


class TooLittle(RefusedToStart):
    """There is too little traffic to calibrate by; the text says how much there is."""


def days_of_clickhouse(
    clickhouse: ClickHouseSettings, settings: CalibrationSettings, references: str, until_ms: int | None = None
) -> OwnDays:
    """The complete days before `until_ms`, or before the day of the newest window; asks one question.

    Raises `RetryLater` or `RefusedToStart`.
    """
    given = {"references": references, "days": str(settings.days + 1), "tenants": str(settings.most_tenants)}
    if until_ms is not None:
        given["until"] = datetime.fromtimestamp(until_ms / 1000, UTC).isoformat()
    given["limit"] = str(settings.most_tenants * (settings.days + 1) * len(PEER_GROUPS))
    rows = named("levels").ask(clickhouse, given).rows
    days = [TenantDay(unit_of(tenant, subject), int(day), group, level) for tenant, subject, day, group, level, _ in rows]
    return OwnDays(complete(days, settings, until_ms), int(rows[0][5]) if rows else 1)


def days_of_rows(
    records: Iterable[bytes], settings: CalibrationSettings, references: str, until_ms: int | None = None
) -> OwnDays:
    """The same of a file of rows, as `backtest --rows` writes it; raises `RefusedToStart` for a line that is no row."""
    days = highest_levels(row for row in _windows(records) if row.versions.references == references)
    return OwnDays(complete(days, settings, until_ms))


def _windows(records: Iterable[bytes]) -> Iterator[TenantWindow]:
    for record in records:
        try:
            row = decode_row(record)
        except BadRecord as error:
            raise RefusedToStart(f"a line is no row of this version: {error}") from None
        if isinstance(row, TenantWindow):
            yield row


def complete(days: list[TenantDay], settings: CalibrationSettings, until_ms: int | None) -> list[TenantDay]:
    """Those of the newest complete days: without the day that is not over, or those from `until_ms` on."""
    if not days:
        return []
    newest = max(each.day for each in days)
    end = newest if until_ms is None else min(newest + 1, until_ms // DAY_MS)
    return [each for each in days if end - settings.days <= each.day < end]


def calibration_of(own: OwnDays, settings: CalibrationSettings, references: References, config: Config) -> Calibration:
    """The calibration that they ask for, at the budget of the settings; raises `TooLittle`."""
    dates, tenants = {each.day for each in own.days}, len({each.tenant for each in own.days})
    if not dates or tenants < settings.least_tenants:
        raise TooLittle(
            f"{tenants} tenants on {len(dates)} complete days are too few to calibrate by; calibration.least_tenants is "
            f"{settings.least_tenants}"
        )
    a_day = own.every * len({each[:2] for each in own.days}) / len(dates)
    share = settings.false_findings_per_tenant_day
    if settings.false_findings_per_day is not None:
        share = settings.false_findings_per_day / a_day
    made = own_rates(own.days, references, config, share=share)
    return replace(
        made,
        tenants_a_day=round(a_day, 3),
        budget_per_day=settings.false_findings_per_day,
        budget_per_tenant_day=settings.false_findings_per_tenant_day,
    )


class OwnTraffic:
    """The windows in ClickHouse as the calibrator sees them; its methods block."""

    def __init__(
        self, clickhouse: ClickHouseSettings, settings: CalibrationSettings, references: References, config: Config
    ) -> None:
        self._clickhouse, self._settings, self._references, self._config = clickhouse, settings, references, config

    @property
    def references(self) -> str:
        """The version of the tables that a calibration is for."""
        return self._references.version

    def newest_ms(self) -> int | None:
        """When the newest window began; None without one. Raises `RetryLater` or `RefusedToStart`."""
        with connect(self._clickhouse) as client, failures(self._clickhouse):
            newest = int(client.query(_NEWEST).result_rows[0][0])
        return newest if newest > 0 else None

    def calibration(self, until_ms: int) -> Calibration:
        """What the complete days before a time ask for. Raises `TooLittle`, `RetryLater` or `RefusedToStart`."""
        own = days_of_clickhouse(self._clickhouse, self._settings, self._references.version, until_ms)
        dates = len({each.day for each in own.days})
        if dates < self._settings.least_days:
            raise TooLittle(f"{dates} complete days are few; calibration.least_days is {self._settings.least_days}")
        return calibration_of(own, self._settings, self._references, self._config)
