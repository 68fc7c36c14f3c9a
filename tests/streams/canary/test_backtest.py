"""A backtest over records that hold canaries: left out with the secret, tenants without it, and nobody else's matter."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from models.canary_key import CanaryKey
from schemas.codec import decode_event
from streams.canary.burst import EVENTS, burst, name_of
from streams.cli import app
from streams.simulation import Simulation, simulate

SECRET = "a secret for tests, long enough to be taken"  # noqa: S105 - it protects nothing


@pytest.fixture(scope="module")
def traffic() -> list[bytes]:
    return list(simulate(Simulation(days=1, tenants=8, attackers=4, seed=9))[0])


def judged(folder: Path, records: list[bytes], *words: str) -> tuple[dict[str, int], list[bytes]]:
    """The totals and the alerts of the command."""
    events, findings = folder / "events.jsonl", folder / "findings.jsonl"
    events.write_bytes(b"\n".join(records))
    arguments = ["backtest", str(events), "--findings", str(findings), "--partitions", "4", "--json", *words]
    done = CliRunner().invoke(app, arguments, env={"DISTILLWATCH_WORKER__SECRET": SECRET}, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return orjson.loads(done.output.splitlines()[-1]), findings.read_bytes().splitlines()


def test_canaries_in_a_file_change_nobody_elses_findings_and_are_left_out_when_the_secret_is_asked_for(
    traffic: list[bytes], tmp_path: Path
) -> None:
    among, key = list(traffic), CanaryKey(SECRET.encode())
    for partition in range(4):
        at = len(among) * (partition + 1) // 5
        among[at:at] = burst(name_of(partition, 4, decode_event(among[at]).ts + 3_600_000), key)
    totals, alerts = judged(tmp_path, traffic)
    assert len(alerts) > 3
    with_secret, left = judged(tmp_path, among, "--without-canaries")
    assert left == alerts
    assert with_secret == totals | {"canary_events": 4 * EVENTS}
    without_secret, all_alerts = judged(tmp_path, among)
    assert without_secret["events_in"] == len(among)
    others = [
        alert for alert in all_alerts if not orjson.loads(alert)["metadata"].get("tenant_uid", "").startswith("canary.")
    ]
    assert len(all_alerts) - len(others) > 0
    assert sorted(others) == sorted(alerts)
