"""What self-calibration makes of traffic that is like the tables' own, and of traffic that is not: nominal beside measured.

Each seed is a deployment: composed traffic that no table was made from, judged once, its rows kept. Its honest tenants are known from
the labels, so the share of their days that reaches a level can be held against the share that the level promises, by the tables as
they are shipped and by a calibration that the deployment makes of its own rows, without labels. Deployments that are unlike the tables
are made by moving all levels (`CASES`).
"""

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from msgspec import Struct

from models.config import Config
from models.own_null import TenantDay
from models.own_rates import interval, own_rates
from models.references import References
from models.risk import NORMAL, ScoreCard
from schemas.errors import RefusedToStart
from streams.files import RecordFile
from streams.own_days import days_of_rows
from streams.settings import CalibrationSettings
from tests.benchmarks.command import check_writable, run_app, say, workplace, write

from .__main__ import seeds_of
from .labels import read_labels
from .page import Section, markdown_section
from .process import DISTILLWATCH, run
from .traffic import VARIABLE, Parameters, Traffic, evaluation_folder

#: Shares of honest tenant-days at which nominal is held against measured; the last is that of a Medium finding.
SHARES = (0.03, 0.01, 0.005, 0.0025)
HEADS = ("deployments", "promised", "as shipped", "calibrated", "95% interval", "times", "honest tenant-days")
AFTER_ALL_MS = 1 << 50
app = typer.Typer(add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False)


class Deployment(NamedTuple):
    """The tenant-days of a seed, by peer group, and who is honest."""

    days: list[TenantDay]
    honest: frozenset[str]


class Case(NamedTuple):
    """A kind of deployment: how deviates of levels lie beside the tables', how often its attackers come, on which days it learns.

    It is judged on its last day when it learns on the days before, else on all.
    """

    name: str
    moved: Callable[[float], float] = lambda deviate: deviate
    attackers: int = 1
    before_the_last_day: bool = False


def three_times(deviate: float) -> float:
    """The deviate of a level that three times as many honest tenant-days reach as the tables say."""
    return -NORMAL.inv_cdf(NORMAL.cdf(-deviate) / 3)


CASES = (
    Case("as they come"),
    Case("calibrated on the days before the last, judged on the last", before_the_last_day=True),
    Case("no attackers", attackers=0),
    Case("twice the attackers", attackers=2),
    Case("tables that promise a third of what happens", three_times),
    Case("all levels 0.4 deviates higher", lambda deviate: deviate + 0.4),
    Case("all levels 0.4 deviates lower", lambda deviate: deviate - 0.4),
    Case("levels stretched by 1.2", lambda deviate: 1.2 * deviate),
)


class Count(Struct):
    """Honest tenant-days, and how many of them reach each of `SHARES` as shipped and calibrated."""

    tenants: int
    tenant_days: int
    shipped: list[int]
    calibrated: list[int]


@app.command(context_settings={"help_option_names": ["-h", "--help"]})
def calibration(
    *,
    seeds: Annotated[str, typer.Option(help="comma-separated; each is a deployment of its own")] = "101,102,103,104,105",
    benign: Annotated[int, typer.Option(min=100, help="honest tenants of a seed")] = 400,
    days: Annotated[float, typer.Option(min=2, help="days of traffic")] = 3.0,
    evaluation: Annotated[
        Path | None,
        typer.Option("--eval", help=f"folder with compose.py; else {VARIABLE}, ../shared/eval, or our simulator"),
    ] = None,
    work: Annotated[Path | None, typer.Option(help="keep traffic and rows here and use what is there")] = None,
    json: Annotated[Path | None, typer.Option(help="write the counts here as JSON")] = None,
    markdown: Annotated[Path | None, typer.Option(help="write the table here as Markdown")] = None,
) -> None:
    """Measure whether error rates are those that are promised, as shipped and after self-calibration, here and elsewhere.

    Takes what `deploy/benchmark` takes a seed: 1.3 GB of disk, 3 GB of memory and four minutes; the cases cost seconds. Medium is
    reached on one honest tenant-day in some 700, so take twenty seeds to say anything about it.

    Examples:

    - `deploy/benchmark calibration --markdown calibration.md`
    - `deploy/benchmark calibration --work /tmp/quality`, after `deploy/benchmark --work /tmp/quality`: the same traffic
    """
    numbers, folder = seeds_of(seeds), evaluation_folder(evaluation)
    check_writable(json, markdown)
    with workplace(work) as place:
        traffic = Traffic(place, folder, Parameters(benign=benign, days=days))
        deployments = [_deployment(traffic, place, seed, keep=work is not None) for seed in numbers]
    counts = {case.name: count(case, deployments, References.shipped()) for case in CASES}
    text = markdown_section(section(counts, f"{traffic.maker}, {len(numbers)} deployments"))
    print(text)
    write(counts, text, json, markdown)


