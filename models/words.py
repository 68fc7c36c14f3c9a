"""What is looked at in a prompt: the whole, its first words, its last words, the topics of its middle, and its style."""

from typing import Any

import numpy as np
import numpy.typing as npt

from .compiled import compiled
from .likeness import COLUMNS, MOST_WRITTEN, PLACES, read
from .siphash import siphash

LOOKED_AT = 1000
TOPIC_BYTES = 160
#: Of so many bytes no more words can be made.
MOST_WORDS = TOPIC_BYTES // 2 + 1
EDGE_BYTES = 64
EDGE_WORDS = 3
TOPICS = 64
BINS = TOPICS + 1
TOPIC_WORD = 5
TOPIC_LETTERS = 8
STYLE_BYTES = 500
#: Hashes that are compared with other tenants' are kept in 32 bits, those that only meet the tenant's own few in 24; 0 stands for nothing.
LOCAL, OWN = 0xFFFF_FFFF, 0xFF_FFFF
#: What is kept of the hashes of whole, head and tail: 4 bytes each.
KEPT_BYTES = 12
#: Styles are counted in two tables of so many places.
STYLES = 48
#: A style has so many bits, and how the prompt reads stands above them.
STYLE_BITS = 12

_LINE, _BANG, _STOP, _QUESTION = 10, 33, 46, 63

_SPACE, _ZERO, _NINE, _A, _Z, _LOWER = 32, 48, 57, 65, 90, 32
_FNV_BASIS, _FNV_PRIME, _LAST_TOPIC = np.uint32(2166136261), np.uint32(16777619), np.uint32(TOPICS - 1)


def _kind(byte: int) -> int:
    """0 for what parts words, 1 for a letter or figure, 2 for a sign inside of a word."""
    if byte == _SPACE or 9 <= byte <= 13:
        return 0
    return 1 if 97 <= byte <= 122 or byte >= 128 or _ZERO <= byte <= _NINE else 2


_BLANK, _COUNTED = np.arange(2, dtype=np.uint8)
#: Each byte as a small letter where it is a large one, and of what kind it is.
_SMALL = np.array([byte + _LOWER * (_A <= byte <= _Z) for byte in range(256)], np.uint32)
_KINDS = np.array([_kind(byte) for byte in _SMALL.tolist()], np.uint8)


def counted(topics: bytes | bytearray, laid: bytes = b"") -> npt.NDArray[np.uint16]:
    """A histogram of the bins of words: 64 bins, and one for short words; with the counts that were `laid` before.

    >>> int(counted(bytes([64, 3, 64]))[64])
    2
    """
    counts = np.empty(BINS, np.uint16)
    count_topics(np.frombuffer(topics, np.uint8), np.frombuffer(laid, np.uint8), counts)
    return counts


