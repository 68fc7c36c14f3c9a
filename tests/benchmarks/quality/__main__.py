"""The command line of the benchmark."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from schemas.errors import RefusedToStart
from tests.benchmarks.command import check_writable, run_app, say, wide_console, workplace, write

from .benchmark import Benchmark, Plan
from .page import markdown as markdown_page
from .page import show
from .report import NOMINAL, report
from .traffic import VARIABLE, Parameters, Traffic, evaluation_folder
from .variants import Variant

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
    check_writable(json, markdown)
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
    show(told, wide_console())
    write(told, markdown_page(told), json, markdown)


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
            say(words)


if __name__ == "__main__":
    run_app(app, "deploy/benchmark")
