"""Calibrating by a file of rows and judging by the record that comes of it, without any service."""

from pathlib import Path

import msgspec
import orjson
import pytest
from typer.testing import CliRunner

from models.config import Config
from models.own_rates import own_rates
from schemas.control import Calibration, Control, decode_control
from schemas.rows import TenantWindow, encode_row
from streams.cli import app
from streams.commands.calibration import summary
from streams.commands.control import table
from tests.models.own_days import FIRST_DAY, REFERENCES, tenant_days
from tests.schemas.test_rows import WINDOW

DAY_MS = 86_400_000


def command(*words: str, **variables: str) -> str:
    done = CliRunner().invoke(app, words, env=variables, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Rows of three days of a deployment whose tenants lie half a deviation higher, and of a day that has begun."""
    versions = msgspec.structs.replace(WINDOW.versions, references=REFERENCES.version)
    path = tmp_path / "rows.jsonl"
    with path.open("wb") as out:
        for tenant, day, group, level in tenant_days(1, 300, days=4, shift=0.5, attackers=0.1):
            changed = {"tenant": tenant, "window_start_ms": day * DAY_MS, "level": level, "peer_group": group}
            row: TenantWindow = msgspec.structs.replace(WINDOW, versions=versions, **changed)
            out.write(encode_row(row) + b"\n")
    return path


def test_nominal_and_measured_are_shown_by_peer_group_and_a_control_file_is_written(rows: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.jsonl"
    said = command("calibration", "show", "--rows", str(rows), "--control", str(own))
    for word in ("nominal", "as shipped", "measured", "varied", "Critical", "no alert budget", "tables composed"):
        assert word in said
    made = orjson.loads(command("calibration", "show", "--rows", str(rows), "--json"))
    control = decode_control(own.read_bytes())
    assert control.calibration == msgspec.convert(made, Calibration)
    assert (control.number, control.origin) == (1, "calibrated")
    assert made["last_ms"] == (FIRST_DAY + 3) * DAY_MS
    medium = made["rates"][1]
    assert medium["shipped"] > 1.5 * medium["nominal"]


def test_the_budget_of_the_settings_is_part_of_the_record(rows: Path) -> None:
    said = command(
        "calibration", "show", "--rows", str(rows), "--json", DISTILLWATCH_CALIBRATION__FALSE_FINDINGS_PER_DAY="3"
    )
    made = orjson.loads(said)
    assert made["budget_per_day"] == 3.0
    assert made["factor"] == pytest.approx(3 / 300 / 0.0025, rel=0.01)
    assert "budget 3 false findings a day" in summary(msgspec.convert(made, Calibration))


def test_days_from_a_day_on_can_be_left_for_judging(rows: Path) -> None:
    made = orjson.loads(command("calibration", "show", "--rows", str(rows), "--until", "2024-10-06", "--json"))
    assert made["last_ms"] == (FIRST_DAY + 2) * DAY_MS
    refused = CliRunner().invoke(app, ("calibration", "show", "--rows", str(rows), "--until", "soon"))
    assert "takes a day like" in str(refused.exception)


def test_the_list_of_control_records_tells_of_the_calibration() -> None:
    made = own_rates(tenant_days(1, 200), REFERENCES, Config())
    rendered = table({1: Control(number=1, made_ms=0, calibration=made, calibration_held=True)})
    cells = [next(iter(column.cells)) for column in rendered.columns]
    assert str(cells[-1]).startswith("200 tenants to ")
    assert "Medium 0.25%, as shipped" in str(cells[-1])
    assert str(cells[-1]).endswith("; held")
