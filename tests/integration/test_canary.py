"""The canary over the whole line: found, told apart from everything, and missed when detection is blind."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from models.canary_key import CanaryKey
from schemas.codec import decode_event
from schemas.finding import Activity
from streams.canary.burst import burst, name_of
from streams.cli import app
from streams.replay import replay as send
from streams.settings import Settings
from streams.tail import read_topic
from tests.conftest import MakeSettings
from tests.integration.drill import (
    Expected,
    WorkerProcess,
    alerts_on,
    environment,
    judged,
    totals_on,
    wait_until,
    windows_on,
    without_versions,
)

PARTITIONS = 2


class CanaryProcess(WorkerProcess):
    """`distillwatch canary` as a process of its own."""

    command = "canary"


def about(settings: Settings, kind: str) -> list[dict[str, object]]:
    """The alerts of this type, in the order of each partition of the topic."""
    alerts = (orjson.loads(record.value) for record in read_topic(settings, settings.topics.alerts))
    return [alert for alert in alerts if kind in alert["finding_info"]["types"]]


def newest_alarms(settings: Settings) -> dict[int, Activity]:
    """What the newest line of the alarm of each partition does."""
    return {alarm["unmapped"]["partition"]: Activity(alarm["activity_id"]) for alarm in about(settings, "Health")}  # type: ignore[index,arg-type]


def forged(sent_ms: int) -> list[bytes]:
    """A harvest under a canary's name, by somebody who does not have the secret."""
    return burst(name_of(0, PARTITIONS, sent_ms), CanaryKey(b"a guess of somebody outside"))


@pytest.fixture
def settings(make_settings: MakeSettings) -> Settings:
    """A line whose canaries come every two seconds, missed after six."""
    return make_settings(
        topics={"partitions": PARTITIONS},
        worker={"checkpoint_seconds": 1.0, "session_timeout_seconds": 6.0, "instance": "drill"},
        canary={"period_seconds": 2.0, "most_periods": 3.0},
    )


def test_canaries_are_found_and_change_nothing_else_and_a_forged_one_is_a_tenant(
    settings: Settings, traffic: list[bytes], tmp_path: Path
) -> None:
    records = traffic[:6000]
    first = decode_event(records[0])
    records[3000:3000] = forged(first.ts)
    send(records[:3500], settings)
    worker = WorkerProcess(settings, tmp_path / "worker.log", "--role", "judge")
    done = CliRunner().invoke(app, ["canary", "--once", "--wait", "100"], env=environment(settings))
    assert done.exit_code == 0, done.output + worker.text()[-4000:]
    assert [line.split(":")[0] for line in done.output.splitlines()] == ["partition 0", "partition 1"]
    send(records[3500:], settings)
    wait_until(lambda: judged(settings), worker)
    assert worker.stop() == 0, worker.text()[-4000:]
    expected = Expected(settings, records)
    canaries = about(settings, "Canary")
    assert {alert["severity"] for alert in canaries} == {"Informational"}
    assert {alert["unmapped"]["partition"] for alert in canaries} == {0, 1}  # type: ignore[index]
    told_apart = {alert["metadata"]["uid"] for alert in canaries}  # type: ignore[index]
    alerts = {uid: alert for uid, alert in alerts_on(settings).items() if uid not in told_apart}
    assert alerts == expected.alerts
    assert name_of(0, PARTITIONS, first.ts).tenant in {
        orjson.loads(alert)["metadata"]["tenant_uid"] for alert in alerts.values()
    }
    assert without_versions(windows_on(settings)) == without_versions(expected.windows)
    assert totals_on(settings) == {
        "applied": expected.result.events_applied,
        "duplicates": expected.result.duplicates,
        "dead_letters": expected.result.dead_letters,
    }


def test_a_judge_that_stands_still_is_an_alarm_that_its_return_closes(settings: Settings, tmp_path: Path) -> None:
    worker = WorkerProcess(settings, tmp_path / "worker.log", "--role", "judge")
    canary = CanaryProcess(settings, tmp_path / "canary.log")
    wait_until(lambda: {alert["unmapped"]["partition"] for alert in about(settings, "Canary")} == {0, 1}, worker)  # type: ignore[index]
    worker.kill()
    opened = {0: Activity.CREATE, 1: Activity.CREATE}
    wait_until(lambda: newest_alarms(settings) == opened, canary)
    alarm = about(settings, "Health")[0]
    assert alarm["severity"] == "High"
    assert str(alarm["finding_info"]["title"]).startswith("distillwatch is blind: no canary came back")  # type: ignore[index]
    worker = WorkerProcess(settings, tmp_path / "worker.log", "--role", "judge")
    wait_until(lambda: set(newest_alarms(settings).values()) == {Activity.CLOSE}, worker)
    others = environment(settings) | {"DISTILLWATCH_WORKER__SECRET": "the secret of another deployment"}
    mistaken = CliRunner().invoke(app, ["canary", "--once", "--wait", "100"], env=others)
    assert "judged as a tenant" in str(mistaken.exception)
    assert len({alert["metadata"]["tenant_uid"] for alert in about(settings, "Model Extraction")}) == 1  # type: ignore[index]
    assert canary.stop() == 0, canary.text()[-4000:]
    assert worker.stop() == 0, worker.text()[-4000:]