def count(case: Case, deployments: Sequence[Deployment], references: References) -> Count:
    """Judge the honest tenants of all deployments of a kind, each by a calibration of its own; raises `RefusedToStart` without a day."""
    total = Count(0, 0, [0] * len(SHARES), [0] * len(SHARES))
    for deployment in deployments:
        rows = [day._replace(level=_moved(references.card, case.moved, day.level)) for day in deployment.days]
        last = max((day.day for day in rows), default=0)
        learned = [day for day in rows if not case.before_the_last_day or day.day < last]
        if not learned:
            raise RefusedToStart("a deployment has no day to learn from: take --days 2 or more")
        own = own_rates(_with_attackers(learned, deployment.honest, case.attackers), references, Config())
        cards = {
            name: references.card.calibrated(group.shift, group.scale, own.factor) for name, group in own.groups.items()
        }
        judged = [
            day for day in rows if day.tenant in deployment.honest and (not case.before_the_last_day or day.day == last)
        ]
        total.tenants += len({day.tenant for day in judged})
        total.tenant_days += len({day[:2] for day in judged})
        for at, share in enumerate(SHARES):
            total.shipped[at] += _reaching(judged, lambda _: references.card, share)
            total.calibrated[at] += _reaching(judged, lambda group, cards=cards: cards[group], share)  # type: ignore[misc]
    return total


def section(counts: dict[str, Count], title: str) -> Section:
    """The table: four rows a case."""
    rows = []
    for name, counted in counts.items():
        for at, share in enumerate(SHARES):
            whole = max(1, counted.tenant_days)
            low, high = interval(counted.calibrated[at], counted.tenant_days, max(1, counted.tenants))
            measured = counted.calibrated[at] / whole
            rows.append(
                (
                    "" if at else name,
                    f"{share:.2%}",
                    f"{counted.shipped[at] / whole:.2%}",
                    f"{measured:.2%}",
                    f"{low:.2%} to {high:.2%}",
                    f"{measured / share:.2f}",
                    "" if at else f"{counted.tenant_days:,}",
                )
            )
    return Section(f"Promised and measured shares of honest tenant-days, {title}", HEADS, tuple(rows))


def _reaching(days: Iterable[TenantDay], card_of: Callable[[str], ScoreCard], share: float) -> int:
    """How many tenant-days reach a level that this share of them is promised to reach."""
    return len({day[:2] for day in days if card_of(day.group).honest_share(day.level) <= share * (1 + 1e-9)})


def _moved(card: ScoreCard, moved: Callable[[float], float], level: float) -> float:
    deviate = card.deviate(level)
    return card.level_at(moved(deviate)) if math.isfinite(deviate) else level


def _with_attackers(days: list[TenantDay], honest: frozenset[str], times: int) -> list[TenantDay]:
    """The honest tenants' days, and those of all others so many times, each time under other names."""
    others = [day for day in days if day.tenant not in honest]
    copies = [day._replace(tenant=f"{day.tenant}\x00copy{at}") for at in range(times) for day in others]
    return [day for day in days if day.tenant in honest] + copies


def _deployment(traffic: Traffic, place: Path, seed: int, *, keep: bool) -> Deployment:
    """Judge a seed once, and keep the rows."""
    say(f"seed {seed}: traffic and backtest")
    files = traffic.made(seed)
    rows = place / files.events.name.replace(".events.jsonl", ".rows.jsonl")
    part = rows.with_suffix(".part")
    try:
        if not rows.exists():
            run([*DISTILLWATCH, "backtest", "--findings", place / "findings.jsonl", "--rows", part, files.events])
            part.rename(rows)
        references = References.shipped()
        own = days_of_rows(RecordFile(str(rows)), CalibrationSettings(), references.version, AFTER_ALL_MS)
        honest = frozenset(label.tenant_id for label in read_labels(files.labels) if label.label == "benign")
        return Deployment(own.days, honest)
    finally:
        if not keep:
            files.remove()
            rows.unlink(missing_ok=True)


if __name__ == "__main__":
    run_app(app, "deploy/benchmark calibration")
