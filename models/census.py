"""Which words people begin and end prompts with: the making of the vocabulary that skeletons are shown in."""

import re
from collections import Counter
from functools import lru_cache

from xxhash import xxh3_64_intdigest

from .words import EDGE_WORDS, LOOKED_AT

#: A prompt's words at these places may be told: so many first ones and so many last ones.
FIRST_WORDS, LAST_WORDS = 12, 6
#: A word must be used by so many tenants of a source, in so many sources, and in prompts that begin in so many ways.
LEAST_TENANTS, LEAST_SOURCES, LEAST_OPENINGS = 5, 3, 10
MOST_WORDS = 2000
SHORTEST, LONGEST = 2, 15

#: All but letters, figures and what is not ASCII: `models/words.py` does not count these as part of a word.
_SIGNS = bytes(byte for byte in range(128) if not chr(byte).isalnum())
_SENTENCE_ENDS = b".!?:"
#: A word with signs around it, and hyphens or an apostrophe within; not a path, an address or a name of a program's.
_WORD = re.compile(rb"[^\w]*[A-Za-z]+(['-][A-Za-z]+)*[^\w]*")


@lru_cache(100_000)
def _read(prompt: str) -> tuple[int, frozenset[bytes], frozenset[bytes]]:
    """The hash of a prompt's opening, the words that it writes small, and those with a capital that begin no sentence."""
    lines = (line.split() for line in prompt.encode("utf-8", "surrogatepass").splitlines())
    tokens = [(token, at == 0) for line in lines for at, token in enumerate(line)]
    opening = xxh3_64_intdigest(b" ".join(token for token, _ in tokens[:EDGE_WORDS]).lower())
    if len(tokens) > FIRST_WORDS + LAST_WORDS:
        tokens = tokens[:FIRST_WORDS] + tokens[-LAST_WORDS:]
    ended, small, capital = True, set[bytes](), set[bytes]()
    for token, begins_line in tokens:
        word = token.translate(None, _SIGNS)
        if SHORTEST <= len(word) <= LONGEST and word.isalpha() and _WORD.fullmatch(token):
            if word.islower():
                small.add(word)
            elif not (ended or begins_line):
                capital.add(word.lower())
        ended = token[-1:] in _SENTENCE_ENDS
    return opening, frozenset(small), frozenset(capital)


class Census:
    """Counts by how many tenants a word is written small, and under how many openings it is, small or with a capital.

    A campaign counts as one tenant. An opening, three words, counts once however often and by whoever it is used: so a prompt that many
    copy, or a template filled in a thousand ways, makes no word common. Only the words that a skeleton could show are
    looked at. Holds some 100 bytes a word and tenant of the source at hand; 8 us a prompt.
    """

    def __init__(self) -> None:
        self._here: dict[str, set[bytes]] = {}
        self._sources: Counter[bytes] = Counter()
        self._small: Counter[bytes] = Counter()
        self._capital: Counter[bytes] = Counter()
        self._openings: set[int] = set()
        self.tenants = self.sources = 0

    def take(self, tenant: str, prompt: str) -> None:
        """Count one prompt."""
        opening, small, capital = _read(prompt[:LOOKED_AT])
        self._here.setdefault(tenant, set()).update(small)
        if opening not in self._openings:
            self._openings.add(opening)
            self._small.update(small)
            self._capital.update(capital)

    def end_source(self) -> None:
        """What comes next is from another source, whose tenants are other ones."""
        here = Counter(word for words in self._here.values() for word in words)
        self._sources.update(word for word, tenants in here.items() if tenants >= LEAST_TENANTS)
        self.tenants += len(self._here)
        self.sources += 1
        self._here = {}

    def words(self) -> list[str]:
        """The words under the most openings, 2,000 at most, in the order of the alphabet.

        A word that is written with a capital within a sentence half as often as small is mostly a name, and is left out.
        """
        least = min(LEAST_SOURCES, self.sources)
        known = [
            (-openings, word)
            for word, openings in self._small.items()
            if openings >= LEAST_OPENINGS and self._sources[word] >= least and 2 * self._capital[word] <= openings
        ]
        return sorted(word.decode() for _, word in sorted(known)[:MOST_WORDS])
