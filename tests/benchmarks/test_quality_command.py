from pathlib import Path

import pytest
from typer.testing import CliRunner

from .quality.__main__ import app


def test_the_help_teaches_by_examples() -> None:
    said = CliRunner().invoke(app, ["--help"], terminal_width=200).output
    assert said.count("deploy/benchmark --") >= 5
    assert "Without an evaluation folder" in said


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--seeds", "1,two"], "list of numbers"),
        (["--nominal", "0.01"], "three shares"),
        (["--nominal", "0.01,2,0.1"], "three shares"),
        (["--baselines", "--without-prompts"], "--baselines needs"),
        (["--json", "/nowhere/at/all/table.json"], "there is no directory"),
        (["--eval", "/nowhere"], "compose.py"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_made(
    options: list[str], complaint: str, tmp_path: Path
) -> None:
    result = CliRunner().invoke(app, ["--work", str(tmp_path / "work"), *options])
    assert complaint in str(result.exception)
    assert not (tmp_path / "work").exists()
