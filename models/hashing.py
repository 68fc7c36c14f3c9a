"""Keyed content hashes: what a tenant said can be compared with what it said before, and read by nobody."""

from hashlib import blake2b
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_intdigest

from .siphash import siphash
from .words import LOOKED_AT, look

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


class Hasher:
    """Keyed 64-bit hashes (SipHash-2-4) of prompts, addresses, keys: equal text, equal hash, under one deployment secret.

    Short texts (128 characters at most) are remembered, 4,096 of them (about 1 MB a process), and cost 0.1 us when they
    come again. Which texts are remembered never changes a result.

    >>> Hasher(b"one")("text") == Hasher(b"one")("text"), Hasher(b"one")("text") == Hasher(b"two")("text")
    (True, False)
    """

    def __init__(self, secret: bytes) -> None:
        derived = blake2b(secret, digest_size=32, person=b"distillwatch key").digest()
        #: Names the key and tells nothing of it: 8 hexadecimal characters.
        self.key_id = blake2b(derived + b"key id", digest_size=4).hexdigest()
        self._key0, self._key1 = np.frombuffer(blake2b(derived + b"content", digest_size=16).digest(), dtype=np.uint64)
        self._seed = int.from_bytes(blake2b(derived + b"seed", digest_size=8).digest(), "little")
        self._cache: dict[str, int] = {}
        self._parts: Memo[int] = Memo()
        #: Of settings: hash, hash of the model, flags. Of callers: hash of the place, of the address, of its network.
        self.manners: Memo[tuple[int, int, int]] = Memo()
        self.origins: Memo[tuple[int, int, int]] = Memo()

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

    def content(self, prompt: str, bins: npt.NDArray[np.uint16]) -> tuple[int, int, int, int]:
        """The hashes of a prompt's first 1,000 characters, of its head and of its tail, and its style; counts topics in `bins`."""
        return look(prompt[:LOOKED_AT].encode("utf-8", "surrogatepass"), self._key0, self._key1, bins)

    def identifier(self, text: str) -> int:
        """A 64-bit fingerprint of an id that is made to be unique, such as an event's: seeded XXH3, 0.2 us.

        Not for content: its seed does not resist cryptanalysis, and an id says nothing of anybody.
        """
        return xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"), self._seed)

    def _once(self, text: str) -> int:
        data = text.encode("utf-8", "surrogatepass")
        return int(siphash(data, 0, len(data), self._key0, self._key1))
