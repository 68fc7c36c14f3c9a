"""Style: how prompts are written, whatever they are about; a tenant that begins to ask for somebody else writes otherwise."""

from typing import Any

import numpy as np

from models.compiled import compiled
from models.look import A_STYLE, STYLE_BIT
from models.words import STYLES

from .arithmetic import share
from .feature import Feature

ENOUGH_PROMPTS = 16
ENOUGH_KNOWN = 64
#: A style is rare that fewer than one in so many known prompts have.
RARE = 100


@compiled
def measure(looks: Any, gaps: Any, topics: Any, past: Any, out: Any) -> None:  # noqa: ARG001 - one form for all families
    """The values of `FEATURES`, in order."""
    held = past[0]
    out[0] = _drift(held.styles, held.known_styles)
    out[1] = _rare(looks, held.known_styles)
    out[2] = _number(held.styles)


@compiled
def _mass(styles: Any) -> int:
    total = 0
    for place in range(STYLES):
        total += int(styles[place])
    return total


@compiled
def _drift(recent: Any, known: Any) -> float:
    """How many times the distance between recent and known styles exceeds that of two samples of one tenant, as log2.

    The distance is Pearson's chi-square over both tables, with one added to what is expected, so that a single prompt of a
    style never seen does not outweigh the others (96 places; Pearson, 1900).
    """
    prompts, before = _mass(recent), _mass(known)
    if prompts < ENOUGH_PROMPTS or before < ENOUGH_KNOWN:
        return float(np.nan)
    distance = by_chance = 0.0
    for place in range(2 * STYLES):
        likely = (known[place] + 0.5) / (before + 0.5 * STYLES)
        expected = prompts * likely
        distance += (recent[place] - expected) ** 2 / (expected + 1.0)
        by_chance += expected * (1.0 - likely) / (expected + 1.0)
    return float(np.log2((distance + 1.0) / (by_chance * (1.0 + prompts / before) + 1.0)))


@compiled
def _rare(looks: Any, known: Any) -> float:
    """Share of the fold's prompts whose style is rare in one of the tables."""
    before = _mass(known)
    if before < ENOUGH_KNOWN:
        return float(np.nan)
    prompts = rare = 0
    for at in range(len(looks)):
        style = looks[at].flags >> STYLE_BIT & A_STYLE
        if style == 0:
            continue
        prompts += 1
        first, second = known[(style - 1) // STYLES], known[STYLES + (style - 1) % STYLES]
        rare += min(first, second) * RARE < before
    return share(rare, prompts)


@compiled
def _number(recent: Any) -> float:
    """Effective number of styles: log2 of the inverse of Simpson's index, mean of both tables."""
    prompts = _mass(recent)
    if prompts < ENOUGH_PROMPTS:
        return float(np.nan)
    first = second = 0.0
    for place in range(STYLES):
        first += float(recent[place]) ** 2
        second += float(recent[STYLES + place]) ** 2
    return float(2.0 * np.log2(float(prompts)) - (np.log2(first) + np.log2(second)) / 2.0)


FEATURES = (
    Feature(
        name="style_drift",
        unit="log2 of times chance",
        low=-3,
        high=7,
        grain=0.15,
        suspicious=1,
        cost_us=0.3,
        held_bytes=406,
        meaning="how far the way that prompts are written is from the tenant's known one",
    ),
    Feature(
        name="style_rare",
        unit="share",
        low=0,
        high=1,
        grain=0.02,
        suspicious=1,
        cost_us=0.2,
        held_bytes=22,
        meaning="prompts written as the tenant's known ones rarely are",
    ),
    Feature(
        name="style_number",
        unit="log2 effective number",
        low=0,
        high=6,
        grain=0.1,
        suspicious=0,
        cost_us=0.2,
        held_bytes=22,
        meaning="in how many different ways recent prompts are written",
    ),
)
