"""How a prompt reads, by its words alone: how much like the published tasks that students are trained on, and where on axes of wording."""

from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from schemas.errors import RefusedToStart

from .compiled import compiled

SHIPPED = "likeness.json"
#: Words fall into so many places by a public hash, a power of two; so a table of weights tells no words.
PLACES = 4096
#: Of a prompt so many bytes are read, in which there are no more words than that.
READ_BYTES = MOST_WORDS = 400
MOST_WRITTEN = MOST_WORDS + 2
#: Fewer different words say nothing.
LEAST_WORDS = 3
#: Grades are from 1 to 15, half a standard deviation of honest prompts each; 8 begins at their mean. 0 is none.
MIDDLE_GRADE, MOST_GRADE, GRADES_A_DEVIATE, GRADE_BITS = 8, 15, 2.0, 4
#: Axes along which corpora differ, whoever asks what is in them (`wording_fit`); a prompt has a grade on each.
AXES = 8
#: What a word weighs: for likeness, then on each axis.
COLUMNS = 1 + AXES
_MOST_WEIGHT = 32_767
#: What a weight of the file is divided by.
UNIT = 1000.0


def _kind(byte: int) -> int:
    """0 for what parts words, 1 for a letter or a part of one, 2 for a figure, 3 for a sign."""
    if 97 <= byte <= 122 or byte >= 128:
        return 1
    return 2 if 48 <= byte <= 57 else 3 * (33 <= byte <= 126)


_BASIS, _PRIME = np.uint32(2166136261), np.uint32(16777619)
_LAST_PLACE, _FOLDED, _NUMBER = np.uint32(PLACES - 1), np.uint32(16), np.uint32(ord("0"))
_BLANK, _LETTER, _DIGIT, _SIGN = np.arange(4, dtype=np.uint8)
#: Each byte as a small letter where it is a large one, and of what kind it is: looked up, which takes fewer branches than asking.
_SMALL = np.array([byte + 32 * (65 <= byte <= 90) for byte in range(256)], np.uint32)
_KINDS = np.array([_kind(byte) for byte in _SMALL.tolist()], np.uint8)


class Weights(Struct, frozen=True):
    """The file as it is: what a word weighs for each place, and mean and standard deviation of what honest prompts weigh.

    Of likeness first, then of each axis of wording.
    """

    version: str
    made: str
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    weights: tuple[tuple[int, ...], ...]


class Likeness:
    """The weights, ready to be asked; read-only, 72 KB a process."""

    def __init__(self, held: Weights) -> None:
        columns = len(held.weights), len(held.means), len(held.spreads)
        shaped = set(columns) == {COLUMNS} and {len(column) for column in held.weights} == {PLACES}
        most = max((abs(each) for column in held.weights for each in column), default=0)
        if not shaped or not all(spread > 0 for spread in held.spreads) or most > _MOST_WEIGHT:
            raise RefusedToStart(
                f"the likeness is not {COLUMNS} times {PLACES} weights within {_MOST_WEIGHT} with spreads above 0"
            )
        #: What a word weighs, by its place: for likeness, then on each axis.
        self.weights = np.ascontiguousarray(np.array(held.weights, np.int16).T)
        #: Mean and standard deviation of what honest prompts weigh, of each column.
        self.scale = UNIT * np.array((held.means, held.spreads))

    @classmethod
    def shipped(cls) -> "Likeness":
        """The weights that came with the package."""
        return _shipped()

    @classmethod
    def from_json(cls, content: bytes) -> "Likeness":
        """Weights from their file; raises `RefusedToStart` for one that is broken."""
        try:
            return cls(msgspec.json.decode(content, type=Weights))
        except msgspec.DecodeError as error:
            raise RefusedToStart(f"the likeness is not a table of this version: {error}") from None


@cache
def _shipped() -> Likeness:
    return Likeness.from_json(files("models.references").joinpath(SHIPPED).read_bytes())


@compiled
def places(data: Any, length: int, seen: Any, mark: int, out: Any) -> int:
    """Write the place of each different word among the first bytes of a prompt; returns how many.

    A word is a run of letters (bytes outside of ASCII among them), small and large alike; a number, whatever its figures; or a sign.
    `seen` has an entry a place, which is `mark` when a word of this prompt was there. `out` has room for `MOST_WRITTEN`.
    """
    met = written = 0
    word, before = _BASIS, _BLANK
    for at in range(min(length, READ_BYTES)):
        byte = data[at]
        kind, small = _KINDS[byte], _SMALL[byte]
        begun = before == _LETTER
        # What may be a word's end is written in any case, and counts if it is one: to guess costs the processor more than to write.
        out[met] = word
        met += begun > (kind == _LETTER)
        out[met] = small if kind == _SIGN else _NUMBER
        met += (kind == _SIGN) | ((kind == _DIGIT) > (before == _DIGIT))
        word = ((word if begun else _BASIS) ^ small) * _PRIME
        before = kind
    out[met] = word
    met += before == _LETTER
    for at in range(met):
        whole = np.uint32(out[at])
        place = (whole ^ (whole >> _FOLDED)) & _LAST_PLACE
        out[written] = place
        written += seen[place] != mark
        seen[place] = mark
    return written


@compiled
def read(data: Any, length: int, weights: Any, scale: Any, seen: Any, mark: int, out: Any, sums: Any) -> int:
    """How a prompt reads: its grade of likeness in the lowest four bits, above it one for each axis of wording. 0: too few words.

    What words weigh together counts whatever their number. `sums` has an entry a column. Costs 1 us a prompt of 500 characters.
    """
    words = places(data, length, seen, mark, out)
    if words < LEAST_WORDS:
        return 0
    sums[:] = 0
    for at in range(words):
        place = out[at]
        for column in range(COLUMNS):
            sums[column] += weights[place, column]
    root, graded = np.sqrt(1.0 + words), 0
    for column in range(COLUMNS):
        deviate = (sums[column] / root - scale[0, column]) / scale[1, column]
        grade = int(np.floor(deviate * GRADES_A_DEVIATE)) + MIDDLE_GRADE
        graded |= min(max(grade, 1), MOST_GRADE) << GRADE_BITS * column
    return graded
