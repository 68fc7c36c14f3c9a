"""Verdicts over the whole line: learned, adopted at durable offsets, and judged by again after any death."""

import threading
from pathlib import Path

import orjson
from typer.testing import CliRunner

from models.peers import PEER_GROUPS
from models.references import References
from schemas.control import Calibration, Control, Learned, PeerCalibration, decode_control, encode_control
from streams.cli import app
from streams.control_topic import publish_calibration, read_controls
from streams.replay import replay
from streams.send import send
from streams.settings import Settings
from streams.tail import read_topic
from tests.conftest import MakeSettings
from tests.integration.drill import (
    Expected,
    WorkerProcess,
    adoptions_on,
    alerts_on,
    environment,
    judged,
    wait_until,
    windows_on,
)

EAGER = {"risk_medium": 0.1, "risk_high": 0.2, "risk_critical": 0.4, "quiet_hours": 2}
SECONDS = 6
STRICTER = Calibration(
    references=References.shipped().version, groups={name: PeerCalibration(shift=0.4, scale=1.0) for name in PEER_GROUPS}
)


def command(settings: Settings, *words: str) -> str:
    """What a command says, run under these settings."""
    done = CliRunner().invoke(app, words, env=environment(settings), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def findings(settings: Settings) -> list[str]:
    """The findings so far, the oldest first."""
    alerts = sorted(map(orjson.loads, alerts_on(settings).values()), key=lambda alert: (alert["time"], alert["metadata"]["uid"]))
    return list(dict.fromkeys(alert["finding_info"]["uid"] for alert in alerts))


def adopted(settings: Settings, number: int) -> bool:
    """Whether any partition judges by this record."""
    return any(one.control.number >= number for held in adoptions_on(settings).values() for one in held)


class Line:
    """The judge and the learner, as processes of their own."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings, self._folder = settings, folder
        self.workers: list[WorkerProcess] = []
        self.start()

    def start(self) -> None:
        """Start both."""
        self.workers = [
            WorkerProcess(self._settings, self._folder / f"{role}.log", "--role", role) for role in ("judge", "campaigns")
        ]

    def kill(self) -> None:
        """kill -9 of both."""
        for worker in self.workers:
            worker.kill()

    def say(self, uids: list[str], verdict: str, number: int) -> None:
        """Send verdicts, and wait for the record that they lead to."""
        said = command(self._settings, "feedback", *uids, "--verdict", verdict, "--cause", "drill")
        assert f"{len(uids)} verdicts sent" in said
        wait_until(lambda: number in read_controls(self._settings), self.workers[1])


def test_findings_after_verdicts_a_calibration_and_deaths_are_those_of_an_undisturbed_judgement_with_the_same_adoptions(
    make_settings: MakeSettings, traffic: list[bytes], tmp_path: Path
) -> None:
    settings = make_settings(
        worker={"checkpoint_seconds": 2.0, "batch_records": 50, "session_timeout_seconds": 6.0, "instance": "drill"},
        judgement=EAGER,
        feedback={"publish_seconds": 0.5},
    )
    third = len(traffic) // 3
    replay(traffic[:third], settings)
    line = Line(settings, tmp_path)
    wait_until(lambda: judged(settings) and len(findings(settings)) > 5, line.workers[0])
    for number, piece in ((1, traffic[third : 2 * third]), (2, traffic[2 * third :])):
        if number == 1:
            line.say(findings(settings)[number::2], "false-positive", number)
        else:
            assert publish_calibration(settings, STRICTER).number == number
        sending = threading.Thread(target=replay, args=(piece, settings), kwargs={"rate": len(piece) / SECONDS})
        sending.start()
        wait_until(lambda number=number: adopted(settings, number), line.workers[0])  # type: ignore[misc]
        line.kill()
        sending.join()
        line.start()
        wait_until(lambda: judged(settings), line.workers[0])
    for worker in line.workers:
        assert worker.stop() == 0, worker.text()[-4000:]
    expected = Expected(settings, traffic, adoptions_on(settings))
    assert alerts_on(settings) == expected.alerts
    assert windows_on(settings) == expected.windows
    assert {row.versions.control for row in expected.windows.values()} == {0, 1, 2}
    assert alerts_on(settings) != Expected(settings, traffic).alerts
    controls = read_controls(settings)
    assert controls[2].learned == controls[1].learned
    numbers = [decode_control(record.value).number for record in read_topic(settings, settings.topics.control)]
    assert sorted(set(numbers)) == [1, 2]


def refusal(settings: Settings, *words: str) -> str:
    """With what a command refuses."""
    return str(CliRunner().invoke(app, words, env=environment(settings)).exception)


def test_a_verdict_that_is_none_is_refused_before_anything_is_sent(make_settings: MakeSettings) -> None:
    settings, uid = make_settings(), "1f0c2b1e-5a43-5c1e-9d0e-2f6d0f0a11aa"
    said = refusal(settings, "feedback", uid, "7", "--verdict", "false-positive", "--cause", "x")
    assert "'7' is no finding" in said
    assert "nothing was sent" in said
    assert "nothing was sent" in refusal(settings, "feedback", uid, "--verdict", "false-positive", "--cause", "A b")
    assert read_topic(settings, settings.topics.feedback) == []
    assert "1 verdict sent" in command(settings, "feedback", uid, uid, "--verdict", "true-positive", "--cause", "x")
    assert len(read_topic(settings, settings.topics.feedback)) == 1


def test_a_rollback_is_the_next_record_with_the_content_of_an_earlier_one(
    make_settings: MakeSettings, traffic: list[bytes], tmp_path: Path
) -> None:
    settings = make_settings(judgement=EAGER)
    assert "as shipped" in command(settings, "control", "list")
    assert "no control record 3" in refusal(settings, "control", "rollback", "3")
    one = Control(number=1, made_ms=1000, read_to=5, learned=Learned(weights={"always": -4.0}, findings=5, false_positives=5))
    two = Control(number=2, made_ms=2000, read_to=9)
    send(settings, settings.topics.control, [(b"", encode_control(each)) for each in (one, two, one)])
    assert "control record 3 published" in command(settings, "control", "rollback", "1")
    newest = read_controls(settings)[3]
    assert (newest.learned, newest.void, newest.read_to) == (one.learned, ((6, 9),), 9)
    assert "rollback to 1" in command(settings, "control", "list")
    exported, events = tmp_path / "three.jsonl", tmp_path / "events.jsonl"
    exported.write_text(command(settings, "control", "export", "3"), encoding="utf-8")
    events.write_bytes(b"\n".join(traffic[:9000]))
    plain, taught = (
        orjson.loads(command(settings, "backtest", str(events), "--json", *words).splitlines()[-1])
        for words in ((), ("--control", str(exported)))
    )
    assert plain["events_in"] == taught["events_in"] == 9000
    assert plain["findings"] > taught["findings"]
    exported.write_text("{}", encoding="utf-8")
    assert "is no control record" in refusal(settings, "backtest", str(events), "--control", str(exported))
