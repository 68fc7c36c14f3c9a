"""`distillwatch capacity` says what was measured, for machines too."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from schemas.errors import RefusedToStart
from streams.cli import app
from streams.simulation import Simulation, simulate
from tests.streams.test_capacity import STAGES


def test_the_command_says_as_json_what_the_machine_will_do(tmp_path: Path) -> None:
    records = list(simulate(Simulation(days=0.5, tenants=12, attackers=4, seed=5))[0])
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"\n".join(records[:1500]))
    words = ["capacity", "--events", str(file), "--tenants", "100000", "--rounds", "1", "--json"]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0
    assert "not counted" in done.stderr
    made = orjson.loads(done.stdout)
    assert list(made)[:4] == ["cpu_us_per_event", "events_per_second_per_core", "bytes_per_tenant", "stages"]
    assert list(made)[4:] == ["memory", "need", "machine", "not_measured", "notes"]
    assert list(made["stages"]) == STAGES
    assert list(made["machine"]["spread"]) == [*STAGES, "total"]
    assert (made["machine"]["rounds"], made["machine"]["records"], made["need"]["tenants"]) == (1, 1500, 100_000)


def test_an_empty_file_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.touch()
    with pytest.raises(RefusedToStart, match="no event to measure"):
        CliRunner().invoke(app, ["capacity", "--events", str(file)], catch_exceptions=False)
