"""A tenant's profile: the looks of the present fold, and the past that they are compared with."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import past
from .compiled import compiled
from .layout import lay_looks, unlay_looks
from .look import HASHES, LOOK, Look
from .words import BINS, count_topics, counted, laid_topics

Records = np.ndarray[Any, Any]
_NO_PAST = bytes(past.PAST.itemsize)
_advance = past.advance


class Present(NamedTuple):
    """A fold, ready to be measured: its looks with the distances between them, its topics, and the past moved over it."""

    looks: Records
    gaps: npt.NDArray[np.float64]
    topics: npt.NDArray[np.uint16]
    past: Records

    def knowing(self, known: bytes) -> "Present":
        """The same fold beside the same past, had that come to know other values; a copy."""
        moved = bytearray(past.with_known(self.past.tobytes(), known))
        return self._replace(past=np.frombuffer(moved, past.PAST))

    def learned(self) -> bytes:
        """What is known once this fold is learned; closes the fold, so ask last."""
        past.close(self.looks, self.topics, self.past, True)  # noqa: FBT003 - compiled functions have no keywords
        return past.known_of(self.past)


class Profile:
    """Fold and past of one (tenant, subject): 1.6 KB of past, 68 bytes for each request of the fold, and its topics."""

    __slots__ = ("_before", "_laid", "_looks", "_past", "_words")

    def __init__(self, looks: bytes = b"", topics: bytes = b"", before: bytes = _NO_PAST) -> None:
        # The fold's looks and topics: those from before it was packed, as they were packed, and what has come since.
        self._laid, self._looks = looks, bytearray()
        self._before, self._words = topics, bytearray()
        self._past = before

    def observe(self, look: Look) -> None:
        """Take one request in."""
        self._looks += look.row
        if look.content is not None:
            self._words += look.content.topics

    @property
    def topics(self) -> npt.NDArray[np.uint16]:
        """How often each topic was met in the fold."""
        return counted(self._words, self._before)

    def present(self) -> Present:
        """The fold as it is; changes nothing."""
        looks, moved = self._rows(), np.frombuffer(bytearray(self._past), past.PAST)
        gaps, topics = np.empty(len(looks)), np.empty(BINS, np.uint16)
        words, laid = np.frombuffer(self._words, np.uint8), np.frombuffer(self._before, np.uint8)
        _begin(looks, words, laid, moved, gaps, topics)
        return Present(looks, gaps, topics, moved)

    def next_fold(self, present: Present, *, learn: bool) -> None:
        """Close the fold: it becomes the recent past, and part of what is known if `learn`."""
        past.close(present.looks, present.topics, present.past, learn)
        self._past = present.past.tobytes()
        self._looks, self._words = bytearray(), bytearray()
        self._laid = self._before = b""

    @property
    def past(self) -> Records:
        """The past up to the present fold, as one record that is not to be changed."""
        return np.frombuffer(self._past, past.PAST)

    @property
    def known(self) -> bytes:
        """All that it knows of values used before."""
        return past.known_of(self.past)

    def know(self, known: bytes) -> None:
        """Replace all that it knows by what another one knew."""
        self._past = past.with_known(self._past, known)

    def forget_content(self) -> None:
        """Drop all that was hashed under another key; counters, sizes and rhythm stay."""
        self._past = past.without_hashes(self._past)
        looks = self._rows()
        for name in HASHES:
            looks[name] = 0
        self._laid, self._looks = b"", bytearray(looks.tobytes())

    def remember(self, before: bytes) -> None:
        """Take over the past that it was packed with; nothing else changes."""
        self._past = before

    def pack_past(self) -> bytes:
        """The past up to the present fold."""
        return self._past

    def pack_looks(self) -> bytes:
        """The looks of the fold as they lie best."""
        if self._looks:
            self._laid, self._looks = lay_looks(self._looks, self._laid), bytearray()
        return self._laid

    def pack_topics(self) -> bytes:
        """The fold's topics as they lie at rest."""
        if self._words:
            self._before, self._words = laid_topics(self._words, self._before), bytearray()
        return self._before

    def _rows(self) -> Records:
        # A copy of bytes is twenty times faster than one of records, which goes field by field.
        looks = unlay_looks(self._laid) + self._looks if self._laid else bytearray(self._looks)
        return np.frombuffer(looks, LOOK)


@compiled
def _begin(looks: Any, words: Any, laid: Any, moved: Any, gaps: Any, topics: Any) -> None:
    """Count the topics of a fold, and move the recent past over its requests."""
    count_topics(words, laid, topics)
    _advance(looks, moved, gaps)
