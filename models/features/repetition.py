"""Repetition and diversity of prompts: what stays the same at their edges, what changes in their middle, what is new."""

from typing import Any

import numpy as np

from models.compiled import compiled
from models.heavy import HEAVY_SLOTS
from models.past import holds
from models.words import OWN, TOPICS

from .arithmetic import share
from .feature import Feature

ENOUGH_PROMPTS = 6
ENOUGH_WORDS = 40
ENOUGH_NEW_WORDS = 20


@compiled
def measure(looks: Any, gaps: Any, topics: Any, past: Any, out: Any) -> None:  # noqa: ARG001 - one form for all families
    """The values of `FEATURES`, in order."""
    held = past[0]
    out[0], out[1], out[2] = _heavies(held.head_counts, held.head_mass)
    out[3], _, out[4] = _heavies(held.tail_counts, held.tail_mass)
    out[5] = out[4] - out[2]
    out[6] = _repeated(looks, held.known_prompts)
    out[7], out[8] = _unknown_edges(looks, held)
    out[9] = _entropy(held.topics, topics)
    out[10] = _drift(held.known_topics, topics)


@compiled
def _heavies(counts: Any, mass: int) -> tuple[float, float, float]:
    """Share of the most frequent value, effective number of values (log2 of the inverse of Simpson's index), share of heavy ones."""
    if mass < ENOUGH_PROMPTS:
        return np.nan, np.nan, np.nan
    most = counted = squares = heavy = 0
    least = max(3, mass // 40)
    for place in range(HEAVY_SLOTS):
        times = int(counts[place])
        most = max(most, times)
        counted += times
        squares += times * times
        if times >= least:
            heavy += times
    simpson = squares + max(mass - counted, 0)
    return most / mass, 2 * np.log2(float(mass)) - np.log2(float(simpson)), heavy / mass


@compiled
def _repeated(looks: Any, known: Any) -> float:
    """Share of prompts asked before, word for word: in an earlier fold, or earlier in this one."""
    prompts = again = 0
    for at in range(len(looks)):
        prompt = looks[at].prompt
        if not prompt:
            continue
        prompts += 1
        seen = holds(known, prompt)
        for before in range(at):
            seen = seen or looks[before].prompt == prompt
        again += seen
    return share(again, prompts)


@compiled
def _unknown_edges(looks: Any, held: Any) -> tuple[float, float]:
    """Shares of heads and of tails that are not known; NaN while nothing is."""
    prompts = heads = tails = 0
    for at in range(len(looks)):
        row = looks[at]
        if row.prompt:
            prompts += 1
            heads += not holds(held.known_heads, row.head & OWN)
            tails += not holds(held.known_tails, row.tail & OWN)
    learned = held.known_prompts[-1] != 0
    return (share(heads, prompts), share(tails, prompts)) if learned else (np.nan, np.nan)


@compiled
def _entropy(recent: Any, new: Any) -> float:
    """Entropy of the topics of the recent past and of the fold, in bits."""
    total, spread = 0, 0.0
    for topic in range(TOPICS):
        words = int(recent[topic]) + int(new[topic])
        if words:
            total += words
            spread += words * np.log2(float(words))
    return float(np.log2(float(total)) - spread / total) if total >= ENOUGH_WORDS else np.nan


@compiled
def _drift(known: Any, new: Any) -> float:
    """One minus the cosine between the fold's topics and the known ones."""
    words, common, of_new, of_known = 0, 0.0, 0.0, 0.0
    for topic in range(TOPICS):
        here, there = float(new[topic]), float(known[topic])
        words += int(new[topic])
        common += here * there
        of_new += here * here
        of_known += there * there
    if words < ENOUGH_NEW_WORDS or not of_known:
        return float(np.nan)
    return float(1 - common / np.sqrt(of_new * of_known))


FEATURES = (
    Feature(
        name="head_top",
        unit="share",
        low=0,
        high=1,
        grain=0.03,
        suspicious=1,
        cost_us=0.2,
        held_bytes=184,
        meaning="prompts that begin with the most frequent first words",
    ),
    Feature(
        name="head_number",
        unit="log2 effective number",
        low=0,
        high=8,
        grain=0.3,
        suspicious=1,
        cost_us=0.2,
        held_bytes=22,
        meaning="how many different beginnings prompts have",
    ),
    Feature(
        name="head_heavy",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.2,
        held_bytes=22,
        meaning="prompts that begin with one of a few frequent first words",
    ),
    Feature(
        name="tail_top",
        unit="share",
        low=0,
        high=1,
        grain=0.03,
        suspicious=1,
        cost_us=0.2,
        held_bytes=184,
        meaning="prompts that end with the most frequent last words",
    ),
    Feature(
        name="tail_heavy",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.2,
        held_bytes=22,
        meaning="prompts that end with one of a few frequent last words",
    ),
    Feature(
        name="tail_over_head",
        unit="difference of shares",
        low=-1,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.2,
        held_bytes=22,
        meaning="different questions with the same demand behind them",
    ),
    Feature(
        name="repeated",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.2,
        held_bytes=182,
        meaning="prompts asked before, word for word",
    ),
    Feature(
        name="new_heads",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.2,
        held_bytes=118,
        meaning="prompts that begin as none of the tenant's known ones does",
    ),
    Feature(
        name="new_tails",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.2,
        held_bytes=102,
        meaning="prompts that end as none of the tenant's known ones does",
    ),
    Feature(
        name="topic_entropy",
        unit="bits of 6",
        low=0,
        high=6,
        grain=0.1,
        suspicious=1,
        cost_us=0.2,
        held_bytes=282,
        meaning="how many topics the words of recent prompts spread over",
    ),
    Feature(
        name="topic_drift",
        unit="1 - cosine",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.2,
        held_bytes=152,
        meaning="how far the fold's topics are from the tenant's known ones",
    ),
)
