"""Prompts from words: a template with slots, filled from a field of life and the common words, as often as one likes.

A slot `{thing}` takes a random word, `{3}` a number of three digits, `{line}`, `{question}` and a few more a phrase
that has slots of its own.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random

from streams.simulation import words
from streams.simulation.phrases import AIMS, ASKS, FOLLOW_UPS, QUESTIONS, SENTENCES, TAILS, TASKS
from streams.simulation.words import Field

SLOT = re.compile(r"\{(\w+)\}")

COMMON: Mapping[str, Sequence[str]] = {
    "when": words.WHEN,
    "text": words.TEXTS,
    "mood": words.MOODS,
    "limit": words.LIMITS,
    "level": words.LEVELS,
    "town": words.TOWNS,
    "name": words.NAMES,
    "goods": words.GOODS,
    "vehicle": words.VEHICLES,
    "shape": words.SHAPES,
    "structure": words.STRUCTURES,
    "language": words.LANGUAGES,
    "misdeed": words.SAFEGUARDS,
}
NESTED: Mapping[str, Sequence[str]] = {
    "line": SENTENCES,
    "question": QUESTIONS,
    "ask": ASKS,
    "aim": AIMS,
    "tail": TAILS,
}


class Voice:
    """Somebody who writes prompts: a source of chance and the fields of life they care about."""

    def __init__(self, rng: Random, fields: Sequence[Field]) -> None:
        self.rng = rng
        self.fields = fields

    def fill(self, template: str) -> str:
        """Fill every slot of a template; all slots of one prompt speak of the same field."""
        return SLOT.sub(self._filler(self.rng.choice(self.fields)), template)

    def says(self) -> str:
        """Type what people type to begin with: a question, often some context, not always careful."""
        rng, filler = self.rng, self._filler(self.rng.choice(self.fields))
        question, context = rng.choice(QUESTIONS), rng.choices(SENTENCES, k=rng.choice((0, 0, 1, 1, 2, 4, 9)))
        parts = [question, *context] if rng.random() < 0.5 else [*context, question]
        return self._typed(rng.choice(words.OPENERS) + SLOT.sub(filler, " ".join(parts)))

    def follows_up(self) -> str:
        """Type what people type next in the same conversation."""
        return self._typed(self.fill(self.rng.choice(FOLLOW_UPS)))

    def task(self, names: Sequence[str] = ()) -> str:
        """Set a task of the kind that trains a student model, of one of the named kinds or of any."""
        pool = [text for name, text in TASKS if name in names] if names else [text for _, text in TASKS]
        return self.fill(self.rng.choice(pool))

    def multiplied(self, frame: str) -> str:
        """Set a task inside a frame (one of `MULTIPLY`) that asks for more of its kind."""
        return self.fill(frame.replace("{task}", self.task()))

    def _filler(self, field: Field) -> Callable[[re.Match[str]], str]:
        rng = self.rng
        own = {
            "thing": field.things,
            "act": field.acts,
            "trouble": field.troubles,
            "idea": field.ideas,
            "person": field.people,
        }

        def fill(slot: re.Match[str]) -> str:
            name = slot[1]
            if name.isdigit():
                digits = int(name)
                return str(rng.randrange(2 if digits == 1 else 10 ** (digits - 1), 10**digits))
            if name in NESTED:
                return SLOT.sub(fill, rng.choice(NESTED[name]))
            return rng.choice(own.get(name) or COMMON[name])

        return fill

    def _typed(self, text: str) -> str:
        """Type as people do: some never use capitals, some slip."""
        rng, roll = self.rng, self.rng.random()
        if roll < 0.3:
            text = text.lower().rstrip("?.")
        if roll > 0.85 and len(text) > 12:
            at = rng.randrange(1, len(text) - 2)
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        return text
