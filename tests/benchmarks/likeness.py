"""The weights of likeness, learned from the evaluation folder's corpora and from what people ask elsewhere: of all, or of some."""

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from models.likeness import Weights
from models.likeness_fit import fitted
from tests.benchmarks.quality.corpora.roles import asked_elsewhere
from tests.benchmarks.quality.corpora.wheels import Wheels

#: What honest users ask, and corpora of tasks, probes and attacks.
ASKED = ("benign_arena", "benign_personas", "benign_user_tasks")
TASKS = ("templated_t0", "reasoning_gsm8k", "capability_bbh", "probes_behaviors", "probes_human_redteam")


def prompts(data: Path, name: str) -> Iterator[str]:
    """The prompts of one corpus."""
    with gzip.open(data / "prompts" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["prompt"]


class Corpora:
    """All that likeness may be learned from, by name: corpora of the folder, and what the packages in `wheels` carry.

    With three corpora of users alone, questions from elsewhere read like tasks: by 1 to 3 deviates, where with eight of them it is 0.1 to
    0.9 for those left out in turn (but 2.6 for questions that go before a pasted text).
    """

    def __init__(self, data: Path, wheels: Path) -> None:
        held = Wheels(wheels)
        held.download()
        self.tasks = {name: list(prompts(data, name)) for name in TASKS}
        self.asked = {name: list(prompts(data, name)) for name in ASKED}
        for prompt, group in asked_elsewhere(held):
            self.asked.setdefault(group, []).append(prompt)

    def learned(
        self, tasks: Iterable[str] | None = None, asked: Iterable[str] | None = None, version: str = "of some corpora"
    ) -> Weights:
        """What tells these corpora of tasks from these of users, all when none are named; costs some 20 s and 600 MB."""
        chosen, people = tuple(tasks or self.tasks), tuple(asked or self.asked)
        made = "tests.benchmarks.training, of " + ", ".join((*chosen, *people))
        harvested = [self.tasks[name] for name in chosen]
        return fitted(harvested, [self.asked[name] for name in people], version, made)
