"""Everything that is told of a benchmark, as numbers: what the JSON file holds and the page is printed from."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter

import msgspec
from msgspec import Struct

from models.references import References
from schemas.versions import CODE_VERSION

from .benchmark import Outcome
from .budget import Budgeted
from .figures import Figures, Spread, false_days, figures, kind_figures, share
from .prototype import AIM, PROTOTYPE
from .scoring import BEFORE_ATTACK, HonestTenant, Score
from .trust import Interval, by_tenant, by_tenant_day, rare

PREVALENCE = 0.001
#: The least severity of a finding and the share of honest tenant-days that it is said to be opened on (the shipped table's meanings).
NOMINAL: Mapping[str, float] = {"Medium": 0.0015, "High": 0.0007, "Critical": 0.0003}

#: A figure's name and its spread over seeds; None where no seed had it.
Spreads = dict[str, Spread | None]


class SeedRow(Struct, frozen=True, kw_only=True):
    """One seed; `cpu_us` an event, without the start of the program."""

    seed: int
    events: int
    tenants: int
    findings: int
    cpu_us: float
    figures: Figures
    budgeted: Budgeted


class HonestRow(Struct, frozen=True, kw_only=True):
    """One kind of honest tenant over all seeds: how many, their days, those with a false finding; the worst seed's share."""

    tenants: int
    named: int
    days: int
    false_days: int
    share: float | None
    worst_seed: float | None


class Rare(Struct, frozen=True, kw_only=True):
    """Precision where a share `prevalence` of tenants attacks: at the measured rates, and at the false rate's upper end."""

    prevalence: float
    precision: float | None
    at_least: float | None


class Report(Struct, frozen=True, kw_only=True):
    """The whole of it. `ablation` is the rise of each figure when a family of features is left out, paired by seed;
    `ablation_kinds` that of the leaked share by kind of attack.
    """

    traffic: str
    parameters: str
    variant: str
    date: str
    code: str
    references: str
    seeds: list[SeedRow]
    summary: Spreads
    cpu_us: Spread | None
    kinds: dict[str, Spreads]
    honest: dict[str, HonestRow]
    trust: list[Interval]
    budget: Spreads
    rare: Rare
    baselines: dict[str, Spreads]
    ablation: dict[str, Spreads]
    ablation_kinds: dict[str, Spreads]
    prototype: dict[str, Figures]
    aim: Figures


_SCORES = (attrgetter("alone"), attrgetter("scores"))


def report(
    outcomes: Sequence[Outcome],
    *,
    traffic: str,
    parameters: str,
    variant: str,
    date: str,
    nominal: Mapping[str, float] = NOMINAL,
) -> Report:
    """Put the outcomes of all seeds together."""
    scores = [outcome.score for outcome in outcomes]
    trust = _trust(outcomes, nominal)
    precision, at_least = rare(PREVALENCE, scores, trust[-1])
    return Report(
        traffic=traffic,
        parameters=parameters,
        variant=variant,
        date=date,
        code=CODE_VERSION,
        references=References.shipped().version,
        seeds=[_seed(outcome) for outcome in outcomes],
        summary=_spreads([figures(score) for score in scores]),
        cpu_us=Spread.of(outcome.cpu_us for outcome in outcomes),
        kinds=_kinds(scores),
        honest=_honest(scores),
        trust=trust,
        budget=_spreads([outcome.budgeted for outcome in outcomes]),
        rare=Rare(prevalence=PREVALENCE, precision=precision, at_least=at_least),
        baselines={
            name: _spreads([figures(outcome.baselines[name]) for outcome in outcomes]) for name in outcomes[0].baselines
        },
        ablation={name: _rises(outcomes, name) for name in outcomes[0].ablation},
        ablation_kinds={name: _leaks(outcomes, name) for name in outcomes[0].ablation},
        prototype=PROTOTYPE,
        aim=AIM,
    )


def _seed(outcome: Outcome) -> SeedRow:
    return SeedRow(
        seed=outcome.seed,
        events=outcome.events,
        tenants=outcome.tenants,
        findings=outcome.findings,
        cpu_us=outcome.cpu_us,
        figures=figures(outcome.score),
        budgeted=outcome.budgeted,
    )


def _spreads(rows: Sequence[Struct]) -> Spreads:
    """The spread of every field of rows that are alike."""
    return {name: Spread.of(getattr(row, name) for row in rows) for name in rows[0].__struct_fields__}


def _kinds(scores: Iterable[Score]) -> dict[str, Spreads]:
    rows: dict[str, list[Figures]] = {}
    for score in scores:
        for kind, found in kind_figures(score).items():
            rows.setdefault(kind, []).append(found)
    return {kind: _spreads(found) for kind, found in sorted(rows.items())}


def _honest(scores: Sequence[Score]) -> dict[str, HonestRow]:
    roles = sorted({each.role for score in scores for each in score.honest})
    return {
        role: _honest_row([[each for each in score.honest if each.role == role] for score in scores]) for role in roles
    }


def _honest_row(seeds: Sequence[Sequence[HonestTenant]]) -> HonestRow:
    held = [each for seed in seeds for each in seed]
    days, false = sum(each.days for each in held), sum(each.false_days for each in held)
    return HonestRow(
        tenants=len(held),
        named=sum(each.false_days > 0 for each in held),
        days=days,
        false_days=false,
        share=share(false, days),
        worst_seed=max((found for seed in seeds if (found := false_days(seed)) is not None), default=None),
    )


def _trust(outcomes: Sequence[Outcome], nominal: Mapping[str, float]) -> list[Interval]:
    """Tenant-days by severity, by tenants' own findings (the rate is promised of those) and by all; last the honest tenants named."""
    rows = []
    for severity, rate in nominal.items():
        alone, together = ([each for outcome in outcomes for each in held(outcome)[severity].honest] for held in _SCORES)
        rows.append(by_tenant_day(f"honest tenant-days, {severity} or more, by tenants' own findings", rate, alone))
        rows.append(by_tenant_day(f"honest tenant-days, {severity} or more, campaigns too", rate, together))
    honest = [each for outcome in outcomes for each in outcome.score.honest if each.role != BEFORE_ATTACK]
    return [*rows, by_tenant("honest tenants, at all, Medium or more", honest)]


def _rises(outcomes: Sequence[Outcome], family: str) -> Spreads:
    pairs = [
        (msgspec.structs.asdict(figures(outcome.score)), msgspec.structs.asdict(figures(outcome.ablation[family])))
        for outcome in outcomes
    ]
    return {name: Spread.of(_rise(whole[name], less[name]) for whole, less in pairs) for name in pairs[0][0]}


def _leaks(outcomes: Sequence[Outcome], family: str) -> Spreads:
    rises: dict[str, list[float | None]] = {}
    for outcome in outcomes:
        less = kind_figures(outcome.ablation[family])
        for kind, whole in kind_figures(outcome.score).items():
            rises.setdefault(kind, []).append(_rise(whole.leaked, less[kind].leaked))
    return {kind: Spread.of(found) for kind, found in rises.items()}


def _rise(whole: float | None, less: float | None) -> float | None:
    return None if whole is None or less is None else less - whole
