"""The real engine in a process of its own, for tests, and rows to put into it."""

import signal
import subprocess
import sys
from pathlib import Path

from schemas.campaign import Member
from schemas.finding import Finding
from schemas.rows import CampaignMemberRow, FindingRow, TenantWindow
from streams.clickhouse import connect
from streams.settings import ClickHouseSettings
from tests.schemas.findings import CLOSED, CREATED, UPDATED, VERSIONS

ROOT = Path(__file__).parents[3]
HOUR_MS = 3_600_000
START_MS = 1_793_246_400_000  # 2026-10-29T04:00:00Z, hours before the finding of the examples


class EngineProcess:
    """One server over the tables under `path`."""

    def __init__(self, path: Path, port: int) -> None:
        self.path, self.port = path, port
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "streams.local.clickhouse_http",
            "--path",
            str(self.path),
            "--port",
            str(self.port),
        ]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "READY\n"

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> int | None:
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int | None:
        """Its exit code; None when it did not run."""
        process, self._process = self._process, None
        if process is None:
            return None
        with process:  # closes the pipe
            process.send_signal(how)
            return process.wait(45)

    def settings(self, database: str, **changed: object) -> ClickHouseSettings:
        return ClickHouseSettings.model_validate({"port": self.port, "database": database, **changed})


def window(number: int = 0, **changed: object) -> TenantWindow:
    """A window whose every field differs from its neighbours'."""
    counts = [name for name, kind in TenantWindow.__annotations__.items() if kind is int]
    estimates = [name for name in TenantWindow.__struct_fields__ if name.startswith("distinct_")]
    fields: dict[str, object] = {name: number * 100 + place for place, name in enumerate(counts)}
    fields |= {name: number + place / 7 for place, name in enumerate(estimates)}
    fields |= {
        "tenant": f"org_{number % 7}",
        "subject": "",
        "window_start_ms": START_MS + (number // 7) * HOUR_MS,
        "window_ms": HOUR_MS,
        "source_partition": number % 3,
        "version": 1000 + number,
        "risk": (number % 11) / 11,
        "suspect": number % 11 > 8,
        "level": (number % 13) - 6.5,
        "peer_group": ("young", "light", "medium", "repeated", "varied", "declared")[number % 6],
        "scores": {"volume": (number % 5) / 5 + 0.001, "diversity": 0.25},
        "versions": VERSIONS,
    }
    return TenantWindow(**(fields | changed))  # type: ignore[arg-type]


def finding_row(finding: Finding, version: int = 40, **changed: object) -> FindingRow:
    fields = {"line_uid": finding.line_uid, "source_partition": 2, "version": version, "finding": finding}
    return FindingRow(**(fields | changed))  # type: ignore[arg-type]


FINDINGS = [finding_row(finding, 40 + place) for place, finding in enumerate((CREATED, UPDATED, CLOSED))]


def member_row(campaign: str, number: int, **changed: object) -> CampaignMemberRow:
    """A member whose every field differs from its neighbours'."""
    member = Member(
        tenant=f"org_{number}",
        subject="",
        p_value=0.01 * (number + 1),
        first_ms=START_MS + number,
        requests=100 + number,
        output_tokens=1000 + number,
        links=("ending+payment", "opening+network")[: 1 + number % 2],
    )
    fields = {"campaign_uid": campaign, "named_ms": START_MS + number * HOUR_MS, "version": number, "member": member}
    return CampaignMemberRow(**(fields | {"versions": VERSIONS} | changed))  # type: ignore[arg-type]


MEMBERS = [*(member_row("campaign_a", at) for at in range(3)), *(member_row("campaign_b", at) for at in (7, 8))]


def select(settings: ClickHouseSettings, sql: str, **parameters: object) -> list[dict[str, object]]:
    """The rows that a statement gives, each by column."""
    with connect(settings) as client:
        result = client.query(sql, parameters=parameters, tz_mode="aware")
        return [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]


def number(settings: ClickHouseSettings, sql: str) -> object:
    """The one value that a statement gives."""
    ((value,),) = (row.values() for row in select(settings, sql))
    return value
