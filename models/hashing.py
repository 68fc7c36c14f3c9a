"""Keyed content hashes: what a tenant said can be compared with what it said before, and read by nobody."""

from hashlib import blake2b
from itertools import accumulate
from typing import Any, TypeVar

import numpy as np
from msgspec import Struct
from xxhash import xxh3_64_intdigest

from .likeness import Likeness
from .siphash import siphash
from .words import KEPT_BYTES, LOOKED_AT, MOST_WORDS, look

CACHED = 4096
CACHED_CHARACTERS = 128

Value = TypeVar("Value")


class Memo(dict[tuple[object, ...], Value]):
    """What was worked out lately, 4,096 answers at most; what is remembered never changes an answer."""

    def keep(self, key: tuple[object, ...], value: Value) -> None:
        """Remember an answer; when there are too many all go at once."""
        if len(self) >= CACHED:
            self.clear()
        self[key] = value


class Content(Struct, frozen=True, array_like=True, gc=False):
    """What is kept of a prompt.

    Hashes of 64 bits of its first 1,000 characters, of its head and its tail, its style
    with how it reads above it, its words' bins; of the hashes the bits that a look keeps, as it keeps them; and those
    characters themselves, in UTF-8, while the request is looked at.
    """

    whole: int
    head: int
    tail: int
    style: int
    topics: bytes
    kept: bytes
    text: bytes


class Hasher:
    """Keyed 64-bit hashes (SipHash-2-4) of prompts, addresses, keys: equal text, equal hash, under one deployment secret.

    Short texts (128 characters at most) are remembered, 4,096 of them (about 1 MB a process), and cost 0.1 us when they
    come again. Which texts are remembered never changes a result.

    >>> Hasher(b"one")("text") == Hasher(b"one")("text"), Hasher(b"one")("text") == Hasher(b"two")("text")
    (True, False)
    """

    def __init__(self, secret: bytes, likeness: Likeness | None = None) -> None:
        derived = blake2b(secret, digest_size=32, person=b"distillwatch key").digest()
        #: Names the key and tells nothing of it: 8 hexadecimal characters.
        self.key_id = blake2b(derived + b"key id", digest_size=4).hexdigest()
        self._keys = np.frombuffer(blake2b(derived + b"content", digest_size=16).digest(), dtype=np.uint64)
        self._key0, self._key1 = self._keys
        self._seed = int.from_bytes(blake2b(derived + b"seed", digest_size=8).digest(), "little")
        self._likeness = likeness or Likeness.shipped()
        self._cache: dict[str, int] = {}
        #: What was seen of requests (`Look`s) by their identities, which stand while many are looked at together.
        self.looked: dict[int, Any] = {}
        self._parts: Memo[int] = Memo()
        #: Of settings: hash, hash of the model, flags. Of callers: hash of the place, of the address, of its network, of who pays.
        self.manners: Memo[tuple[int, int, int]] = Memo()
        self.origins: Memo[tuple[int, int, int, int]] = Memo()
        #: Of keys and accounts: which sketches they mark, and where each does.
        self.callers: Memo[tuple[int, int, int]] = Memo()

    def __call__(self, text: str) -> int:
        """The hash of a text, in [0, 2**64). Lone surrogates are hashed as they are."""
        known = self._cache.get(text)
        if known is not None:
            return known
        digest = self._once(text)
        if len(text) <= CACHED_CHARACTERS:
            if len(self._cache) >= CACHED:
                self._cache.clear()
            self._cache[text] = digest
        return digest

    def parts(self, values: tuple[object, ...]) -> int:
        """The hash of several values together, such as the settings of a request; remembered like short texts. 0.3 us."""
        known = self._parts.get(values)
        if known is not None:
            return known
        digest = self._once("|".join(map(str, values)))
        self._parts.keep(values, digest)
        return digest

    def identifier(self, text: str) -> int:
        """A 64-bit fingerprint of an id that is made to be unique, such as an event's: seeded XXH3, 0.2 us.

        Not for content: its seed does not resist cryptanalysis, and an id says nothing of anybody.
        """
        try:
            return xxh3_64_intdigest(text.encode(), self._seed)
        except UnicodeEncodeError:
            return xxh3_64_intdigest(_bytes(text), self._seed)

    def contents(self, prompts: list[str]) -> list[Content]:
        """What is kept of each prompt: 3 us a prompt, and 6 us a call."""
        try:
            texts = [prompt[:LOOKED_AT].encode() for prompt in prompts]
        except UnicodeEncodeError:
            texts = [_bytes(prompt[:LOOKED_AT]) for prompt in prompts]
        number = len(texts)
        ends, topic_ends = np.fromiter(accumulate(map(len, texts)), np.int64, number), np.empty(number, np.int64)
        out, topics = np.empty((number, 4), np.uint64), np.empty(number * MOST_WORDS, np.uint8)
        hashes = np.empty((number, 3), "<u4")
        weights, scale = self._likeness.weights, self._likeness.scale
        look(
            np.frombuffer(b"".join(texts), np.uint8), ends, self._keys, weights, scale, out, hashes, topics, topic_ends
        )
        written, kept, stops = topics.tobytes(), hashes.tobytes(), topic_ends.tolist()
        return [
            Content(whole, head, tail, style, written[begin:end], kept[at : at + KEPT_BYTES], text)
            for (whole, head, tail, style), begin, end, at, text in zip(
                out.tolist(), [0, *stops], stops, range(0, len(kept), KEPT_BYTES), texts, strict=False
            )
        ]

    def _once(self, text: str) -> int:
        data = _bytes(text)
        return int(siphash(data, 0, len(data), self._key0, self._key1))


def _bytes(text: str) -> bytes:
    """A text in UTF-8; lone surrogates as they are. The usual way is three times faster without asking for them."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
