"""The command line of the sweeps."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from schemas.errors import RefusedToStart
from tests.benchmarks.command import check_writable, run_app, say, wide_console, workplace, write
from tests.benchmarks.quality.__main__ import seeds_of
from tests.benchmarks.quality.traffic import VARIABLE, Parameters, Traffic, evaluation_folder

from .curve import sweeps as put_together
from .page import markdown as markdown_page
from .page import show
from .strategies import NAMES, STRATEGIES, Strategy
from .sweep import Plan, Sweep

app = typer.Typer(add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False)


@app.command(context_settings={"help_option_names": ["-h", "--help"]})
def sweeps(
    *,
    only: Annotated[str | None, typer.Option(help=f"comma-separated, of {', '.join(NAMES)}; else all")] = None,
    seeds: Annotated[str, typer.Option(help="comma-separated; each is traffic of its own")] = "901,902",
    attackers: Annotated[int, typer.Option(min=1, help="operators of each effort a seed")] = 5,
    benign: Annotated[int, typer.Option(min=8, help="honest tenants of a seed, before cover is held out")] = 400,
    most_a_day: Annotated[
        float, typer.Option(help="honest tenants of more requests a day are left out: few tenants, most of the time")
    ] = 1000.0,
    days: Annotated[float, typer.Option(min=1, help="days of traffic; poisoning takes two and a half of them")] = 3.0,
    evaluation: Annotated[
        Path | None,
        typer.Option("--eval", help=f"folder with compose.py; else {VARIABLE}, ../shared/eval, or our simulator"),
    ] = None,
    work: Annotated[Path | None, typer.Option(help="keep the traffic here and use what is there")] = None,
    json: Annotated[Path | None, typer.Option(help="write everything here as JSON")] = None,
    markdown: Annotated[Path | None, typer.Option(help="write the tables here as Markdown")] = None,
    date: Annotated[str | None, typer.Option(help="the date in the title; today (UTC) when absent")] = None,
) -> None:
    """Measure what evasion buys and costs: attackers who vary one effort at a time, put among honest traffic and judged.

    Honest traffic is composed (or simulated, where there is no evaluation folder; the page says so); its own attackers are taken out,
    and their tasks are given to attackers of ours, few enough in a file to leave the honest tenants the rule. Several attackers of
    an effort differ in their tasks, words, hours and cover; all of a seed follows from its number. A seed takes 3 GB of
    disk, 2 GB of memory and some ten minutes.

    Examples:

    - `deploy/benchmark sweeps --markdown sweeps.md --json sweeps.json`
    - `deploy/benchmark sweeps --only dilution,together --seeds 7`
    - `deploy/benchmark sweeps --only rate --benign 60 --attackers 2 --seeds 7 --days 1`, a quick look
    """
    strategies, numbers = _strategies(only), seeds_of(seeds)
    traffic_of = Parameters(benign=benign, days=days)
    folder = evaluation_folder(evaluation)
    check_writable(json, markdown)
    with workplace(work) as place:
        traffic = Traffic(place, folder, traffic_of)
        plan = Plan(strategies=strategies, each=attackers, most_a_day=most_a_day)
        sweep = Sweep(plan, traffic, place, say)
        for seed in numbers:
            sweep.run(seed, keep=work is not None)
            told = put_together(
                plan,
                sweep.outcomes,
                sweep.crowds,
                date=date or datetime.now(UTC).date().isoformat(),
                command=_command(only, sweep, plan, traffic_of),
                traffic=traffic.maker,
                days=days,
            )
            write(told, markdown_page(told), json, markdown)  # what is known by now; the next seed adds to it
    show(told, wide_console())


def _strategies(only: str | None) -> tuple[Strategy, ...]:
    if only is None:
        return STRATEGIES
    asked = only.split(",")
    unknown = sorted(set(asked) - set(NAMES))
    if unknown:
        raise RefusedToStart(f"--only: there is no {', '.join(unknown)}; there are {', '.join(NAMES)}")
    return tuple(strategy for strategy in STRATEGIES if strategy.name in asked)


def _command(only: str | None, sweep: Sweep, plan: Plan, traffic: Parameters) -> str:
    """What gives the same page again, of the seeds so far."""
    seeds = ",".join(str(crowd.seed) for crowd in sweep.crowds)
    chosen = f" --only {only}" if only else ""
    least = f" --most-a-day {plan.most_a_day:g} --benign {traffic.benign} --days {traffic.days:g}"
    return f"deploy/benchmark sweeps{chosen} --seeds {seeds} --attackers {plan.each}{least}"


if __name__ == "__main__":
    run_app(app, "deploy/benchmark sweeps")
