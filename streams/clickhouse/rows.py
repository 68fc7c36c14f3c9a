"""Rows into ClickHouse: blocks of columns that may be sent again, in any order, without a change of what is seen.

A block of 5,000 tenant windows takes 65 to 85 ms (60,000 to 75,000 rows/s into the embedded engine on the same
machine, two idle cores): 7 to 9 us of CPU a row here, of which the hash of the block is 2, and 6 to 8 us in the engine.
Blocks of 20,000 reach 90,000 rows/s.
"""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from operator import attrgetter
from threading import Lock
from typing import Any

import msgspec
from clickhouse_connect.driver.client import Client

from schemas.finding import SubStream, Template
from schemas.rows import CampaignMemberRow, FindingRow, Row, TenantWindow
from streams.clickhouse.client import connect, failures
from streams.settings import ClickHouseSettings

Column = Callable[[Any], Any]

_WINDOW: dict[str, Column] = {
    "window_start": attrgetter("window_start_ms"),
    **{
        field: attrgetter(field)
        for field in TenantWindow.__struct_fields__
        if field not in ("window_start_ms", "versions")
    },
    "code_version": attrgetter("versions.code"),
    "model_version": attrgetter("versions.model"),
    "reference_version": attrgetter("versions.references"),
    "control_version": attrgetter("versions.control"),
}


def _reasons(field: str) -> Column:
    return lambda row: [getattr(reason, field) for reason in row.finding.reasons]


def _templates(field: str) -> Column:
    return lambda row: [getattr(template, field) for template in row.finding.templates]


_NO_SUB_STREAM = SubStream(requests=0, of=0, manners=0)


def _sub_stream(field: str) -> Column:
    return lambda row: getattr(row.finding.sub_stream or _NO_SUB_STREAM, field)


_FINDING: dict[str, Column] = {
    "line_uid": attrgetter("line_uid"),
    "finding_uid": attrgetter("finding.uid"),
    **{
        field: attrgetter(f"finding.{field}")
        for field in (
            "sequence",
            "activity",
            "tenant",
            "subject",
            "severity",
            "risk",
            "confidence",
            "requests",
            "output_tokens",
            "model",
        )
    },
    "time": attrgetter("finding.time_ms"),
    "opened": attrgetter("finding.opened_ms"),
    "first_suspect": attrgetter("finding.first_suspect_ms"),
    "last_suspect": attrgetter("finding.last_suspect_ms"),
    **{
        f"reasons.{field}": _reasons(field)
        for field in (
            "detector",
            "feature",
            "unit",
            "observed",
            "own_expected",
            "peers_low",
            "peers_high",
            "p_value",
            "contribution",
            "log_odds",
            "meaning",
        )
    },
    "ended": attrgetter("finding.ended"),
    **{f"sub_stream_{field}": _sub_stream(field) for field in SubStream.__struct_fields__},
    **{f"templates.{field}": _templates(field) for field in Template.__struct_fields__},
    "code_version": attrgetter("finding.versions.code"),
    "model_version": attrgetter("finding.versions.model"),
    "reference_version": attrgetter("finding.versions.references"),
    "control_version": attrgetter("finding.versions.control"),
    "source_partition": attrgetter("source_partition"),
    "version": attrgetter("version"),
}
_CAMPAIGN_MEMBER: dict[str, Column] = {
    "campaign_uid": attrgetter("campaign_uid"),
    **{
        field: attrgetter(f"member.{field}")
        for field in ("tenant", "subject", "p_value", "requests", "output_tokens", "links")
    },
    "named": attrgetter("named_ms"),
    "first": attrgetter("member.first_ms"),
    "code_version": attrgetter("versions.code"),
    "model_version": attrgetter("versions.model"),
    "reference_version": attrgetter("versions.references"),
    "version": attrgetter("version"),
}
_TABLES: dict[type[TenantWindow] | type[FindingRow] | type[CampaignMemberRow], tuple[str, dict[str, Column]]] = {
    TenantWindow: ("tenant_window_versions", _WINDOW),
    FindingRow: ("finding_versions", _FINDING),
    CampaignMemberRow: ("campaign_member_versions", _CAMPAIGN_MEMBER),
}
MOST = 2**64 - 1
_RETENTION = "retention_days"

COLUMNS = {table: (*columns, _RETENTION) for table, columns in _TABLES.values()}
"""The tables that are written, and the columns of each."""

_SETTINGS = {
    "async_insert": 0,  # the answer comes when the block is in the table
    "insert_deduplicate": 1,
    "max_partitions_per_insert_block": 0,  # history and odd clocks: a block may span any number of months
}


class RowStore:
    """Writes rows; connects at the first insert and keeps the connection. Safe to call from several threads."""

    def __init__(self, settings: ClickHouseSettings) -> None:
        self._settings = settings
        self._connecting = Lock()
        self._client: Client | None = None

    def insert(self, rows: Sequence[Row]) -> None:
        """Write the rows, one block a table, and return when ClickHouse has accepted all of them.

        Blocks the thread. Raises `RetryLater` when ClickHouse is away or overloaded: call again with the same rows, or
        with others that hold them; `RefusedToStart` when its tables or our credentials are not right. What comes twice,
        or older after newer, changes nothing that the views show.
        """
        client = self._connected()
        for kind, (table, columns) in _TABLES.items():
            block = [row for row in rows if isinstance(row, kind)]
            if block:
                self._write(client, table, columns, block)

    def close(self) -> None:
        """Close the connection; the next insert opens another."""
        with self._connecting:
            client, self._client = self._client, None
        if client is not None:
            client.close_connections()
            client.close()

    def _connected(self) -> Client:
        with self._connecting:
            if self._client is None:
                self._client = connect(self._settings)
            return self._client

    def _write(self, client: Client, table: str, columns: dict[str, Column], block: Sequence[Row]) -> None:
        retention_days = self._settings.retention_days
        data = [_bounded(list(map(column, block))) for column in columns.values()]
        data.append([retention_days] * len(block))
        try:
            with failures(self._settings):
                context = client.create_insert_context(
                    table,
                    COLUMNS[table],
                    column_oriented=True,
                    settings={**_SETTINGS, "insert_deduplication_token": block_token(block, retention_days)},
                )
                # One block for the server too: each of several would bear the same token, and all but the first be dropped as repetitions.
                context.req_block_size = len(block)
                client.insert(data=data, context=context)
        finally:
            data.clear()  # the driver's context holds it, and itself: megabytes that only a rare full collection would free


def _bounded(values: list[Any]) -> list[Any]:
    """Absurd counts may add up to more than a column holds: the most it holds is stored, and no row waits for it."""
    if type(values[0]) is int and max(values) > MOST:
        return [min(value, MOST) for value in values]
    return values


def block_token(block: Sequence[Row], retention_days: int) -> str:
    """What names a block: a hash of all that is in it, so that only the very same block is taken for a repetition."""
    try:
        packed = msgspec.msgpack.encode(block)
    except OverflowError:  # a sum that takes more than 64 bits
        packed = msgspec.json.encode(block)
    return blake2b(packed, digest_size=16, key=str(retention_days).encode()).hexdigest()
