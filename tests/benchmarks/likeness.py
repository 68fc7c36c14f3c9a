"""The weights of likeness, learned from the evaluation folder's corpora: of all that are tasks, or of some."""

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from models.likeness import Weights
from models.likeness_fit import fitted

#: What honest users ask, and corpora of tasks, probes and attacks.
ASKED = ("benign_arena", "benign_personas", "benign_user_tasks")
TASKS = ("templated_t0", "reasoning_gsm8k", "capability_bbh", "probes_behaviors", "probes_human_redteam")


def prompts(data: Path, name: str) -> Iterator[str]:
    """The prompts of one corpus."""
    with gzip.open(data / "prompts" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["prompt"]


def learned(data: Path, tasks: Iterable[str] = TASKS, version: str = "of some corpora") -> Weights:
    """What tells these corpora of tasks from what honest users ask; costs some 10 s and 300 MB a corpus."""
    names = tuple(tasks)
    made = "tests.benchmarks.training, of " + ", ".join((*names, *ASKED))
    asked = [prompt for name in ASKED for prompt in prompts(data, name)]
    return fitted([list(prompts(data, name)) for name in names], asked, version, made)
