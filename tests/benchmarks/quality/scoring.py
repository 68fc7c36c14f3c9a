"""Findings held against labels: counts, from which `figures` makes shares.

A tenant is named from the first line of a finding of severity Medium or more that lists it, until that finding is closed. Opening
a finding costs; keeping one open does not.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .findings import Naming
from .labels import DAY_MS, Label

#: The role of an attacker's whole days before it attacked.
BEFORE_ATTACK = "(attackers, before they begin)"


class Campaign(NamedTuple):
    """What became of one campaign.

    `members` attacked, `caught` of them were named; `requests` belong to the attack, `leaked` of them were made before (or
    without) their tenant's naming; `queries` has those made before it for each member that was caught.
    """

    name: str
    kind: str
    members: int
    caught: int
    requests: int
    leaked: int
    queries: tuple[int, ...]


class HonestTenant(NamedTuple):
    """A tenant's honest days, and how many of them had a finding opened on it."""

    role: str
    days: int
    false_days: int
    false_findings: int


class Score(NamedTuple):
    """One findings file on one seed; of the `pairs` (finding, tenant), `right` name a tenant while it attacks or after."""

    campaigns: tuple[Campaign, ...]
    honest: tuple[HonestTenant, ...]
    pairs: int
    right: int


def score(labels: Iterable[Label], named: Sequence[Naming]) -> Score:
    """Score namings on the labels of their traffic."""
    by_tenant: dict[str, list[Naming]] = defaultdict(list)
    for naming in named:
        by_tenant[naming.tenant].append(naming)
    honest, right = [], 0
    groups: dict[str, list[Label]] = defaultdict(list)
    for label in filter(lambda each: each.counted, labels):
        honest.append(_honest(label, by_tenant[label.tenant_id]))
        if label.attack_ts:
            groups[label.campaign or label.tenant_id].append(label)
            right += len(_since(label, by_tenant[label.tenant_id]))
    campaigns = tuple(_campaign(name, members, by_tenant) for name, members in groups.items())
    return Score(campaigns, tuple(honest), len(named), right)


def _honest(label: Label, named: Iterable[Naming]) -> HonestTenant:
    until = label.begin_ms + label.honest_days * DAY_MS
    days = [(each.opened_ms - label.begin_ms) // DAY_MS for each in named if each.opened_ms < until]
    return HonestTenant(BEFORE_ATTACK if label.attack_ts else label.kind, label.honest_days, len(set(days)), len(days))


def _since(label: Label, named: Iterable[Naming]) -> list[int]:
    """When each finding named an attacker, from its first attack request on; one that was closed by then names nobody."""
    first = label.attack_ts[0]
    return [max(each.opened_ms, first) for each in named if each.closed_ms >= first]


def _campaign(name: str, members: Sequence[Label], by_tenant: dict[str, list[Naming]]) -> Campaign:
    queries, leaked = [], 0
    for label in members:
        since = _since(label, by_tenant[label.tenant_id])
        before = bisect_right(label.attack_ts, min(since)) if since else len(label.attack_ts)
        leaked += before
        if since:
            queries.append(before)
    requests = sum(len(label.attack_ts) for label in members)
    return Campaign(name, members[0].kind, len(members), len(queries), requests, leaked, tuple(queries))
