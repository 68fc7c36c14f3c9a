"""How a task is worded: a beginning and an end around it, as an operator's script would put them, and what people ask besides."""

from collections.abc import Sequence
from random import Random

from .effort import Disguise
from .stock import Event

_HEADS = (
    ("Solve", "Answer", "Work out", "Complete", "Handle", "Finish", "Treat", "Do", "Go through", "Resolve", "Take", "Tackle"),
    ("the following", "this", "the next", "one", "the given", "another", "our", "my"),
    ("task", "problem", "exercise", "item", "question", "case", "assignment", "piece of work", "puzzle", "request"),
)
_TAILS = (
    ("Show", "Write out", "Give", "List", "Explain", "Describe", "State", "Spell out", "Include", "Lay out"),
    ("all", "your", "the", "any", "each of the", "all of your", "the complete", "more"),
    ("steps", "thoughts", "reasons", "arguments", "results", "notes", "rules", "cases", "choices", "sums", "facts", "checks"),
    ("in full", "one by one", "as well", "from scratch", "without gaps", "at length", "with care", "in order", "for me", "in words"),
)

_OURS = "abcdefghijklmnopqrstuvwxyz"
_THEIRS = str.maketrans(_OURS + _OURS.upper(), (theirs := "абцдефгхийклмнопярстувюхыз") + theirs.upper())
WRONG_LETTERS = 1 / 16


class Wording:
    """Words tasks in `number` ways; 0: not at all, None: in a new way each time, now with an end and now without."""

    def __init__(self, rng: Random, number: int | None) -> None:
        self._rng = rng
        self._frames = None if number is None else [_frame(rng) for _ in range(number)]

    def put(self, task: str) -> str:
        """The prompt of a task."""
        if self._frames is None:
            head, tail = _frame(self._rng)
            if self._rng.random() < 0.5:
                return f"{head}. {tail}:\n{task}"
        elif self._frames:
            head, tail = self._rng.choice(self._frames)
        else:
            return task
        return f"{head}:\n{task}\n{tail}."


def disguised(rng: Random, asked: str, disguise: Disguise) -> str:
    """The prompt, its words disguised.

    >>> disguised(Random(1), "Is 6 x 7 even?", "plain"), disguised(Random(1), "Is it?", "letters")
    ('is 6 x 7 even', 'Ис ит?')
    """
    if disguise == "plain":
        return " ".join("".join(sign for sign in asked.lower() if sign.isalnum() or sign.isspace()).split())
    if disguise == "typos":
        return "".join(rng.choice(_OURS) if sign.isalpha() and rng.random() < WRONG_LETTERS else sign for sign in asked)
    return asked.translate(_THEIRS) if disguise == "letters" else asked


def filled(rng: Random, asked: str, donors: Sequence[Sequence[Event]], before: int, characters: int) -> str:
    """The prompt with what people ask before it and behind it; nothing where nobody asks anything.

    >>> filled(Random(1), "6 x 7", [[{"prompt": "hello there"}]], 5, 20)
    'hello\\n\\n6 x 7\\n\\nhello '
    """
    head = f"{_others(rng, donors, before)}\n\n" if before else ""
    missing = characters - len(head) - len(asked) - 2
    tail = f"\n\n{_others(rng, donors, missing)}" if missing > 0 else ""
    return f"{head}{asked}{tail}"


def _others(rng: Random, donors: Sequence[Sequence[Event]], characters: int) -> str:
    """So many characters of honest prompts."""
    found = ""
    for _ in range(characters):
        if len(found) >= characters or not donors:
            break
        found += (rng.choice(rng.choice(donors)).get("prompt") or "") + " "
    return found[:characters]


def _frame(rng: Random) -> tuple[str, str]:
    head, tail = (" ".join(rng.choice(words) for words in parts) for parts in (_HEADS, _TAILS))
    return head, tail
