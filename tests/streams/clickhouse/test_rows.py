"""What is written is what is seen, however often and in whatever order it is sent."""

import gc
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import msgspec
import pytest

from schemas.campaign import Member
from schemas.finding import Finding, Reason, SubStream, Template
from schemas.rows import CampaignMemberRow, FindingRow, TenantWindow
from streams.clickhouse import RowStore, connect, migrate
from streams.clickhouse.rows import COLUMNS, block_token
from streams.settings import ClickHouseSettings
from tests.schemas.findings import ADOPTED_LINE, CREATED, SUB_STREAM, UPDATED
from tests.streams.clickhouse.engine import (
    FINDINGS,
    START_MS,
    EngineProcess,
    finding_row,
    member_row,
    number,
    select,
    window,
)

TENANTS = (
    "SELECT tenant, sum(requests) AS requests, count() AS windows FROM tenant_windows GROUP BY tenant ORDER BY tenant"
)


def moment(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms // 1000, UTC).replace(microsecond=epoch_ms % 1000 * 1000)


def test_every_field_of_a_window_comes_back(settings: ClickHouseSettings, store: RowStore) -> None:
    row = window(
        3, window_start_ms=START_MS + 7, subject="account:1", scores={"volume": 1e-9, "rhythm": 0.5}, suspect=True
    )
    store.insert([row])
    (seen,) = select(settings, "SELECT * FROM tenant_windows")
    expected = msgspec.structs.asdict(row) | {"window_start": moment(row.window_start_ms)}
    del expected["window_start_ms"], expected["versions"]
    expected |= {"code_version": "0.1.0", "model_version": "1", "reference_version": "1", "control_version": 0}
    assert seen.pop("inserted_at")
    assert seen == expected


def test_every_field_of_a_finding_comes_back(settings: ClickHouseSettings, store: RowStore) -> None:
    store.insert([finding_row(UPDATED, 77)])
    (seen,) = select(settings, "SELECT * FROM findings")
    assert seen.pop("ended") == ""
    expected = {"line_uid": UPDATED.line_uid, "source_partition": 2, "version": 77}
    for field in ("sequence", "tenant", "subject", "risk", "confidence", "requests", "output_tokens", "model"):
        expected[field] = getattr(UPDATED, field)
    for field in ("time", "opened", "first_suspect", "last_suspect"):
        expected[field] = moment(getattr(UPDATED, f"{field}_ms"))
    for field in Reason.__struct_fields__:
        expected[f"reasons.{field}"] = [getattr(reason, field) for reason in UPDATED.reasons]
    for field in Template.__struct_fields__:
        expected[f"templates.{field}"] = [getattr(template, field) for template in UPDATED.templates]
    expected |= {f"sub_stream_{field}": value for field, value in msgspec.structs.asdict(SUB_STREAM).items()}
    expected |= {"finding_uid": UPDATED.uid, "activity": "Update", "severity": "Critical"}
    expected |= {"code_version": "0.1.0", "model_version": "1", "reference_version": "1", "control_version": 0}
    assert seen.pop("inserted_at")
    assert seen == expected


def test_the_reason_of_a_close_comes_back_with_the_finding(settings: ClickHouseSettings, store: RowStore) -> None:
    store.insert([finding_row(UPDATED, 77), finding_row(ADOPTED_LINE, 78)])
    (latest,) = select(settings, "SELECT ended, is_open FROM finding_latest")
    assert latest == {"ended": "adopted", "is_open": False}


def test_the_columns_are_those_of_the_structs() -> None:
    """A new field must be stored too: this fails until it has a column."""
    versions = {"code_version", "model_version", "reference_version", "control_version", "retention_days"}
    fields = {name.removesuffix("_ms") if name != "window_ms" else name for name in TenantWindow.__struct_fields__}
    assert set(COLUMNS["tenant_window_versions"]) == fields - {"versions"} | versions
    fields = {name.removesuffix("_ms") for name in Finding.__struct_fields__} - {"versions", "reasons", "uid"}
    fields -= {"sub_stream", "templates"}
    fields |= {*FindingRow.__struct_fields__, "finding_uid"} - {"finding"}
    fields |= {f"reasons.{name}" for name in Reason.__struct_fields__}
    fields |= {f"templates.{name}" for name in Template.__struct_fields__}
    fields |= {f"sub_stream_{name}" for name in SubStream.__struct_fields__}
    assert set(COLUMNS["finding_versions"]) == fields | versions
    fields = {*CampaignMemberRow.__struct_fields__, *Member.__struct_fields__} - {"member", "versions"}
    names = {name.removesuffix("_ms") for name in fields} | versions - {"control_version"}  # no campaign rests on one
    assert set(COLUMNS["campaign_member_versions"]) == names


def test_every_field_of_a_campaigns_member_comes_back_once(settings: ClickHouseSettings, store: RowStore) -> None:
    row = member_row("campaign_a", 5)
    store.insert([row, member_row("campaign_a", 6)])
    store.insert([row])
    seen, _ = select(settings, "SELECT * FROM campaign_members ORDER BY tenant")
    expected = msgspec.structs.asdict(row.member) | {"campaign_uid": "campaign_a", "version": 5}
    expected |= {"named": moment(row.named_ms), "first": moment(row.member.first_ms), "links": list(row.member.links)}
    expected |= {"code_version": "0.1.0", "model_version": "1", "reference_version": "1"}
    del expected["first_ms"]
    assert seen.pop("inserted_at")
    assert seen == expected


def test_a_finding_is_found_by_a_feature_of_its_reasons(settings: ClickHouseSettings, store: RowStore) -> None:
    store.insert(FINDINGS)
    assert number(settings, "SELECT count() FROM findings WHERE has(reasons.feature, 'logprob_share')") == 2
    assert number(settings, "SELECT count() FROM findings WHERE has(reasons.feature, 'nonsense')") == 0
    assert number(settings, "SELECT count() FROM findings WHERE severity >= 'High'") == 2


def test_the_latest_line_of_a_finding_says_whether_it_is_open(settings: ClickHouseSettings, store: RowStore) -> None:
    store.insert(FINDINGS[:2])
    assert select(settings, "SELECT is_open, sequence FROM finding_latest") == [{"is_open": True, "sequence": 1}]
    store.insert(FINDINGS[2:])
    assert select(settings, "SELECT is_open, sequence FROM finding_latest") == [{"is_open": False, "sequence": 2}]


def test_the_same_rows_twice_change_nothing(settings: ClickHouseSettings, store: RowStore) -> None:
    rows = [window(i) for i in range(100)]
    store.insert([*rows, *FINDINGS])
    before = select(settings, TENANTS)
    store.insert([*rows, *FINDINGS])
    store.insert([*rows[30:], *FINDINGS[1:]])
    store.insert(rows[::-1])
    assert select(settings, TENANTS) == before
    assert number(settings, "SELECT count() FROM findings") == 3


def test_the_same_block_again_is_not_even_stored(settings: ClickHouseSettings, store: RowStore) -> None:
    rows = [window(i) for i in range(10)]
    for _ in range(3):
        store.insert(rows)
        RowStore(settings).insert(rows)
    assert number(settings, "SELECT count() FROM tenant_window_versions") == 10


@pytest.mark.parametrize("rows", [20_000, 100_000])
def test_a_block_of_more_rows_than_the_client_would_send_together_is_stored_whole(
    settings: ClickHouseSettings, store: RowStore, rows: int
) -> None:
    block = [window(1, tenant=f"org_{at}") for at in range(rows)]
    store.insert(block)
    store.insert(block)
    (found,) = select(settings, "SELECT count() AS rows, uniqExact(tenant) AS tenants FROM tenant_window_versions")
    assert found == {"rows": rows, "tenants": rows}


def test_a_block_of_long_findings_is_stored_whole(settings: ClickHouseSettings, store: RowStore) -> None:
    long = "what a feature means, at length; " * 3000
    reasons = tuple(msgspec.structs.replace(one, meaning=long) for one in UPDATED.reasons)
    lines = [msgspec.structs.replace(UPDATED, uid=f"finding_{at}", reasons=reasons) for at in range(500)]
    store.insert([finding_row(line, at) for at, line in enumerate(lines)])
    assert number(settings, "SELECT count() FROM findings") == len(lines)


def test_what_is_stored_is_not_kept_in_memory_until_the_collector_comes(store: RowStore) -> None:
    tenant = f"org_{id(store)}"
    block = [window(1, tenant=tenant)]
    gc.disable()
    try:
        before = sys.getrefcount(tenant)
        store.insert(block)
        assert sys.getrefcount(tenant) == before
    finally:
        gc.enable()


def test_an_older_version_after_a_newer_one_changes_nothing(settings: ClickHouseSettings, store: RowStore) -> None:
    store.insert([window(1, version=20, requests=200)])
    store.insert([window(1, version=10, requests=100)])
    assert number(settings, "SELECT requests FROM tenant_windows") == 200
    with connect(settings) as client:
        client.command("OPTIMIZE TABLE tenant_window_versions FINAL")
    assert number(settings, "SELECT requests FROM tenant_windows") == 200
    assert number(settings, "SELECT count() FROM tenant_window_versions") == 1


def test_versions_of_a_key_in_one_block_end_as_the_newest(settings: ClickHouseSettings, store: RowStore) -> None:
    store.insert([window(1, version=v, requests=v) for v in (5, 9, 7)])
    assert number(settings, "SELECT sum(requests) FROM tenant_windows") == 9


def test_source_partitions_of_a_tenant_are_added_up(settings: ClickHouseSettings, store: RowStore) -> None:
    store.insert([window(1, source_partition=p, requests=10) for p in (0, 1)])
    assert number(settings, "SELECT sum(requests) FROM tenant_windows") == 20


def test_a_block_may_span_centuries_of_windows(settings: ClickHouseSettings, store: RowStore) -> None:
    """One customer's odd clocks must not stop everybody's rows."""
    month_ms = 31 * 24 * 3_600_000
    ends = [window(0, window_start_ms=0), window(1, window_start_ms=253_402_300_799_999)]
    store.insert([*(window(i, window_start_ms=i * month_ms) for i in range(1, 200)), *ends])
    assert number(settings, "SELECT count() FROM tenant_windows") == 201


def test_names_are_only_names(settings: ClickHouseSettings, store: RowStore) -> None:
    names = ["'; DROP TABLE tenant_window_versions; --", "\\", "\t\n\x00", "{tenant:String}", "日本 🦊", "`"]
    store.insert([window(0, tenant=name) for name in names])
    for name in names:
        seen = select(settings, "SELECT tenant FROM tenant_windows WHERE tenant = {name:String}", name=name)
        assert seen == [{"tenant": name}]


def test_a_sum_that_no_column_holds_is_stored_as_the_most_it_holds(
    settings: ClickHouseSettings, store: RowStore
) -> None:
    store.insert([window(0, input_tokens=2**70), window(1, input_tokens=5)])
    assert select(settings, "SELECT input_tokens FROM tenant_windows ORDER BY input_tokens") == [
        {"input_tokens": 5},
        {"input_tokens": 2**64 - 1},
    ]


def test_nothing_to_insert_is_nothing_to_do(store: RowStore) -> None:
    store.insert([])


def test_two_writers_at_once_lose_nothing(settings: ClickHouseSettings) -> None:
    stores = [RowStore(settings), RowStore(settings)]
    blocks = [[window(i, tenant=f"org_{b}", window_start_ms=START_MS + i) for i in range(200)] for b in range(16)]
    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(stores[b % 2].insert, block) for b, block in enumerate(blocks)]:
            done.result()
    assert number(settings, "SELECT count() FROM tenant_windows") == 16 * 200


