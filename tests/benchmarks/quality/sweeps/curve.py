"""A sweep as numbers: what each effort buys and costs."""

from collections.abc import Sequence
from math import ceil
from statistics import fmean, median

from msgspec import Struct

from models.references import References
from schemas.versions import CODE_VERSION
from tests.benchmarks.quality.figures import Spread
from tests.benchmarks.quality.trust import wilson

from .effort import Effort
from .strategies import Point, Strategy
from .sweep import Crowd, Fate, Outcome, Plan

#: The data set that an attacker wants, and the time he has for it.
ANSWERS, DAYS = 100_000, 30


class Rate(Struct, frozen=True, kw_only=True):
    """A share with its 95% interval (Wilson) and what it is a share of."""

    share: float
    low: float
    high: float
    of: int


class Row(Struct, frozen=True, kw_only=True):
    """One effort. All counts of findings are of severity Medium or more.

    - `found`: operators with an account named after its first useful request; `named`: accounts;
    - `leaked`: share of an operator's useful requests made before their account was named, over operators;
    - `queries`: useful requests that a named account had made by then, median;
    - `a_day`: useful requests that got through, an account and day of the run, when accounts are blocked once named;
    - `accounts_needed` for `ANSWERS` in `DAYS` days at that: a named account yields what leaked, another one goes on as it did;
    - `money`: tokens bought for each token of a useful question and its answers.
    """

    words: str
    effort: Effort
    found: Rate
    named: Rate
    leaked: Spread | None
    queries: float | None
    a_day: float
    accounts_needed: int | None
    money: float
    gives_up: str


class Curve(Struct, frozen=True, kw_only=True):
    """One strategy."""

    name: str
    varies: str
    rows: list[Row]


class Sweeps(Struct, frozen=True, kw_only=True):
    """Everything that was swept, and on what."""

    date: str
    command: str
    traffic: str
    parameters: str
    seeds: list[int]
    code: str
    references: str
    crowds: list[Crowd]
    curves: list[Curve]


def sweeps(
    plan: Plan,
    outcomes: Sequence[Outcome],
    crowds: Sequence[Crowd],
    *,
    date: str,
    command: str,
    traffic: str,
    days: float,
) -> Sweeps:
    """Put the outcomes of the seeds so far together."""
    return Sweeps(
        date=date,
        command=command,
        traffic=traffic,
        parameters=f"{days:g} days, {plan.each} operators of each effort a seed (fewer of many accounts, twice as many naive ones)",
        seeds=[crowd.seed for crowd in crowds],
        code=CODE_VERSION,
        references=References.shipped().version,
        crowds=list(crowds),
        curves=[curve(strategy, outcomes) for strategy in plan.strategies],
    )


def curve(strategy: Strategy, outcomes: Sequence[Outcome]) -> Curve:
    """The rows of a strategy; an effort that left no useful request has none."""
    held = [(point, [one for one in outcomes if one.effort == point.effort]) for point in strategy.points]
    rows = [_row(point, found) for point, found in held if found]
    return Curve(name=strategy.name, varies=strategy.varies, rows=rows)


def _row(point: Point, outcomes: Sequence[Outcome]) -> Row:
    fates = [fate for outcome in outcomes for fate in outcome.fates]
    queries = [fate.leaked for fate in fates if fate.named]
    return Row(
        words=point.words,
        effort=point.effort,
        found=_rate(sum(outcome.campaign.caught > 0 for outcome in outcomes), len(outcomes)),
        named=_rate(len(queries), len(fates)),
        leaked=Spread.of(outcome.campaign.leaked / outcome.campaign.requests for outcome in outcomes),
        queries=median(queries) if queries else None,
        a_day=sum(fate.leaked for fate in fates) / sum(fate.days for fate in fates),
        accounts_needed=accounts_needed(fates),
        money=sum(outcome.tokens for outcome in outcomes) / sum(outcome.useful_tokens for outcome in outcomes),
        gives_up=point.gives_up,
    )


def _rate(part: int, whole: int) -> Rate:
    low, high = wilson(part, whole)
    return Rate(share=part / whole, low=low, high=high, of=whole)


def accounts_needed(fates: Sequence[Fate]) -> int | None:
    """How many accounts like these give the data set in time; None where they give nothing.

    >>> accounts_needed([Fate(named=True, leaked=90, days=2.0), Fate(named=False, leaked=80, days=3.0)])
    225
    """
    yields = fmean(fate.leaked if fate.named else fate.leaked / fate.days * DAYS for fate in fates)
    return ceil(ANSWERS / yields) if yields else None
