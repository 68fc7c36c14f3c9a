"""What a SOC that reads ten findings a day would have caught."""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from .figures import figures
from .findings import MEDIUM, Line, namings
from .labels import DAY_MS, Label
from .scoring import score

MOST_RISK = 100


class Budgeted(Struct, frozen=True, kw_only=True):
    """Of one seed: the least risk (0 to 100) told, the findings created on the worst day, and what was caught so."""

    risk: int
    worst_day: int
    campaigns: float | None
    members: float | None
    precision: float | None


def within_budget(labels: Sequence[Label], lines: Sequence[Line], a_day: int) -> Budgeted:
    """Raise the risk threshold after the fact, until no day of the run creates more than `a_day` findings.

    The threshold is the least that keeps every day within the budget, and one for the whole run, so the worst day sets it. A finding
    is created by its first line at or above it. Where even the highest risk is reached more often than that on a day, the
    day's first `a_day` findings are read and the others are lost.
    """
    begin = labels[0].begin_ms
    highest = max((line.risk_score for line in lines if not line.closes), default=0)
    for risk in range(highest + 1):
        worst = max(_created(lines, risk, begin).values(), default=0)
        if worst <= a_day:
            return _budgeted(labels, lines, risk, worst)
    return _budgeted(labels, _first_of_each_day(lines, highest, begin, a_day), highest, a_day)


def _told(line: Line, risk: int) -> bool:
    return not line.closes and line.severity_id >= MEDIUM and line.risk_score >= risk


def _first_days(lines: Sequence[Line], risk: int, begin_ms: int) -> dict[str, int]:
    """The day on which each finding is created at this threshold, in the order of creation."""
    first: dict[str, int] = {}
    for line in lines:
        if _told(line, risk):
            for tenant in line.named():
                first.setdefault(line.finding_of(tenant), (line.time - begin_ms) // DAY_MS)
    return first


def _created(lines: Sequence[Line], risk: int, begin_ms: int) -> Counter[int]:
    return Counter(_first_days(lines, risk, begin_ms).values())


def _first_of_each_day(lines: Sequence[Line], risk: int, begin_ms: int, a_day: int) -> list[Line]:
    """The lines of the first findings of each day."""
    read, count = set(), Counter[int]()
    for finding, day in _first_days(lines, risk, begin_ms).items():
        count[day] += 1
        if count[day] <= a_day:
            read.add(finding)
    return [line for line in lines if any(line.finding_of(tenant) in read for tenant in line.named())]


def _budgeted(labels: Sequence[Label], lines: Sequence[Line], risk: int, worst: int) -> Budgeted:
    named = namings([line for line in lines if line.closes or _told(line, risk)])
    found = figures(score(labels, named))
    return Budgeted(
        risk=risk,
        worst_day=worst,
        campaigns=found.campaigns,
        members=found.members,
        precision=found.precision,
    )
