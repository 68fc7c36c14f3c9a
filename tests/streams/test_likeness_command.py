"""Weights of likeness from files of prompts, and what is said of files that cannot be learned from."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from models.likeness import Likeness
from streams.cli import app
from tests.models.test_likeness import ASKED, TASKS, graded


def file(place: Path, prompts: list[str]) -> str:
    place.write_text("".join(json.dumps({"prompt": prompt}) + "\n" for prompt in prompts), encoding="utf-8")
    return str(place)


def command(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_weights_are_learned_from_files_and_tell_tasks_from_what_users_ask(tmp_path: Path) -> None:
    asked, out = file(tmp_path / "asked", ASKED), tmp_path / "likeness.json"
    tasks = [word for name in "ab" for word in ("--tasks", file(tmp_path / name, 2 * TASKS))]
    done = command("likeness", "--asked", asked, *tasks, "--out", str(out))
    assert done.exit_code == 0, done.output
    assert "360 prompts of 2 corpora" in " ".join(done.output.split())
    likeness = Likeness.from_json(out.read_bytes())
    assert min(graded(prompt, likeness) for prompt in TASKS) > max(graded(prompt, likeness) for prompt in ASKED)


@pytest.mark.parametrize(
    ("prompts", "said"), [(TASKS[:9], "holds 9 prompts, and weights need 100"), (None, "holds a line without a prompt")]
)
def test_a_file_that_cannot_be_learned_from_is_named(tmp_path: Path, prompts: list[str] | None, said: str) -> None:
    asked, tasks = file(tmp_path / "asked", ASKED), tmp_path / "tasks"
    if prompts is None:
        tasks.write_text("{}\n", encoding="utf-8")
    else:
        file(tasks, prompts)
    done = command("likeness", "--asked", asked, "--tasks", str(tasks), "--out", str(tmp_path / "out"))
    assert done.exit_code != 0
    assert said in str(done.exception)
    assert not (tmp_path / "out").exists()


def test_as_many_weights_as_files_are_wanted_or_none(tmp_path: Path) -> None:
    for name in ("events", "labels", "weights"):
        (tmp_path / name).write_text("", encoding="utf-8")
    events, labels, weights = (str(tmp_path / name) for name in ("events", "labels", "weights"))
    likeness = ("--likeness", weights, "--likeness", weights)
    done = command("calibrate", events, "--labels", labels, *likeness, "--out", str(tmp_path / "out"))
    assert "1 files of events need as many of likeness, or none, not 2" in str(done.exception)