def test_an_acknowledged_block_survives_a_kill(own_engine: EngineProcess) -> None:
    settings = own_engine.settings("killed")
    own_engine.start()
    migrate(settings)
    store = RowStore(settings)
    for kill in range(3):
        store.insert([window(i, tenant=f"org_{kill}") for i in range(500)])
        own_engine.kill()
        own_engine.start()
        windows = {(i // 7, i % 3) for i in range(500)}
        assert number(settings, "SELECT count() FROM tenant_windows") == (kill + 1) * len(windows)


def test_rows_go_when_their_days_are_over_and_not_before(settings: ClickHouseSettings) -> None:
    short = settings.model_copy(update={"retention_days": 1})
    RowStore(short).insert([window(1), finding_row(CREATED), member_row("campaign_a", 1)])
    RowStore(settings).insert([window(2), finding_row(UPDATED), member_row("campaign_a", 2)])
    for table, kept in (
        ("tenant_window_versions", "version"),
        ("finding_versions", "sequence"),
        ("campaign_member_versions", "version"),
    ):
        before = select(settings, f"SELECT retention_days AS days FROM {table} ORDER BY days")  # noqa: S608 - a fixed name
        assert before == [{"days": 1}, {"days": 90}]
        with connect(settings, answer_seconds=30) as client:
            wait = {"mutations_sync": "2"}
            client.command(f"ALTER TABLE {table} UPDATE inserted_at = now() - INTERVAL 2 DAY WHERE true", settings=wait)
            client.command(f"OPTIMIZE TABLE {table} FINAL")
        after = select(settings, f"SELECT retention_days AS days, {kept} FROM {table}")  # noqa: S608 - a fixed name
        assert [row["days"] for row in after] == [90]


OTHERS: list[Callable[[list[TenantWindow]], list[TenantWindow]]] = [
    lambda rows: rows[::-1],
    lambda rows: rows[:-1],
    lambda rows: [*rows[:-1], msgspec.structs.replace(rows[-1], risk=0.123)],
    lambda rows: [*rows[:-1], msgspec.structs.replace(rows[-1], version=1)],
]


@pytest.mark.parametrize("other", OTHERS)
def test_a_token_names_one_content_only(other: Callable[[list[TenantWindow]], list[TenantWindow]]) -> None:
    rows = [window(i) for i in range(5)]
    assert block_token(rows, 90) == block_token([window(i) for i in range(5)], 90)
    assert block_token(other(rows), 90) != block_token(rows, 90)
    assert block_token(rows, 30) != block_token(rows, 90)
