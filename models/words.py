"""What is looked at in a prompt: its first words, its last words, and which of 64 public topics its words fall in."""

import re
from zlib import crc32

LOOKED_AT = 1000
TOPIC_CHARACTERS = 480
EDGE_CHARACTERS = 64
EDGE_WORDS = 3
TOPICS = 64
TOPIC_WORD = 5
CACHED = 50_000

_digits = re.compile(r"\d+").sub
_topics: dict[str, int] = {}


def head(prompt: str) -> str:
    """The first three words of a prompt (of its first 64 characters), numbers as 0. Costs 0.8 us.

    >>> head("Translate 17 sentences into French")
    'Translate 0 sentences'
    """
    return _digits("0", " ".join(prompt[:EDGE_CHARACTERS].split(None, EDGE_WORDS)[:EDGE_WORDS]))


def tail(prompt: str) -> str:
    """The last three words of a prompt (of its last 64 characters), numbers as 0. Costs 0.9 us.

    >>> tail("Is 17 prime? Answer with 1 word.")
    'with 0 word.'
    """
    return _digits("0", " ".join(prompt[-EDGE_CHARACTERS:].rsplit(None, EDGE_WORDS)[-EDGE_WORDS:]))


def add_topics(prompt: str, bins: list[int]) -> None:
    """Count each longer word of the first 480 characters in its bin of 64. Costs 5 us.

    The bin is a public hash of the word: six bits say nothing of a text, and the same words share a bin in every deployment.
    """
    for word in prompt[:TOPIC_CHARACTERS].split():
        if len(word) >= TOPIC_WORD:
            bin_ = _topics.get(word)
            bins[topic(word) if bin_ is None else bin_] += 1


def topic(word: str) -> int:
    """The bin of a word: its first eight letters in small, without punctuation around them.

    >>> topic("Reason.") == topic("reason")
    True
    """
    found = crc32(word.strip(".,;:!?\"'()[]{}*`").lower()[:8].encode("utf-8", "surrogatepass")) % TOPICS
    if len(_topics) >= CACHED:
        _topics.clear()
    _topics[word[:64]] = found
    return found
