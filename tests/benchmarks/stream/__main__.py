"""The command line of the stream benchmark."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from schemas.errors import RefusedToStart, Stopped
from streams.settings import PREFIX
from tests.benchmarks.command import check_writable, run_app, say, wide_console, workplace, write
from tests.benchmarks.quality.process import ROOT
from tests.benchmarks.quality.traffic import VARIABLE, evaluation_folder
from tests.benchmarks.stream.content import Content, content
from tests.benchmarks.stream.cores import Cores
from tests.benchmarks.stream.ground import Ground
from tests.benchmarks.stream.latency import latency
from tests.benchmarks.stream.load import load
from tests.benchmarks.stream.page import markdown as markdown_page
from tests.benchmarks.stream.page import show
from tests.benchmarks.stream.report import Report
from tests.benchmarks.stream.rivals import Rivals
from tests.benchmarks.stream.runner import JOBS, Job
from tests.benchmarks.stream.saturated import saturated
from tests.benchmarks.stream.scale import scale

PARTS = ("side", "latency", "scale", "load")
LOAD_SECONDS = 30.0

app = typer.Typer(add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False)


@app.command(context_settings={"help_option_names": ["-h", "--help"]})
def stream(
    *,
    parts: Annotated[str, typer.Option(help=f"comma-separated, of {', '.join(PARTS)}")] = ",".join(PARTS),
    only: Annotated[
        str | None, typer.Option(help=f"jobs of side and latency, of {', '.join(j.name for j in JOBS)}")
    ] = None,
    events: Annotated[Path | None, typer.Option(help="your own events (.jsonl, .gz); else traffic is made")] = None,
    most: Annotated[int, typer.Option(min=25_000, help="events of it, at most")] = 100_000,
    pairs: Annotated[int, typer.Option(min=1, help="pairs of runs of scale")] = 2,
    rate: Annotated[float, typer.Option(min=1, help="events a second of load")] = 2000.0,
    evaluation: Annotated[
        Path | None,
        typer.Option("--eval", help=f"folder with compose.py; else {VARIABLE}, ../shared/eval, or our simulator"),
    ] = None,
    work: Annotated[Path | None, typer.Option(help="keep made traffic here and use what is there")] = None,
    json: Annotated[Path | None, typer.Option(help="write everything here as JSON")] = None,
    markdown: Annotated[Path | None, typer.Option(help="write the tables here as Markdown")] = None,
    date: Annotated[str | None, typer.Option(help="the date in the title; today (UTC) when absent")] = None,
) -> None:
    """Measure the stream on a real Kafka: what an event costs beside other frameworks, how late alerts are, what two workers do.

    **side**: one topic, read by a stock Faust agent that only decodes and counts, by the same River detector (a scaler and a one-class SVM
    a tenant, state kept for restarts, alerts on a topic) in stock Faust, Bytewax and Quix Streams, and by our worker. CPU
    time of each process from its 10,000th event on, events a second, peak memory. Bytewax and Quix Streams are installed into an
    environment of their own the first time (two minutes).

    **latency**: at half the rate at which the job drained a topic a moment before, from a record's append to the append of the alert
    that it caused.

    **scale**: two workers against one, each kept to one processor, in pairs.

    **load**: bytes of each topic, rows, CPU of broker and ClickHouse for an event, at a steady rate: the capacity page rests on it.

    CPU time is what can be compared between runs; rates by the clock need an idle machine. Everything together takes some ten minutes.

    Examples:

    - `deploy/benchmark stream --markdown stream.md --json stream.json`
    - `deploy/benchmark stream --parts side,latency --only judge,all --events yours.jsonl`
    - `deploy/benchmark stream --parts scale --pairs 5`
    """
    asked, jobs = _parts(parts), _jobs(only)
    folder = evaluation_folder(evaluation)
    check_writable(json, markdown)
    kept = Path(os.environ.get(f"{PREFIX}LOCAL__DIRECTORY") or ROOT / ".distillwatch")
    rivals, cores = Rivals(kept / "rivals"), Cores()
    if asked & {"side", "latency"}:
        say("installing the rivals' packages, when they are not there yet")
        rivals.make({job.package for job in jobs if job.package})
    with workplace(work) as place, workplace(None) as ground_place:
        say("making the traffic")
        records = content(events, most, place, folder)
        with Ground(ground_place, cores) as ground:
            told = Run(records, ground, rivals, date or datetime.now(UTC).date().isoformat()).report(
                asked, jobs, pairs, rate
            )
    show(told, wide_console())
    write(told, markdown_page(told), json, markdown)


class Run:
    """One run over the same records; a job that fails is told of and the others go on."""

    def __init__(self, records: Content, ground: Ground, rivals: Rivals, date: str) -> None:
        self._records, self._ground, self._rivals, self._date = records, ground, rivals, date
        self._missing = dict(rivals.missing)

    def report(self, asked: set[str], jobs: list[Job], pairs: int, rate: float) -> Report:
        """Measure what was asked for."""
        records, ground, rivals = self._records, self._ground, self._rivals
        told = Report(
            date=self._date,
            command=_command(),
            traffic=records.words,
            events=len(records.records),
            bytes_per_event=records.bytes_per_record,
            processors=ground.cores.count,
            missing=self._missing,
        )
        if "side" in asked:
            ground.fill(ground.settings("fill"), records.records)
        for job in jobs:
            self._measure(job, told, asked)
        if "scale" in asked:
            say("scale")
            told = msgspec.structs.replace(told, scale=scale(records, ground, rivals, pairs))
        if "load" in asked:
            say("load")
            ground.leave(programs=1)
            told = msgspec.structs.replace(told, load=load(records, rate, LOAD_SECONDS, ground, rivals))
        return told

    def _measure(self, job: Job, told: Report, asked: set[str]) -> None:
        if job.package in self._missing:
            return
        try:
            if "side" in asked:
                say(f"side: {job.words}")
                told.saturated.append(saturated(job, self._records, self._ground, self._rivals))
            if "latency" in asked and job.alerts:
                say(f"latency: {job.words}")
                told.latency.append(latency(job, self._records, self._ground, self._rivals))
        except Stopped as error:
            self._missing[job.name] = str(error)


def _parts(text: str) -> set[str]:
    asked = set(text.split(","))
    if not asked <= set(PARTS):
        raise RefusedToStart(
            f"--parts: there is no {', '.join(sorted(asked - set(PARTS)))}; there are {', '.join(PARTS)}"
        )
    return asked


def _jobs(text: str | None) -> list[Job]:
    asked = set(text.split(",")) if text is not None else {job.name for job in JOBS}
    unknown = asked - {job.name for job in JOBS}
    if unknown:
        raise RefusedToStart(
            f"--only: there is no {', '.join(sorted(unknown))}; there are {', '.join(j.name for j in JOBS)}"
        )
    return [job for job in JOBS if job.name in asked]


def _command() -> str:
    """What was asked, without where it was written to."""
    words, skip = ["deploy/benchmark stream"], False
    for word in sys.argv[1:]:
        if skip or word.split("=")[0] in {"--json", "--markdown", "--work"}:
            skip = not skip and "=" not in word
            continue
        words.append(Path(word).name if "/" in word else word)
    return " ".join(words)


if __name__ == "__main__":
    run_app(app, "deploy/benchmark stream")
