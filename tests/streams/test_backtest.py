"""A backtest looks neither ahead nor at the time of day."""

import msgspec
import pytest

from models.campaigns.config import CampaignConfig
from models.config import Config
from models.mind import Mind
from schemas import ocsf
from schemas.campaign import CampaignFinding
from schemas.event import Client
from schemas.finding import Finding
from schemas.rows import TenantWindow
from schemas.signal import Message, Signal
from streams.backtest import Backtest, in_order_of_time
from streams.simulation import Simulation, simulate
from tests.integration.ending import with_an_end
from tests.models.events import HOUR_MS, START_MS, event


@pytest.fixture(scope="module")
def traffic() -> list[bytes]:
    return with_an_end(list(simulate(Simulation(days=1.5, tenants=16, attackers=6, seed=9))[0]))


def run(
    records: list[bytes],
    partitions: int = 4,
    secret: bytes = b"a secret for tests",
    kinds: tuple[type[Finding | CampaignFinding], ...] = (Finding, CampaignFinding),
) -> tuple[list[bytes], Backtest]:
    alerts: list[bytes] = []

    def keep(finding: Finding | CampaignFinding) -> None:
        if isinstance(finding, kinds):
            alerts.append(ocsf.alert(finding))

    config = Config(risk_medium=0.1, risk_high=0.2, risk_critical=0.4, quiet_ms=2 * 3_600_000)
    backtest = Backtest(Mind.of(config, secret), partitions, keep)
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
    assert sorted(run(traffic, 1, kinds=(Finding,))[0]) == sorted(run(traffic, 5, kinds=(Finding,))[0])

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


def one_operator(accounts: int = 12, others: int = 60, hours: int = 10) -> list[bytes]:
    """Accounts with the same template from the same network, among people of whom each talks in a way of his own."""
    bad = [
        (f"org_bad_{at}", 150 + at, f"Solve the following task {{}} for {at}. Show every step.")
        for at in range(accounts)
    ]
    good = [(f"org_good_{at}", 20 + at % 7, f"hello {{}} from {at} again, old friend {at}") for at in range(others)]
    records: list[tuple[int, bytes]] = []
    for tenant, requests, said in bad + good:
        for number in range(requests):
            at_ms = START_MS + number * (hours * HOUR_MS // requests) + len(records) % 1000
            address = f"192.0.2.{number % 9}" if tenant.startswith("org_bad") else f"198.51.{at_ms % 200}.7"
            one = msgspec.structs.replace(event(number, at_ms, tenant, said.format(number)), client=Client(ip=address))
            records.append((at_ms, msgspec.json.encode(one)))
    return [record for _, record in sorted(records)]


def campaigns(
    records: list[bytes], secret: bytes = b"a secret for tests", config: CampaignConfig | None = None
) -> list[CampaignFinding]:
    """The lines of campaigns, with the judgement of each tenant played: only the operator's accounts are odd."""
    lines: list[CampaignFinding] = []
    backtest = Backtest(
        Mind.of(Config(), secret),
        4,
        lambda line: lines.append(line) if isinstance(line, CampaignFinding) else None,
        config,
    )
    take = backtest._correlator.take

    def played(message: Message) -> None:
        if isinstance(message, Signal):
            odd = message.tenant.startswith("org_bad")
            p_value = 0.02 if odd else (1 + int(message.tenant.rpartition("_")[2])) / 60
            message = msgspec.structs.replace(message, p_value=p_value)
        take(message)

    backtest._correlator.take = played  # type: ignore[method-assign]
    for record in records:
        backtest.feed(record)
    return lines


def test_campaigns_are_searched_for_as_the_settings_say() -> None:
    assert not campaigns(one_operator(), config=CampaignConfig(least=13))


def test_one_operators_accounts_are_one_campaign_whatever_the_secret_and_nothing_is_said_ahead() -> None:
    records = one_operator()
    whole = campaigns(records)
    assert {line.uid for line in whole} == {whole[0].uid}
    named = [member.tenant for line in whole for member in line.members]
    assert sorted(named) == sorted(f"org_bad_{at}" for at in range(12))
    assert campaigns(records, b"another secret for tests") == whole
    for share in (0.3, 0.6, 0.9):
        part = campaigns(records[: round(share * len(records))])
        assert part == whole[: len(part)]


@pytest.mark.parametrize("broken", [1, 7])
def test_a_partition_that_begins_with_records_of_the_year_2100_names_the_same_campaign(broken: int) -> None:
    first = [msgspec.json.encode(event(number, 4_102_444_800_000, "org_ahead")) for number in range(broken)]
    whole = campaigns([*first, *one_operator()])
    assert {member.tenant for line in whole for member in line.members} == {f"org_bad_{at}" for at in range(12)}
