"""The vocabulary: the common words that may be shown of a prompt, each with its number; all others are never told."""

from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from schemas.errors import RefusedToStart

from .census import FIRST_WORDS, LAST_WORDS, LONGEST, MOST_WORDS, SHORTEST
from .compiled import compiled

SHIPPED = "words.json"
TOLD_WORDS = FIRST_WORDS + LAST_WORDS
#: Places of the table that words are found in: a power of two, and four times as many as there may be words.
PLACES = 8192

_BASIS, _PRIME = np.uint64(14695981039346656037), np.uint64(1099511628211)
_LAST_PLACE = np.uint64(PLACES - 1)


class Words(Struct, frozen=True):
    """The file as it is: the words in the order of the alphabet, and how they were found."""

    version: str
    made: str
    words: tuple[str, ...]


class Vocabulary:
    """Numbered words, ready to be asked; number 0 stands for every other word. Read-only, 100 KB a process."""

    def __init__(self, held: Words) -> None:
        _check(held)
        #: The word of each number.
        self.words: tuple[str, ...] = ("", *held.words)
        self.keys, self.numbers = np.zeros(PLACES, np.uint64), np.zeros(PLACES, np.uint16)
        for number, word in enumerate(held.words, 1):
            _keep(word.encode(), number, self.keys, self.numbers)
        #: Four bytes that tell one list of words from another.
        self.mark = blake2b("\n".join(held.words).encode(), digest_size=4).digest()

    @classmethod
    def shipped(cls) -> "Vocabulary":
        """The words that came with the package."""
        return _shipped()

    @classmethod
    def from_json(cls, content: bytes) -> "Vocabulary":
        """A vocabulary from its file; raises `RefusedToStart` for one that is broken."""
        try:
            return cls(msgspec.json.decode(content, type=Words))
        except msgspec.DecodeError as error:
            raise RefusedToStart(f"the words are not a vocabulary of this version: {error}") from None


@cache
def _shipped() -> Vocabulary:
    return Vocabulary.from_json(files("models.references").joinpath(SHIPPED).read_bytes())


def _check(held: Words) -> None:
    words = held.words
    if len(words) > MOST_WORDS or list(words) != sorted(set(words)):
        raise RefusedToStart(f"the words are more than {MOST_WORDS}, or not in the order of the alphabet")
    odd = [w for w in words if not (SHORTEST <= len(w) <= LONGEST and w.isascii() and w.isalpha() and w.islower())]
    if odd:
        raise RefusedToStart(f"not every word is one of {SHORTEST} to {LONGEST} small letters: {odd[0]!r}")


@compiled
def _grown(digest: Any, byte: int) -> Any:
    """The hash (FNV-1a) with one more byte; capitals count as small letters, and signs not at all."""
    if 65 <= byte <= 90:
        byte += 32
    elif byte < 48 or 57 < byte < 97 or 123 <= byte <= 127:
        return digest
    return (digest ^ np.uint64(byte)) * _PRIME


@compiled
def _number(digest: Any, keys: Any, numbers: Any) -> int:
    place = digest & _LAST_PLACE
    while keys[place] != 0:
        if keys[place] == digest:
            return int(numbers[place])
        place = (place + np.uint64(1)) & _LAST_PLACE
    return 0


@compiled
def _keep(word: Any, number: int, keys: Any, numbers: Any) -> None:
    digest = _BASIS
    for at in range(len(word)):
        digest = _grown(digest, int(word[at]))
    place = digest & _LAST_PLACE
    while keys[place] != 0:
        place = (place + np.uint64(1)) & _LAST_PLACE
    keys[place], numbers[place] = digest, number


@compiled
def _blank(byte: int) -> bool:
    return byte == 32 or 9 <= byte <= 13


@compiled
def _spelt(data: Any, begin: int, end: int) -> Any:
    digest = _BASIS
    for at in range(begin, end):
        digest = _grown(digest, int(data[at]))
    return digest


@compiled
def read(data: Any, keys: Any, numbers: Any, out: Any) -> int:
    """How many words a text has, 19 at most; `out` receives the numbers of its first twelve and, from its end, of its last six.

    Words are parted by blanks and are their letters and figures, as in `models/words.py`. Places that the text is too short for are 0.
    Equal hashes of 64 bits count as equal words, so that what is told is always a word of the vocabulary. Costs 0.7 us.
    """
    out[:] = 0
    length = end = len(data)
    at = words = 0
    while at < length and words < FIRST_WORDS:
        begin = at
        while at < length and not _blank(data[at]):
            at += 1
        digest = _spelt(data, begin, at)
        if digest != _BASIS:
            out[words] = _number(digest, keys, numbers)
            words += 1
        at += 1
    behind = 0
    while end > 0 and behind <= LAST_WORDS:
        begin = end
        while begin > 0 and not _blank(data[begin - 1]):
            begin -= 1
        digest = _spelt(data, begin, end)
        if digest != _BASIS:
            behind += 1
            words += begin >= at
            if behind <= LAST_WORDS:
                out[TOLD_WORDS - behind] = _number(digest, keys, numbers)
        end = begin - 1
    return words
