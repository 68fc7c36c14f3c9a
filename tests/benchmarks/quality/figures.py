"""Shares and their spread, from the counts of scores."""

from collections.abc import Iterable, Sequence
from statistics import fmean, median, stdev

from msgspec import Struct

from .scoring import Campaign, HonestTenant, Score


class Figures(Struct, frozen=True, kw_only=True):
    """One row of the table, of one seed or of one kind; shares in [0, 1], None where there was nothing to count.

    - `campaigns`: those with a member named after its first attack request;
    - `members`: attacking tenants named; over several kinds the mean of the kinds, each counted alike;
    - `leaked`: mean over campaigns of the share of attack requests made before their tenant was named (never: all);
    - `queries`: median of the attack requests that a named tenant made before it was named;
    - `false_tenant_days`: days of tenants that had not begun to attack on which a finding was opened on them;
    - `precision`: (finding, tenant) pairs that name a tenant while it attacks or after.
    """

    campaigns: float | None
    members: float | None
    leaked: float | None
    queries: float | None
    false_tenant_days: float | None
    precision: float | None


class Spread(Struct, frozen=True, kw_only=True):
    """A figure over seeds: mean, least, greatest, and standard deviation (0 for one seed)."""

    mean: float
    low: float
    high: float
    deviation: float
    seeds: int

    @classmethod
    def of(cls, values: Iterable[float | None]) -> "Spread | None":
        """The spread of the values that there are; None without any."""
        known = [value for value in values if value is not None]
        if not known:
            return None
        deviation = stdev(known) if len(known) > 1 else 0.0
        return cls(mean=fmean(known), low=min(known), high=max(known), deviation=deviation, seeds=len(known))


def share(part: float, whole: float) -> float | None:
    """A share; None of nothing."""
    return part / whole if whole else None


def figures(score: Score) -> Figures:
    """The figures of a seed."""
    queries = [query for each in score.campaigns for query in each.queries]
    return Figures(
        campaigns=caught(score.campaigns),
        members=mean([members(of_kind) for of_kind in by_kind(score.campaigns).values()]),
        leaked=leaked(score.campaigns),
        queries=median(queries) if queries else None,
        false_tenant_days=false_days(score.honest),
        precision=share(score.right, score.pairs),
    )


def kind_figures(score: Score) -> dict[str, Figures]:
    """The figures of each kind of attack in a seed."""
    return {kind: figures(Score(tuple(campaigns), (), 0, 0)) for kind, campaigns in by_kind(score.campaigns).items()}


def by_kind(campaigns: Iterable[Campaign]) -> dict[str, list[Campaign]]:
    """The campaigns of each kind, kinds by name."""
    found: dict[str, list[Campaign]] = {}
    for campaign in sorted(campaigns, key=lambda each: each.kind):
        found.setdefault(campaign.kind, []).append(campaign)
    return found


def caught(campaigns: Sequence[Campaign]) -> float | None:
    """The share of campaigns with a member named."""
    return share(sum(each.caught > 0 for each in campaigns), len(campaigns))


def members(campaigns: Sequence[Campaign]) -> float | None:
    """The share of members named."""
    return share(sum(each.caught for each in campaigns), sum(each.members for each in campaigns))


def leaked(campaigns: Sequence[Campaign]) -> float | None:
    """The mean over campaigns of what leaked before the naming."""
    return mean([each.leaked / max(1, each.requests) for each in campaigns])


def false_days(honest: Sequence[HonestTenant]) -> float | None:
    """The share of honest tenant-days with a finding."""
    return share(sum(each.false_days for each in honest), sum(each.days for each in honest))


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of the values that there are."""
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
