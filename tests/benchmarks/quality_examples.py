"""Small labels and findings for tests of the benchmark, by hand and by chance."""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from .quality.labels import DAY_MS, Label

BEGIN_MS = 1_699_920_000_000  # midnight: lines without a uid are findings of a day in UTC
HOUR_MS = 3_600_000


def honest(tenant: str, *, days: int = 3, kind: str = "app") -> Label:
    return Label(
        tenant_id=tenant,
        label="benign",
        kind=kind,
        campaign=None,
        events=10,
        begin_ms=BEGIN_MS,
        end_ms=BEGIN_MS + days * DAY_MS,
        attack_ts=(),
    )


def attacker(tenant: str, *hours: float, kind: str = "bulk", campaign: str | None = None) -> Label:
    """One that attacks at these hours of the run."""
    return Label(
        tenant_id=tenant,
        label="attack",
        kind=kind,
        campaign=campaign or f"{kind}-0",
        events=10 + len(hours),
        begin_ms=BEGIN_MS,
        end_ms=BEGIN_MS + 3 * DAY_MS,
        attack_ts=tuple(at(hour) for hour in hours),
    )


def at(hour: float) -> int:
    return BEGIN_MS + round(hour * HOUR_MS)


def told(
    uid: str | None, hour: float, *tenants: str, activity: int = 1, severity: int = 3, risk: int = 50
) -> dict[str, Any]:
    """One line of findings: the first tenant is its own, all are its resources."""
    line: dict[str, Any] = {"class_uid": 2004, "time": at(hour), "activity_id": activity, "severity_id": severity}
    line["risk_score"] = risk
    line["metadata"] = {"tenant_uid": tenants[0]} if tenants else {}
    line["resources"] = [{"type": "Tenant", "uid": tenant} for tenant in tenants] + [{"type": "AI Model", "uid": "m"}]
    if uid is not None:
        line["finding_info"] = {"uid": uid}
    return line


def chance(labels: Sequence[Label], seed: int, count: int) -> list[dict[str, Any]]:
    """Lines in the order of time that open, update and close findings of any tenants, some without a uid."""
    rng = Random(seed)
    tenants = [label.tenant_id for label in labels] + ["nobody"]
    hours = sorted(rng.uniform(0, 72) for _ in range(count))
    return [
        told(
            rng.choice((None, *(f"f{number}" for number in range(count // 4)))),
            hour,
            *rng.sample(tenants, rng.randint(1, 3)),
            activity=rng.choices((1, 2, 3), (5, 3, 1))[0],
            severity=rng.randint(2, 5),
            risk=rng.randint(30, 99),
        )
        for hour in hours
    ]


def write(path: Path, lines: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path
