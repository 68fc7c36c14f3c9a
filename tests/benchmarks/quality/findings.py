"""Who was named from when to when, by a file of findings."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from .labels import DAY_MS

MEDIUM, HIGH, CRITICAL = 3, 4, 5
_UPDATE, _CLOSE = 2, 3


class _Metadata(Struct, frozen=True):
    tenant_uid: str | None = None


class _Info(Struct, frozen=True):
    uid: str | None = None
    types: tuple[str, ...] = ()


class _Resource(Struct, frozen=True):
    type: str = ""
    uid: str | None = None


class Line(Struct, frozen=True):
    """What counts of one OCSF Detection Finding; `risk_score` is 0 to 100, `time` epoch ms."""

    time: int
    activity_id: int = 1
    severity_id: int = 0
    risk_score: int = 0
    metadata: _Metadata = _Metadata()
    finding_info: _Info = _Info()
    resources: tuple[_Resource, ...] = ()

    @property
    def closes(self) -> bool:
        """Whether it ends its finding."""
        return self.activity_id == _CLOSE

    @property
    def of_campaign(self) -> bool:
        """Whether it tells of several tenants together."""
        return "Campaign" in self.finding_info.types

    def named(self) -> set[str]:
        """The tenants that the line lists."""
        listed = {resource.uid for resource in self.resources if resource.type == "Tenant"} | {self.metadata.tenant_uid}
        return {tenant for tenant in listed if tenant}

    def finding_of(self, tenant: str) -> str:
        """The finding it belongs to; a line without one is a finding of its own for each tenant and day."""
        return self.finding_info.uid or f"{tenant}|{self.time // DAY_MS}"


class Naming(NamedTuple):
    """One tenant in one finding: from the first line that lists it until the finding is closed (infinity: never)."""

    tenant: str
    finding: str
    opened_ms: int
    closed_ms: float


def read_findings(path: Path) -> list[Line]:
    """The lines of a findings file, in the order of emission."""
    with path.open("rb") as lines:
        return [msgspec.json.decode(line, type=Line) for line in lines]


def namings(lines: Iterable[Line], *, severity: int = MEDIUM) -> list[Naming]:
    """Every (finding, tenant) pair; lines below the `severity` (3 Medium, 4 High, 5 Critical) name nobody."""
    opened: dict[tuple[str, str], int] = {}
    closed: dict[str, float] = {}
    for line in lines:
        if line.closes:
            closed[line.finding_info.uid or ""] = line.time
        elif line.severity_id >= severity:
            for tenant in line.named():
                opened.setdefault((line.finding_of(tenant), tenant), line.time)
    return [Naming(tenant, finding, time, closed.get(finding, math.inf)) for (finding, tenant), time in opened.items()]
