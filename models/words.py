"""What is looked at in a prompt: its first words, its last words, and which of 64 public topics its words fall in."""

import re
from zlib import crc32

LOOKED_AT = 1000
TOPIC_CHARACTERS = 160
EDGE_CHARACTERS = 64
EDGE_WORDS = 3
TOPICS = 64
BINS = TOPICS + 1
TOPIC_WORD = 5
CACHED = 50_000

_digits = re.compile(r"\d+").sub


def head(prompt: str) -> str:
    """The first three words of a prompt (of its first 64 characters), numbers as 0. Costs 0.7 us.

    >>> head("Translate 17 sentences into French")
    'Translate 0 sentences'
    """
    return _digits("0", " ".join(prompt[:EDGE_CHARACTERS].split(None, EDGE_WORDS)[:EDGE_WORDS]))


def tail(prompt: str) -> str:
    """The last three words of a prompt (of its last 64 characters), numbers as 0. Costs 0.8 us.

    >>> tail("Is 17 prime? Answer with 1 word.")
    'with 0 word.'
    """
    return _digits("0", " ".join(prompt[-EDGE_CHARACTERS:].rsplit(None, EDGE_WORDS)[-EDGE_WORDS:]))


def topic(word: str) -> int:
    """The bin of a word: by its first eight letters in small, without punctuation; short words share bin 64.

    >>> topic("Reason.") == topic("reason"), topic("why?")
    (True, 64)
    """
    bare = word.strip(".,;:!?\"'()[]{}*`").lower()
    return crc32(bare[:8].encode("utf-8", "surrogatepass")) % TOPICS if len(bare) >= TOPIC_WORD else TOPICS


class _Remembered(dict[str, int]):
    """Bins of words met before, at most 50,000 words of 64 characters (8 MB a process); what is in it changes no result."""

    def __missing__(self, word: str) -> int:
        found = topic(word)
        if len(self) >= CACHED:
            self.clear()
        self[word[:64]] = found
        return found


_bin = _Remembered().__getitem__


def add_topics(prompt: str, bins: list[int]) -> None:
    """Count the words in the middle of a prompt in their bins; `bins` has 65, the last for short words. Costs 4 us.

    Looks at 160 characters, some 25 words: the middle is where a template's content differs, and what a word costs is a
    look into a large table. A bin is a public hash of a word: six bits say nothing of a text, and equal words share a
    bin in every deployment.
    """
    begin = (min(len(prompt), LOOKED_AT) - TOPIC_CHARACTERS) >> 1
    for at in map(_bin, prompt[max(begin, 0):max(begin, 0) + TOPIC_CHARACTERS].split()):
        bins[at] += 1
