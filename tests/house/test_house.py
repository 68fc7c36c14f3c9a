"""Rules of the house that no linter knows."""

import subprocess
from pathlib import Path

from streams.commands.settings import env_text, markdown_text
from streams.telemetry import metric_table

ROOT = Path(__file__).parents[2]
CODE = [path for folder in ("schemas", "models", "streams") for path in (ROOT / folder).rglob("*.py")]


def section(name: str) -> str:
    """The README between `<!-- name ... -->` and the next `<!-- end -->`."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return text.split(f"<!-- {name}", 1)[1].split("-->\n", 1)[1].split("<!-- end -->", 1)[0].strip()


def test_the_tables_in_the_readme_are_the_generated_ones() -> None:
    assert section("settings") == markdown_text().strip()
    assert section("metrics") == metric_table().strip()


def test_the_example_environment_is_the_generated_one() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == env_text()


def test_at_the_top_there_is_nothing_but_what_belongs_there() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()  # noqa: S607
    top = {name.split("/")[0] for name in tracked}
    allowed = {"pyproject.toml", "README.md", "streams", "models", "schemas", "deploy", "tests"}
    assert {name for name in top if not name.startswith(".")} <= allowed


def test_no_file_of_code_is_longer_than_three_hundred_lines() -> None:
    assert not [path for path in CODE if len(path.read_text(encoding="utf-8").splitlines()) > 300]


def test_nothing_unpickles() -> None:
    assert not [path for path in CODE if "import pickle" in path.read_text(encoding="utf-8")]
