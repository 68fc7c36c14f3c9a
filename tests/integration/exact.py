"""The measure of every drill: nothing lost, nothing doubled, and what was found is what an undisturbed run finds."""

from collections import Counter, defaultdict
from collections.abc import Iterable

import orjson

from schemas.rows import CampaignMemberRow, decode_row
from streams.clickhouse.client import connect
from streams.settings import Settings
from streams.tail import read_topic
from tests.integration.drill import Expected, alerts_on, finding_rows_on, totals_on, windows_on, without_versions


def require_exact(
    settings: Settings, expected: Expected, *, duplicates: int = 0, dead: Iterable[bytes] = (), stored: bool = False
) -> None:
    """Fail unless the topics hold just what `expected` says, and ClickHouse too when the rows are `stored`.

    `duplicates` were sent besides what `expected` was made from, and so were the records `dead`, which must be in the dead letters
    byte for byte.
    """
    broken = sorted(dead)
    assert sorted(record.value or b"" for record in read_topic(settings, settings.topics.dead)) == broken
    applied = expected.result.events_applied
    assert totals_on(settings) == {"applied": applied, "duplicates": duplicates, "dead_letters": len(broken)}
    assert without_versions(windows_on(settings)) == without_versions(expected.windows)
    if not duplicates and not broken:
        assert windows_on(settings) == expected.windows
    assert alerts_on(settings) == expected.alerts
    assert finding_rows_on(settings) == set(expected.alerts)
    if stored:
        _require_stored(settings, expected)


def _require_stored(settings: Settings, expected: Expected) -> None:
    requests: Counter[str] = Counter()
    for row in expected.windows.values():
        requests[row.tenant] += row.requests
    assert requests_by_tenant(settings) == requests
    assert lines_stored(settings) == set(expected.alerts)
    named = {(line.uid, member.tenant) for line in expected.campaigns for member in line.members}
    assert _together(members_on(settings)) == _together(named)
    assert _together(members_stored(settings)) == _together(named)


def requests_by_tenant(settings: Settings) -> dict[str, int]:
    """What ClickHouse says each tenant sent."""
    found = _select(settings, "SELECT tenant, sum(requests) FROM tenant_windows GROUP BY tenant")
    return {str(tenant): int(str(requests)) for tenant, requests in found}


def lines_stored(settings: Settings) -> set[str]:
    """The ids of the lines of findings in ClickHouse."""
    return {str(uid) for (uid,) in _select(settings, "SELECT line_uid FROM findings")}


def members_stored(settings: Settings) -> set[tuple[str, str]]:
    """Campaigns and their members in ClickHouse."""
    found = _select(settings, "SELECT campaign_uid, tenant FROM campaign_members")
    return {(str(uid), str(tenant)) for uid, tenant in found}


def members_on(settings: Settings) -> set[tuple[str, str]]:
    """Campaigns and their members on the rows topic."""
    rows = (decode_row(record.value) for record in read_topic(settings, settings.topics.rows))
    return {(row.campaign_uid, row.member.tenant) for row in rows if isinstance(row, CampaignMemberRow)}


def sent_by_tenant(records: Iterable[bytes]) -> Counter[str]:
    """How many of the records each tenant sent."""
    return Counter(orjson.loads(record)["tenant_id"] for record in records)


def _together(named: set[tuple[str, str]]) -> set[frozenset[str]]:
    campaigns: defaultdict[str, set[str]] = defaultdict(set)
    for uid, tenant in named:
        campaigns[uid].add(tenant)
    return {frozenset(members) for members in campaigns.values()}


def _select(settings: Settings, question: str) -> list[tuple[object, ...]]:
    client = connect(settings.clickhouse)
    try:
        return [tuple(row) for row in client.query(question).result_rows]
    finally:
        client.close()
