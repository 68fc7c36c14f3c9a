"""A backtest looks neither ahead nor at the time of day."""

import pytest

from models.config import Config
from models.mind import Mind
from schemas import ocsf
from schemas.rows import TenantWindow
from streams.backtest import Backtest, in_order_of_time
from streams.simulation import Simulation, simulate
from tests.integration.ending import with_an_end


@pytest.fixture(scope="module")
def traffic() -> list[bytes]:
    return with_an_end(list(simulate(Simulation(days=1.5, tenants=16, attackers=6, seed=9))[0]))


def run(records: list[bytes], partitions: int = 4) -> tuple[list[bytes], Backtest]:
    alerts: list[bytes] = []
    config = Config(risk_medium=0.1, risk_high=0.2, risk_critical=0.4, quiet_ms=2 * 3_600_000)
    backtest = Backtest(
        Mind.of(config, b"a secret for tests"), partitions, lambda finding: alerts.append(ocsf.alert(finding))
    )
    for record in records:
        backtest.feed(record)
    return alerts, backtest


def test_the_findings_of_the_first_part_are_the_first_part_of_the_findings(traffic: list[bytes]) -> None:
    whole, _ = run(traffic)
    assert len(whole) > 10
    for share in (0.3, 0.5, 0.8):
        part, _ = run(traffic[: round(share * len(traffic))])
        assert part == whole[: len(part)]
        assert len(part) < len(whole)


def test_two_runs_give_the_same_bytes(traffic: list[bytes]) -> None:
    assert run(traffic)[0] == run(traffic)[0]


def test_the_number_of_partitions_changes_no_finding_and_no_tenants_rows(traffic: list[bytes]) -> None:
    assert sorted(run(traffic, 1)[0]) == sorted(run(traffic, 5)[0])

    def rows(partitions: int) -> dict[tuple[str, int], tuple[int, float, dict[str, float]]]:
        return {(row.tenant, row.window_start_ms): _judged(row) for row in run(traffic, partitions)[1].rows()}

    assert rows(1) == rows(5)


def _judged(row: TenantWindow) -> tuple[int, float, dict[str, float]]:
    return row.requests, row.risk, row.scores


def test_every_record_is_accounted_for(traffic: list[bytes]) -> None:
    mixed = [*traffic[:500], b"{", *traffic[:500], b"[]"]
    result = run(mixed)[1].result(0)
    assert result.events_in == result.events_applied + result.duplicates + result.dead_letters == len(mixed)
    assert result.dead_letters == 2


def test_sorting_by_time_puts_what_is_no_event_first(traffic: list[bytes]) -> None:
    assert in_order_of_time([*reversed(traffic[:200]), b"{"])[0] == b"{"
    assert run(in_order_of_time(list(reversed(traffic))))[1].result(0).late_events == 0
