"""Size: how long the questions are, how long the answers, and how much of the one is had for the other."""

from typing import Any

import numpy as np

from models.compiled import compiled
from models.look import ANSWERED, CUT

from .arithmetic import flagged, mean, share, spread
from .feature import Feature


@compiled
def measure(looks: Any, gaps: Any, topics: Any, past: Any, out: Any) -> None:  # noqa: ARG001 - one form for all families
    """The values of `FEATURES`, in order."""
    requests = len(looks)
    characters, output, expansion = np.empty(requests), np.empty(requests), np.empty(requests)
    for at in range(requests):
        row = looks[at]
        characters[at] = np.log2(1.0 + row.characters)
        output[at] = np.log2(1.0 + row.output)
        expansion[at] = output[at] - np.log2(1.0 + row.input)
    out[0] = mean(characters)
    out[1] = spread(characters)
    out[2] = mean(output)
    out[3] = spread(output)
    out[4] = mean(expansion)
    out[5] = share(flagged(looks, CUT), flagged(looks, ANSWERED))


FEATURES = (
    Feature(
        name="characters",
        unit="log2 characters",
        low=0,
        high=20,
        grain=0.3,
        suspicious=0,
        cost_us=0.2,
        held_bytes=86,
        meaning="length of prompts, geometric mean",
    ),
    Feature(
        name="characters_spread",
        unit="log2 characters, standard deviation",
        low=0,
        high=8,
        grain=0.15,
        suspicious=-1,
        cost_us=0.2,
        held_bytes=22,
        meaning="how much prompts differ in length",
    ),
    Feature(
        name="output",
        unit="log2 tokens",
        low=0,
        high=20,
        grain=0.3,
        suspicious=1,
        cost_us=0.2,
        held_bytes=86,
        meaning="length of answers, geometric mean",
    ),
    Feature(
        name="output_spread",
        unit="log2 tokens, standard deviation",
        low=0,
        high=8,
        grain=0.15,
        suspicious=-1,
        cost_us=0.2,
        held_bytes=22,
        meaning="how much answers differ in length",
    ),
    Feature(
        name="expansion",
        unit="log2 tokens out/in",
        low=-20,
        high=20,
        grain=0.3,
        suspicious=1,
        cost_us=0.2,
        held_bytes=86,
        meaning="tokens of answer had for a token of prompt, geometric mean",
    ),
    Feature(
        name="cut",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.2,
        held_bytes=22,
        meaning="answers that ended at the caller's cap",
    ),
)
