"""SipHash-2-4, compiled: the keyed hash of what a tenant said."""

from typing import Any

import numpy as np

from .compiled import compiled

U64 = np.uint64


@compiled
def _turned(word: Any, bits: int) -> Any:
    return (word << U64(bits)) | (word >> U64(64 - bits))


@compiled
def _rounds(v0: Any, v1: Any, v2: Any, v3: Any, times: int) -> Any:
    for _ in range(times):
        v0 += v1
        v1 = _turned(v1, 13) ^ v0
        v0 = _turned(v0, 32)
        v2 += v3
        v3 = _turned(v3, 16) ^ v2
        v0 += v3
        v3 = _turned(v3, 21) ^ v0
        v2 += v1
        v1 = _turned(v1, 17) ^ v2
        v2 = _turned(v2, 32)
    return v0, v1, v2, v3


@compiled
def siphash(data: Any, begin: int, length: int, key0: Any, key1: Any) -> Any:
    """The 64-bit hash of `length` bytes of `data` from `begin` on, under a key of two 64-bit words (numpy's uint64).

    A pseudorandom function: who holds hashes and not the key learns nothing of the text, nor can he make two texts meet
    (Aumasson and Bernstein, 2012). Costs 1 ns a byte.
    """
    v0 = key0 ^ U64(0x736F6D6570736575)
    v1 = key1 ^ U64(0x646F72616E646F6D)
    v2 = key0 ^ U64(0x6C7967656E657261)
    v3 = key1 ^ U64(0x7465646279746573)
    whole = length >> 3
    for block in range(whole + 1):
        at = begin + 8 * block
        word = U64(0)
        for place in range(8 if block < whole else length & 7):
            word |= U64(data[at + place]) << U64(8 * place)
        if block == whole:
            word |= U64(length & 255) << U64(56)
        v0, v1, v2, v3 = _rounds(v0, v1, v2, v3 ^ word, 2)
        v0 ^= word
    v0, v1, v2, v3 = _rounds(v0, v1, v2 ^ U64(255), v3, 4)
    return v0 ^ v1 ^ v2 ^ v3
