"""Skeletons of the prompts that a watched tenant repeats: common words as they stand, everything else as a gap."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.errors import ForeignState
from schemas.finding import ENDING, OPENING, Template

from .census import FIRST_WORDS
from .compiled import compiled
from .heavy import heaviest
from .vocabulary import TOLD_WORDS, Vocabulary, read

#: Templates held at once, openings and endings; of each sort so many are remembered from fold to fold.
HELD, REMEMBERED = 8, 3
MOST_TEMPLATES = 3
#: An opening or ending is heavy when so many of the recent prompts have it, and such a share of them.
LEAST_COUNT, LEAST_SHARE = 2, 0.04
#: A skeleton of fewer words or letters says nothing; then only the share is told, if it is no less than this.
LEAST_WORDS, LEAST_LETTERS, LEAST_BARE_SHARE = 2, 8, 0.2
#: What fewer prompts have in common would be a quotation of them.
LEAST_PROMPTS = 4
GAP = "…"

#: A template as a row: which opening or ending it goes by (0: none), prompts seen, the least and most words of one (19 are
#: 19 or more), and the numbers of the first twelve and the last six words, where all these prompts agree.
ROW = np.dtype(
    [("key", "<u8"), ("prompts", "<u4"), ("shortest", "u1"), ("longest", "u1"), ("words", "<u2", TOLD_WORDS)]
)
#: Set in the key of an ending.
_IS_ENDING = 1 << 32
#: What is packed begins with the mark of the vocabulary and the number of rows, and ends with keys.
MARK_BYTES, KEY_BYTES = 4, 5
HEAD_BYTES = MARK_BYTES + 1
_ROWS_BYTES = HELD * ROW.itemsize


class Heavy(NamedTuple):
    """An opening or ending that `prompts` of the `mass` of recent prompts have."""

    key: int
    prompts: int
    mass: int


class Templates:
    """What a watched tenant's prompts have in common, in words that anybody uses; 50 bytes a template, at most eight.

    Goes by the openings and endings (three words, as keyed hashes) that the tenant's past already counts as heavy, and by the
    first new ones of each fold. Prompts with one opening are laid over each other, word by word from the beginning and from
    the end: where they differ, or the word is not in the vocabulary, there is a gap from then on. Holds numbers of
    common words only, never text. Owned by its assessor.
    """

    __slots__ = ("_places", "_rows", "_vocabulary", "_wanted")

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._rows: npt.NDArray[Any] = np.frombuffer(bytearray(_ROWS_BYTES), ROW)
        self._places: dict[int, int] = {}
        self._wanted: set[int] = set()

    def take(self, text: bytes, head: int, tail: int) -> None:
        """Lay one prompt over those with its opening, and over those with its ending (their hashes of 32 bits).

        Costs 3 us, and 0.4 us when neither is held.
        """
        first, last = self._place(head), self._place(tail | _IS_ENDING)
        if first >= 0 or last >= 0:
            _take(np.frombuffer(text, np.uint8), self._vocabulary.keys, self._vocabulary.numbers, self._rows, first, last)

    def _place(self, key: int) -> int:
        """The row that an opening or ending has or gets now; -1 without one."""
        place = self._places.get(key)
        if place is not None:
            return place
        if key in self._wanted:
            self._wanted.discard(key)
        elif len(self._places) + len(self._wanted) >= HELD:
            return -1
        place = self._places[key] = len(self._places)
        self._rows[place]["key"] = key
        return place

    def settled(self, past: npt.NDArray[Any]) -> "Templates":
        """The same after a fold that left this past: what is not heavy goes, and what is heavy and not held is waited for."""
        heavies = {heavy.key for heavy in _heavies(past)}
        stay = [(key, place) for key, place in self._places.items() if key in heavies]
        if len(stay) < len(self._places):
            rows = np.zeros(HELD, ROW)
            rows[: len(stay)] = self._rows[[place for _, place in stay]]
            self._rows, self._places = rows, {key: place for place, (key, _) in enumerate(stay)}
        self._wanted = heavies - self._places.keys()
        return self

    def told(self, past: npt.NDArray[Any], looks: npt.NDArray[Any]) -> tuple[Template, ...]:
        """The heaviest templates: those first that occur in these looks, then by their share in the recent prompts.

        Two that look alike are told once; one that shows too little, or too much of too few prompts, is told by its share alone,
        and only one such. Costs 60 us.
        """
        here = {*looks["head"].tolist(), *(tail | _IS_ENDING for tail in looks["tail"].tolist())}
        heavies = sorted(_heavies(past), key=lambda heavy: (heavy.key not in here, -heavy.prompts / heavy.mass))
        told: dict[str, Template] = {}
        for heavy in heavies:
            template = self._template(heavy)
            if template.skeleton or template.share >= LEAST_BARE_SHARE:
                told.setdefault(template.skeleton, template)
        return tuple(told.values())[:MOST_TEMPLATES]

    def _template(self, heavy: Heavy) -> Template:
        edge = ENDING if heavy.key & _IS_ENDING else OPENING
        share = round(min(1.0, heavy.prompts / heavy.mass), 3)
        place = self._places.get(heavy.key)
        if place is None:
            return Template(edge=edge, share=share)
        row = self._rows[place]
        prompts = int(row["prompts"])
        words = [self._vocabulary.words[number] for number in row["words"].tolist()]
        skeleton = skeleton_of(words, int(row["shortest"]), int(row["longest"]))
        shown = [word for word in skeleton.split() if word != GAP]
        if prompts < LEAST_PROMPTS or len(shown) < LEAST_WORDS or sum(map(len, shown)) < LEAST_LETTERS:
            return Template(edge=edge, share=share, requests=prompts)
        uid = sha256(skeleton.encode()).hexdigest()[:16]
        return Template(uid=uid, skeleton=skeleton, edge=edge, share=share, requests=prompts)

    def pack(self) -> bytes:
        """The templates in bytes: which vocabulary their numbers belong to, how many rows are in use, those, and what is waited for."""
        wanted = b"".join(key.to_bytes(KEY_BYTES, "little") for key in sorted(self._wanted))
        used = len(self._places)
        return b"".join((self._vocabulary.mark, bytes((used,)), self._rows.tobytes()[: used * ROW.itemsize], wanted))

    @classmethod
    def unpack(cls, packed: bytes, vocabulary: Vocabulary) -> "Templates":
        """The templates that were packed; none under another vocabulary.

        Raises `ForeignState` for bytes of another length.
        """
        used = packed[MARK_BYTES] if len(packed) > MARK_BYTES else HELD + 1
        rows = packed[HEAD_BYTES : HEAD_BYTES + used * ROW.itemsize]
        wanted = packed[HEAD_BYTES + used * ROW.itemsize :]
        fits = used + len(wanted) // KEY_BYTES <= HELD
        if not fits or len(rows) != used * ROW.itemsize or len(wanted) % KEY_BYTES:
            raise ForeignState(f"the state of an assessor cannot be read: its templates have {len(packed)} bytes")
        found = cls(vocabulary)
        if packed[:MARK_BYTES] != vocabulary.mark:
            return found
        if used:
            found._rows = np.frombuffer(bytearray(rows.ljust(_ROWS_BYTES, b"\0")), ROW)
            found._places = {key: place for place, key in enumerate(found._rows["key"][:used].tolist())}
        keys = range(0, len(wanted), KEY_BYTES)
        found._wanted = {int.from_bytes(wanted[at : at + KEY_BYTES], "little") for at in keys}
        return found


def waited_for(past: npt.NDArray[Any], held: Iterable[int]) -> set[int]:
    """The keys that are heavy in a past and not held yet."""
    return {heavy.key for heavy in _heavies(past)}.difference(held)


def skeleton_of(words: list[str], shortest: int, longest: int) -> str:
    """The words that prompts of `shortest` to `longest` words have in common, first twelve and last six, with gaps between.

    >>> skeleton_of(["explain", "", "in", "detail", *[""] * 8, "explain", "", "in", "detail"], 4, 4)
    'explain … in detail'
    """
    first, last = words[:FIRST_WORDS], words[FIRST_WORDS:]
    begins, ends = min(shortest, len(first)), min(shortest, len(last))
    while begins and not first[begins - 1]:
        begins -= 1
    while ends and not last[len(last) - ends]:
        ends -= 1
    # The two may speak of the same words: then that side gives way which loses less by it.
    over = max(0, begins + ends - shortest)
    lost, lost_behind = sum(map(bool, first[begins - over : begins])), sum(map(bool, last[len(last) - ends :][:over]))
    if longest == shortest or lost_behind <= lost:
        ends -= over
    else:
        begins -= over
    between = [""] if begins + ends < longest else []
    told: list[str] = []
    for word in (*first[:begins], *between, *last[len(last) - ends :]):
        if word or not told or told[-1] != GAP:
            told.append(word or GAP)
    return " ".join(told)


def _heavies(past: npt.NDArray[Any]) -> list[Heavy]:
    """The heaviest openings and endings of a past, three of each at most."""
    found = np.empty((2 * REMEMBERED, 3), np.int64)
    number = _find(past, found)
    return [Heavy(*each) for each in found[:number].tolist()]


@compiled
def _find(past: Any, found: Any) -> int:
    """Write key, prompts and mass of each; returns how many there are."""
    held, places, number = past[0], np.empty(REMEMBERED, np.int64), 0
    least = max(float(LEAST_COUNT), LEAST_SHARE * held.head_mass)
    for at in range(heaviest(held.head_digests, held.head_counts, least, places)):
        place = places[at]
        found[number] = np.int64(held.head_digests[place]), np.int64(held.head_counts[place]), np.int64(held.head_mass)
        number += 1
    least = max(float(LEAST_COUNT), LEAST_SHARE * held.tail_mass)
    for at in range(heaviest(held.tail_digests, held.tail_counts, least, places)):
        place = places[at]
        key = np.int64(held.tail_digests[place]) | _IS_ENDING
        found[number] = key, np.int64(held.tail_counts[place]), np.int64(held.tail_mass)
        number += 1
    return number


@compiled
def _take(data: Any, keys: Any, numbers: Any, rows: Any, first: int, last: int) -> None:
    out = np.empty(TOLD_WORDS, np.uint16)
    words = read(data, keys, numbers, out)
    for place in (first, last):
        if place < 0:
            continue
        row = rows[place]
        begun = row.prompts > 0
        row.prompts = min(row.prompts + 1, 4_294_967_295)
        row.shortest = min(row.shortest, words) if begun else words
        row.longest = max(row.longest, words) if begun else words
        for at in range(TOLD_WORDS):
            if not begun:
                row.words[at] = out[at]
            elif row.words[at] != out[at]:
                row.words[at] = 0
