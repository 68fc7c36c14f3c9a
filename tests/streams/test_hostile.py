"""One tenant's rubbish: no exception, no record lost, and not a byte of anybody else's findings changed."""

import json
import tracemalloc
from collections import defaultdict

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from models.config import Config
from models.mind import Mind
from schemas import ocsf
from schemas.campaign import CampaignFinding
from schemas.codec import MAX_RECORD_BYTES, read_event
from schemas.errors import BadRecord
from schemas.event import Event, Usage
from schemas.finding import Finding
from streams.backtest import Backtest
from streams.simulation import Simulation, simulate
from tests.fuzz.judging import check
from tests.fuzz.records import LEAST, RECORDS, record
from tests.integration.ending import with_an_end
from tests.models.events import START_MS, event

CONFIG = Config(risk_medium=0.02, risk_high=0.2, risk_critical=0.4, quiet_ms=2 * 3_600_000)
QUICK = settings(
    derandomize=True, phases=(Phase.explicit, Phase.generate), max_examples=60, suppress_health_check=list(HealthCheck)
)
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def ground() -> Mind:
    return Mind.of(CONFIG, b"a secret for tests")


@pytest.fixture(scope="module")
def traffic() -> list[bytes]:
    return with_an_end(list(simulate(Simulation(days=0.3, tenants=2, attackers=2, seed=7))[0]))


class Run:
    """A backtest of records on one partition: lines by tenant, windows, totals."""

    def __init__(self, ground: Mind, records: list[bytes]) -> None:
        self.lines: defaultdict[str, list[bytes]] = defaultdict(list)
        backtest = Backtest(ground, 1, self._take)
        for one in records:
            backtest.feed(one)
        rows = backtest.rows()
        self.windows = {(row.tenant, row.window_start_ms): msgspec.structs.replace(row, version=0) for row in rows}
        self.result = backtest.result(len(rows))

    def _take(self, finding: Finding | CampaignFinding) -> None:
        if isinstance(finding, Finding):
            self.lines[finding.tenant].append(ocsf.alert(finding))


def enormous() -> dict[str, bytes]:
    """Records that try time and memory, by what they are."""
    least = json.dumps(LEAST).encode()[:-1]
    return {
        "ten megabytes": b"x" * 10 * MEGABYTE,
        "ten megabytes of prompt": record({"prompt": "x" * 10 * MEGABYTE}),
        "a tenant id of a megabyte": record({"tenant_id": "t" * MEGABYTE}),
        "ten thousand levels": b"[" * 10_000 + b"]" * 10_000,
        "ten thousand levels in a field that is not read": least + b',"extra":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        "a hundred thousand objects": b'{"a":' * 100_000,
        "a million opening brackets": b"[" * MEGABYTE,
        "a whole number of a million digits": least + b',"params":{"seed":' + b"9" * MEGABYTE + b"}}",
        "a fraction of a million digits": least + b',"params":{"top_p":0.' + b"9" * MEGABYTE + b"}}",
        "one field sixty thousand times": least + b',"tenant_id":"t"' * 60_000 + b"}",
        "eighty thousand fields": least + b"".join(b',"k%d":0' % number for number in range(80_000)) + b"}",
        "a million escapes": least + b',"prompt":"' + rb"\n" * 500_000 + b'"}',
    }


@pytest.mark.parametrize("name", enormous())
def test_an_enormous_record_is_read_or_refused_in_little_memory(name: str) -> None:
    raw = enormous()[name]
    tracemalloc.start()
    try:
        outcome = read_event(raw)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(outcome, Event | BadRecord)
    assert peak < 4 * MAX_RECORD_BYTES


@given(st.lists(RECORDS, min_size=1, max_size=60))
@QUICK
def test_whatever_the_records_are_each_has_one_fate_and_all_that_comes_of_them_can_be_written(
    ground: Mind, records: list[bytes]
) -> None:
    check(records, ground)


@pytest.mark.parametrize("place", [1, 9, 17, 20, 24, 60])
def test_one_record_from_the_year_2100_changes_nothing_of_a_tenant_that_was_alone_so_far(
    ground: Mind, traffic: list[bytes], undisturbed: Run, place: int
) -> None:
    late = record({"ts": 4_102_444_800_000, "tenant_id": "hostile", "event_id": "late"})
    disturbed = Run(ground, [*traffic[:place], late, *traffic[place:]])
    assert {tenant: disturbed.lines[tenant] for tenant in undisturbed.lines} == undisturbed.lines
    assert {key: disturbed.windows[key] for key in undisturbed.windows} == undisturbed.windows


# The clock of a partition is a median: what holds, holds while most of its records are of no broken clock.
@given(bad=st.dictionaries(st.integers(1, 1500), RECORDS, min_size=20, max_size=120))
@settings(QUICK, max_examples=8)
def test_one_bad_tenant_changes_nothing_of_the_others(
    ground: Mind, traffic: list[bytes], undisturbed: Run, bad: dict[int, bytes]
) -> None:
    mixed = [one for place, good in enumerate(traffic) for one in (*([bad[place]] if place in bad else []), good)]
    disturbed = Run(ground, mixed)
    result = disturbed.result
    assert result.events_in == len(mixed) == result.events_applied + result.duplicates + result.dead_letters
    assert {tenant: disturbed.lines[tenant] for tenant in undisturbed.lines} == undisturbed.lines
    assert {key: disturbed.windows[key] for key in undisturbed.windows} == undisturbed.windows


@pytest.fixture(scope="module")
def undisturbed(ground: Mind, traffic: list[bytes]) -> Run:
    run = Run(ground, traffic)
    assert len(run.lines) > 1
    return run


def test_the_most_tokens_there_can_be_in_ten_thousand_requests_can_be_kept(ground: Mind) -> None:
    most = Usage(*[2**32 - 1] * 4)
    requests = [msgspec.structs.replace(event(number, START_MS + number), usage=most) for number in range(10_000)]
    judge = check([msgspec.json.encode(one) for one in requests], ground)
    assert judge.totals.applied == 10_000
