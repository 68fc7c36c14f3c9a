"""Adding up what a window counts of requests."""

from typing import Any

import numpy as np

from .compiled import compiled
from .look import FAILED, LOGPROBS, REASONING, REFUSED, SAMPLES, TOOLS

SKETCH_BITS = 256
SKETCH_BYTES = SKETCH_BITS // 8
SKETCHES = 6
_TOLD = np.array([REFUSED, FAILED, LOGPROBS, REASONING, TOOLS, SAMPLES], np.uint32)
_TOKENS_AT, _TOLD_AT = 3, 7
#: Requests, prompts, characters, tokens of four sorts, and how many were refused, failed, and asked for this and that.
SUMS = _TOLD_AT + len(_TOLD)


@compiled
def add_up(rows: Any, sums: Any, sketches: Any) -> None:
    """Add up requests (`TALLY`s), and mark what they mark in the sketches, which lie one after the other."""
    for at in range(len(rows)):
        row = rows[at]
        sums[0] += 1
        sums[1] += row.marking & 1
        sums[2] += row.characters
        for sort in range(_TOLD_AT - _TOKENS_AT):
            sums[_TOKENS_AT + sort] += row.tokens[sort]
        for which in range(len(_TOLD)):
            sums[_TOLD_AT + which] += (row.flags & _TOLD[which]) != 0
        for sketch in range(SKETCHES):
            if row.marking >> sketch & 1:
                mark = row.marks[sketch]
                sketches[SKETCH_BYTES * sketch + (mark >> 3)] |= 1 << (mark & 7)
