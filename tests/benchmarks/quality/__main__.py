"""The command line of the benchmark."""

import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from schemas.errors import DistillwatchError, RefusedToStart

from .benchmark import Benchmark, Plan
from .page import markdown as markdown_page
from .page import show
from .report import NOMINAL, Report, report
from .traffic import VARIABLE, Parameters, Traffic, evaluation_folder
from .variants import Variant

WIDE = 130  # columns that the tables need; a narrower terminal folds them, a file gets them whole
app = typer.Typer(add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False)


@app.command(context_settings={"help_option_names": ["-h", "--help"]})
def quality(
    *,
    seeds: Annotated[str, typer.Option(help="comma-separated; each is traffic of its own")] = "101,102,103,104,105",
    benign: Annotated[int, typer.Option(min=1, help="honest tenants of a seed")] = 400,
    days: Annotated[float, typer.Option(min=1, help="days of traffic")] = 3.0,
    rounds: Annotated[int, typer.Option(min=1, help="campaigns of each kind of attack")] = 2,
    hydra: Annotated[int | None, typer.Option(min=1, help="accounts of a many-account campaign")] = None,
    hydra_per_hour: Annotated[float | None, typer.Option(help="requests an hour of each such account")] = None,
    evaluation: Annotated[
        Path | None,
        typer.Option("--eval", help=f"folder with compose.py; else {VARIABLE}, ../shared/eval, or our simulator"),
    ] = None,
    shuffled: Annotated[
        bool, typer.Option("--shuffled", help="shuffle parameters and system prompts between tenants first")
    ] = False,
    without_prompts: Annotated[bool, typer.Option("--without-prompts", help="take the prompts away first")] = False,
    baselines: Annotated[
        bool, typer.Option("--baselines", help="run the four simple detectors too (a minute or more a seed)")
    ] = False,
    ablation: Annotated[
        bool, typer.Option("--ablation", help="judge again without each family of features (six more backtests a seed)")
    ] = False,
    nominal: Annotated[
        str, typer.Option(help="false rates promised for Medium, High, Critical, a share of honest tenant-days each")
    ] = ",".join(f"{rate:g}" for rate in NOMINAL.values()),
    work: Annotated[
        Path | None, typer.Option(help="keep the traffic here and use what is there; else a temporary folder")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="write everything here as JSON")] = None,
    markdown: Annotated[Path | None, typer.Option(help="write the tables here as Markdown")] = None,
    date: Annotated[str | None, typer.Option(help="the date in the title; today (UTC) when absent")] = None,
) -> None:
    """Measure how well extraction is detected: make labelled traffic, judge it, score it, print one page of tables.

    Each seed is made anew, judged by `distillwatch backtest` as a process of its own, scored and deleted: with 400 honest tenants
    some 1.3 GB of disk (twice that where it is rewritten), 3 GB of memory and four minutes a seed. Figures are told as mean
    and spread over the seeds; one campaign of twenty is five points, so take five seeds or more, and none that was
    looked at while something was chosen.

    Without an evaluation folder the traffic is our own simulator's; the page says so, and its figures are not comparable.

    Examples:

    - `deploy/benchmark --markdown table.md --json table.json`
    - `deploy/benchmark --seeds 7 --days 1 --benign 60 --rounds 1`, a quick look: under a minute
    - `deploy/benchmark --work /tmp/quality` and again with `--shuffled`: how much rests on exact field values?
    - `deploy/benchmark --work /tmp/quality --without-prompts`: what is lost where a gateway sends no content?
    - `deploy/benchmark --rounds 1 --hydra 1000 --hydra-per-hour 1`: one operator behind a thousand small accounts
    - `deploy/benchmark --ablation`: which family of features carries which figure?
    """
    folder = evaluation_folder(evaluation)
    parameters = Parameters(benign=benign, days=days, rounds=rounds, hydra=hydra, hydra_per_hour=hydra_per_hour)
    variant = Variant(shuffled=shuffled, without_prompts=without_prompts)
    if baselines and (folder is None or without_prompts):
        raise RefusedToStart("--baselines needs the evaluation folder (--eval) and prompts")
    plan = Plan(
        seeds=seeds_of(seeds),
        variant=variant,
        ablation=ablation,
        baselines=folder if baselines else None,
        keep=work is not None,
    )
    rates = _nominal(nominal)
    for path in filter(None, (json, markdown)):
        check_writable(path)
    with workplace(work) as place:
        traffic = Traffic(place, folder, parameters)
        with _steps(plan) as step:
            outcomes = Benchmark(plan, traffic, place, step).outcomes()
    told = report(
        outcomes,
        traffic=traffic.maker,
        parameters=parameters.words(),
        variant=variant.words(),
        date=date or datetime.now(UTC).date().isoformat(),
        nominal=rates,
    )
    _tell(told, json, markdown)


def _tell(told: Report, json: Path | None, markdown: Path | None) -> None:
    console = Console()
    show(told, console if console.is_terminal else Console(width=WIDE))
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n")
    if markdown is not None:
        markdown.write_text(markdown_page(told), encoding="utf-8")


def seeds_of(text: str) -> tuple[int, ...]:
    """The numbers of `--seeds`; raises `RefusedToStart` for anything else."""
    try:
        return tuple(map(int, text.split(",")))
    except ValueError:
        raise RefusedToStart(f"--seeds {text!r} is not a list of numbers such as 101,102,103") from None


def _nominal(text: str) -> dict[str, float]:
    try:
        rates = dict(zip(NOMINAL, map(float, text.split(",")), strict=True))
    except ValueError:
        rates = {}
    if not rates or not all(0 < rate < 1 for rate in rates.values()):
        raise RefusedToStart(f"--nominal {text!r} is not three shares between 0 and 1, such as 0.01,0.003,0.001")
    return rates


def check_writable(path: Path) -> None:
    """Raise `RefusedToStart` for a file that could not be written when all is done."""
    if not path.absolute().parent.is_dir():
        raise RefusedToStart(f"cannot write {path}: there is no directory {path.absolute().parent}")


@contextmanager
def workplace(work: Path | None) -> Iterator[Path]:
    """The folder for traffic; a temporary one is removed, with all that is in it, however the run ends."""
    if work is not None:
        work.mkdir(parents=True, exist_ok=True)
        yield work.absolute()
        return
    place = Path(tempfile.mkdtemp(prefix="distillwatch-quality-"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _steps(plan: Plan) -> Iterator["_Step"]:
    """A bar over all steps of all seeds on standard error; where that is no terminal, a line a step."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield _Step(bar, plan.steps * len(plan.seeds))


class _Step:
    """Shows what begins."""

    def __init__(self, bar: Progress, total: int) -> None:
        self._bar, self._task, self._begun = bar, bar.add_task("", total=total), 0

    def __call__(self, words: str) -> None:
        self._bar.update(self._task, completed=self._begun, description=words)
        self._begun += 1
        if self._bar.disable:
            print(words, file=sys.stderr, flush=True)


def run_app(command: typer.Typer, name: str) -> None:
    """Run a command; an error of ours is one line and exit code 1. However it is ended, its temporary folder goes with it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        command(standalone_mode=True, prog_name=name)
    except DistillwatchError as error:
        Console(stderr=True).print(f"[bold red]benchmark:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run_app(app, "deploy/benchmark")
