"""Data sets of tasks and how we phrase them: what an application, or a harvest, sends a thousand times with other contents."""

from string import Template
from typing import Any, NamedTuple


class Task(NamedTuple):
    """Records of `source` (a file of the package, without its suffix) and four phrasings that name fields of theirs."""

    source: str
    phrasings: tuple[str, str, str, str]


_CHOICE = (
    "$question\n\n$options\n\nGive the letter of the right answer.",
    "Here is an exam question:\n$question\nChoose from:\n$options",
    "Options:\n$options\n\nWhich of them answers this best: $question",
    "Q: $question\n$options\nA:",
)
_PASSAGE = (
    "$passage\n\nFrom the text above, answer: $question",
    "Use nothing but this text.\n\n$passage\n\n$question",
    "Question: $question\n\nSource:\n$passage\n\nShort answer:",
    "Somebody wants to know: $question\nWhat does the following say about it?\n$passage",
)

TASKS = (
    Task("BoolQ/test", _PASSAGE),
    Task("NarrativeQA/test", _PASSAGE),
    Task("PubMedQA/pqaa/test", _PASSAGE),
    Task("Bigbench/Causal-judgment/test", _PASSAGE),
    Task("MMLU/test", _CHOICE),
    Task("MedMCQA/MedMCQA-Test/Dental", _CHOICE),
    Task("MedMCQA/MedMCQA-Test/Surgery", _CHOICE),
    Task("OpenBookQA/test", _CHOICE),
    Task("PIQA/validation", _CHOICE),
    Task("Bigbench/Abstract-narrative-understanding/test", _CHOICE),
    Task(
        "BBQ/test",
        (
            "$passage\n$question\n$options",
            "Read and decide.\n\n$passage\n\n$question\n$options\n\nDecision:",
            "$question\n$options\n\nThe story: $passage",
            "Story: $passage\nPick one of\n$options\nfor: $question",
        ),
    ),
    Task(
        "MultiLexSum/test",
        (
            "$document\n\nSum up this case in three sentences.",
            "What was decided here, and why?\n\n$document",
            "Case file:\n$document\n\nHeadline:",
            "List the parties and what each of them claims.\n\n$document",
        ),
    ),
    Task(
        "HellaSwag/test",
        (
            "$question\n\nWhat happens next?",
            "Continue in one sentence: $question",
            "A scene begins: $question\nWrite its end.",
            "Rewrite in the past tense: $question",
        ),
    ),
    Task(
        "StereoSet/test",
        (
            "$context\n\nIs this about $bias_type? Yes or no.",
            "Which group does this sentence speak of?\n$context",
            "Write a fair version of: $context",
            "Sentence: $context\nTarget: $target\nTone:",
        ),
    ),
    Task(
        "Toxicity/test",
        (
            "Comment: $text\nShould a moderator hide it? Answer hide or keep.",
            "Rate from 0 to 5 how rude this is.\n\n$text",
            "$text\n\nSay the same politely.",
            "Label the comment (insult, threat, profanity, none): $text",
        ),
    ),
    Task(
        "Translation/test",
        (
            "Translate into German: $sourceString",
            "$sourceString\n\nIn French, please:",
            "How would one say this in Spanish?\n$sourceString",
            "English: $sourceString\nItalian:",
        ),
    ),
)


def filled(phrasing: str, record: dict[str, Any]) -> str:
    """A phrasing with the fields of a record; `KeyError` for a field that it lacks."""
    return Template(phrasing).substitute(record).strip()
