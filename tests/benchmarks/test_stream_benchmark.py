from pathlib import Path

import pytest
from typer.testing import CliRunner

from schemas.errors import Stopped
from tests.benchmarks.stream.__main__ import app
from tests.benchmarks.stream.cores import Cores
from tests.benchmarks.stream.jobs.detector import LEAST_EVENTS, Detector, alert
from tests.benchmarks.stream.jobs.probe import processed
from tests.benchmarks.stream.latency import Latency, quantile
from tests.benchmarks.stream.page import markdown
from tests.benchmarks.stream.process import Program, Sample
from tests.benchmarks.stream.report import Report
from tests.benchmarks.stream.saturated import Saturated
from tests.benchmarks.stream.scale import Drain, Scale, measured
from tests.models.events import event


def test_the_help_teaches_by_examples() -> None:
    said = CliRunner().invoke(app, ["--help"], terminal_width=200).output
    assert said.count("deploy/benchmark stream --") >= 3
    assert "simulator" in said


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--parts", "side,sideways"], "sideways"),
        (["--only", "flink"], "flink"),
        (["--json", "/nowhere/at/all/table.json"], "there is no directory"),
        (["--eval", "/nowhere"], "compose.py"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_started(options: list[str], complaint: str) -> None:
    assert complaint in str(CliRunner().invoke(app, options).exception)


def test_a_percentile_is_the_least_value_that_is_not_exceeded_more_often() -> None:
    hundred = list(range(1, 101))
    assert (quantile(hundred, 0.5), quantile(hundred, 0.99), quantile(hundred, 1.0)) == (50.0, 99.0, 100.0)
    assert quantile([7], 0.99) == 7.0
    assert quantile([], 0.5) is None


def test_a_drain_is_measured_while_every_worker_has_something_to_do() -> None:
    looks = [
        [Sample(0.0, 0, 1.0), Sample(0.0, 0, 1.0)],
        [Sample(1.0, 100, 2.0), Sample(1.0, 100, 2.0)],
        [Sample(2.0, 300, 3.0), Sample(2.0, 200, 3.0)],
        [Sample(3.0, 400, 4.0), Sample(3.0, 240, 3.5)],
    ]
    drain = measured(looks, 2)
    assert (drain.wall_rate, drain.cpu_rate) == (300.0, 150.0)
    assert drain.shares == [400 / 640, 240 / 640]


def test_a_program_that_ends_is_told_of_with_what_it_said(tmp_path: Path) -> None:
    command = ("sh", "-c", "echo nothing can be done; exit 3")
    with (
        Program(command, {}, tmp_path / "log", Cores().measured(0)) as program,
        pytest.raises(Stopped, match=r"code 3: nothing can be done"),
    ):
        program.wait_until(lambda: False, "a test")


def test_progress_is_nothing_before_a_job_has_begun(tmp_path: Path) -> None:
    assert processed(tmp_path / "none") == 0
    (tmp_path / "some").write_bytes(b"000000000042")
    assert processed(tmp_path / "some") == 42


def test_the_detector_of_the_rivals_alerts_on_what_is_unlike_the_rest_and_not_before_it_knows_it() -> None:
    detector = Detector()
    usual = {"ts": 0, "prompt": "short", "usage": {"output_tokens": 10}, "params": {}}
    alerts = [detector.judge(usual | {"ts": number * 1000}) for number in range(4 * LEAST_EVENTS)]
    assert not any(alerts[:LEAST_EVENTS])
    score = detector.judge(usual | {"ts": 10**9, "prompt": "long " * 500, "usage": {"output_tokens": 9000}})
    assert score is not None
    request = event(1, 5, "org_x")
    told = alert({"tenant_id": request.tenant_id, "event_id": request.event_id}, score, 7)
    assert (told["tenant"], told["caused_ms"]) == ("org_x", 7)


def test_the_page_names_what_was_measured_and_what_could_not_be() -> None:
    report = Report(
        date="2026-11-22",
        command="deploy/benchmark stream",
        traffic="composed traffic",
        events=100,
        bytes_per_event=1400.0,
        processors=2,
        saturated=[
            Saturated(job=name, words=name, events=90, cpu_us=cpu_us, events_per_second=9.0, peak_bytes=10**8)
            for name, cpu_us in (("faust-empty", 80.0), ("judge", 40.0))
        ],
        latency=[
            Latency(
                job="judge",
                words="judge",
                events_per_second=4.0,
                alerts=3,
                p50_ms=5.0,
                p99_ms=9.0,
                greatest_ms=9.0,
                starved=0.0,
            )
        ],
        scale=Scale(
            processors=2,
            drains=[Drain(workers=1, wall_rate=1.0, cpu_rate=1.0, shares=[1.0])],
            wall_ratio=1.9,
            cpu_ratio=1.95,
        ),
        missing={"bytewax": "no matching distribution"},
    )
    page = markdown(report)
    assert "| faust-empty | 80.0 | 2.00 |" in page
    assert "bytewax: no matching distribution" in page
    assert "| two over one | 1.90 | 1.95 |" in page