@compiled
def count_topics(topics: Any, laid: Any, counts: Any) -> None:
    """Write how often each bin is met, the counts that lie at rest (none, a byte each, or two) included."""
    counts[:] = 0
    for place in range(len(laid)):
        counts[place % BINS] += laid[place] << 8 * (place // BINS)
    for topic in topics:
        counts[topic] += 1


def laid_topics(topics: bytes | bytearray, before: bytes = b"") -> bytes:
    """The bins of words as counts that lie at rest, those that were laid `before` included.

    A byte each, and 65 more when one does not fit; nothing of none.

    >>> laid_topics(bytes([64, 3, 64]))[64], laid_topics(b"")
    (2, b'')
    """
    if not topics:
        return before
    laid = np.zeros(2 * BINS, np.uint8)
    large = _lay_topics(np.frombuffer(before + topics, np.uint8), len(before), laid)
    return laid.tobytes() if large else laid[:BINS].tobytes()


@compiled
def _lay_topics(topics: Any, before: int, laid: Any) -> bool:
    """Lay the topics that stand behind `before` bytes of counts; whether any of the counts needs its upper byte."""
    large = False
    for place in range(before):
        laid[place] = topics[place]
        large |= place >= BINS and topics[place] > 0
    for at in range(before, len(topics)):
        topic = topics[at]
        laid[topic] += 1
        if laid[topic] == 0:
            laid[BINS + topic] += 1
            large = True
    return large


@compiled
def _is_space(byte: int) -> bool:
    return byte == _SPACE or 9 <= byte <= 13


@compiled
def _edge(data: Any, begin: int, end: int, out: Any) -> int:
    """Write the first three words with one space between them and each number as 0; returns how many bytes."""
    written = words = 0
    inside = number = False
    for at in range(begin, end):
        byte = data[at]
        if _is_space(byte):
            words += inside
            if words == EDGE_WORDS:
                break
            inside = number = False
            continue
        if not inside and written:
            out[written] = _SPACE
            written += 1
        inside = True
        digit = _ZERO <= byte <= _NINE
        if not (digit and number):
            out[written] = _ZERO if digit else byte
            written += 1
        number = digit
    return written


@compiled
def _last_words(data: Any, begin: int, end: int) -> int:
    """Where the last three words begin."""
    words = 0
    inside = False
    for at in range(end - 1, begin - 1, -1):
        space = _is_space(data[at])
        if space and inside:
            words += 1
            if words == EDGE_WORDS:
                return at + 1
        inside = not space
    return begin


@compiled
def _topics(data: Any, begin: int, end: int, out: Any, written: int) -> int:
    """Write the bin of each word behind those `written`; words of less than five letters share the last one. Returns how many are."""
    word, letters = _FNV_BASIS, 0
    for at in range(begin, end + 1):
        byte = data[at] if at < end else np.uint8(_SPACE)
        kind = _KINDS[byte]
        blank, letter = kind == _BLANK, kind == _COUNTED
        # Written in any case, for to guess where words end costs the processor more; it stays if one ends here.
        out[written] = word & _LAST_TOPIC if letters >= TOPIC_WORD else TOPICS
        written += blank & (letters > 0)
        grown = (word ^ _SMALL[byte]) * _FNV_PRIME if letter & (letters < TOPIC_LETTERS) else word
        letters = 0 if blank else letters + letter
        word = _FNV_BASIS if blank else grown
    return written


@compiled
def _ending(data: Any, length: int) -> int:
    """How a prompt ends: with a question mark, a full stop, another sign, or a letter, a figure or nothing."""
    at = length - 1
    while at >= 0 and _is_space(data[at]):
        at -= 1
    if at < 0:
        return 3
    byte = data[at]
    if byte == _QUESTION:
        return 0
    if byte == _STOP:
        return 1
    sign = byte < _ZERO or _NINE < byte < _A or _Z < byte < _A + _LOWER or _Z + _LOWER < byte <= 127
    return 2 if sign else 3


@compiled
def _grade(value: float, first: float, second: float, third: float) -> int:
    return int(value >= first) + int(value >= second) + int(value >= third)


@compiled
def _style(data: Any, length: int) -> int:
    """The style of a prompt, from 1: its places in two tables of 48, as `1 + 48 * first + second`.

    The first goes by length, digits, a question at the end and line breaks, the second by the length of words, how many
    sentences they make and the ending. The grades are round numbers, and the places few, so that a hundred prompts tell
    whether a tenant asks as it used to.
    """
    end = min(length, STYLE_BYTES)
    digits = lines = spaces = sentences = 0
    stopped = False
    for at in range(end):
        byte = data[at]
        line, space = byte == _LINE, byte == _SPACE
        sentences += stopped and (line or space)
        stopped = byte in (_STOP, _QUESTION, _BANG)  # a set would be built anew for each byte
        digits += _ZERO <= byte <= _NINE
        lines += line
        spaces += line or space
    sentences += stopped
    ending, words = _ending(data, length), spaces + 1
    size = _grade(np.log2(1.0 + length), 5.5, 7.0, 8.5)
    figures = 0 if digits == 0 else 1 if digits < 0.04 * end else 2
    letters = _grade((end - spaces) / words, 4.2, 4.8, 5.5)
    stops = int(sentences >= 0.03 * words) + int(sentences >= 0.07 * words)
    first = ((size * 3 + figures) * 2 + int(ending == 0)) * 2 + int(lines > 0)
    return 1 + STYLES * first + (letters * 4 + ending) * 3 + stops


@compiled
def look(  # noqa: PLR0913, PLR0917 - compiled functions see arrays
    data: Any, ends: Any, keys: Any, weights: Any, scale: Any, out: Any, kept: Any, topics: Any, topic_ends: Any
) -> None:
    """Look at many prompts: each one's keyed hashes, of its head and of its tail too, style and how it reads; the bins of its words.

    A row of `out` is whole, head, tail, style with how it reads (by `weights` and `scale`) above it, one of `kept` what a look keeps
    of the three hashes; `topics` holds the bins, one after the other. `data` are the prompts' beginnings in UTF-8, at most 1,000
    characters each, one after the other; `ends` and `topic_ends` tell where each ends there and in `topics`.

    The head is a prompt's first three words (of 64 bytes), numbers as 0: the template, roughly; the tail its last three. Of the middle
    160 bytes are looked at, some 25 words: there a template's content differs. A word's bin is a public hash of its first eight letters in
    small, without punctuation: six bits say nothing of a text, and equal words share a bin in every deployment. Costs 2 us a prompt of
    500 characters, half of it for how it reads, and 3 us a call.
    """
    edge = np.empty(EDGE_BYTES + 1, np.uint8)
    seen, met, sums = np.zeros(PLACES, np.int32), np.empty(MOST_WRITTEN, np.int64), np.empty(COLUMNS, np.int32)
    key0, key1 = keys[0], keys[1]
    start = written = 0
    for at in range(len(ends)):
        text = data[start : ends[at]]
        start, length = ends[at], len(text)
        out[at, 0] = siphash(text, 0, length, key0, key1)
        out[at, 1] = siphash(edge, 0, _edge(text, 0, min(length, EDGE_BYTES), edge), key0, key1)
        begin = _last_words(text, max(0, length - EDGE_BYTES), length)
        out[at, 2] = siphash(edge, 0, _edge(text, begin, length, edge), key0, key1)
        out[at, 3] = _style(text, length) | read(text, length, weights, scale, seen, at + 1, met, sums) << STYLE_BITS
        middle = max(0, (length - TOPIC_BYTES) >> 1)
        written = _topics(text, middle, min(length, middle + TOPIC_BYTES), topics, written)
        topic_ends[at] = written
        for place in range(3):
            kept[at, place] = _kept(out[at, place], OWN if place == 0 else LOCAL)


@compiled
def _kept(digest: Any, bits: int) -> int:
    low = int(digest & np.uint64(bits))
    return low if low or not digest else 1
