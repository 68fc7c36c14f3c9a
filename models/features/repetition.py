"""Repetition and diversity of prompts: what stays the same at their edges, what changes in their middle, what is new."""

from math import log2, sqrt
from operator import add, mul

from models.bounded import OTHERS
from models.profile import Heavy, Profile
from models.words import TOPICS

from .feature import MISSING, Feature, share, unknown

ENOUGH = 6
TABLED = 1024
_times_log: tuple[float, ...] = (0.0, *(held * log2(held) for held in range(1, TABLED)))


def _effective(heavy: Heavy) -> float:
    """Effective number of values (log2 of the inverse of Simpson's index)."""
    if heavy.mass < ENOUGH:
        return MISSING
    held = heavy.counts.values()
    rest = heavy.mass - sum(held)
    return 2 * log2(heavy.mass) - log2(sum(map(mul, held, held)) + max(rest, 0))


def _top(heavy: Heavy) -> float:
    return max(heavy.counts.values(), default=0) / heavy.mass if heavy.mass >= ENOUGH else MISSING


def _heavy(heavy: Heavy) -> float:
    if heavy.mass < ENOUGH:
        return MISSING
    least = max(3, heavy.mass // 40)
    return sum([held for held in heavy.counts.values() if held >= least]) / heavy.mass


def head_top(profile: Profile) -> float:
    """Share of the most frequent head."""
    return _top(profile.recent.heads)


def head_number(profile: Profile) -> float:
    """Effective number of heads."""
    return _effective(profile.recent.heads)


def head_heavy(profile: Profile) -> float:
    """Share of heads that are heavy."""
    return _heavy(profile.recent.heads)


def tail_top(profile: Profile) -> float:
    """Share of the most frequent tail."""
    return _top(profile.recent.tails)


def tail_heavy(profile: Profile) -> float:
    """Share of tails that are heavy."""
    return _heavy(profile.recent.tails)


def tail_over_head(profile: Profile) -> float:
    """Tails more repeated than heads: different questions with the same demand behind them."""
    return _heavy(profile.recent.tails) - _heavy(profile.recent.heads)


def repeated(profile: Profile) -> float:
    """Share of prompts asked before, word for word."""
    fold, known = profile.fold.prompts, profile.known.prompts
    total = sum(fold.values())
    unseen = len([digest for digest in fold if digest not in known and digest != OTHERS]) + fold.get(OTHERS, 0)
    return share(total - unseen, total)


def new_heads(profile: Profile) -> float:
    """Share of heads not among the known ones."""
    return unknown(profile.fold.heads, profile.known.heads)


def new_tails(profile: Profile) -> float:
    """Share of tails not among the known ones."""
    return unknown(profile.fold.tails, profile.known.tails)


def topic_entropy(profile: Profile) -> float:
    """Entropy of the topics of the recent past."""
    topics = list(map(add, profile.recent.topics[:TOPICS], profile.fold.topics))
    total: int = sum(topics)
    if total < 40:
        return MISSING
    if max(topics) < TABLED:
        spread: float = sum(map(_times_log.__getitem__, topics))  # at half the cost of asking for each
    else:
        spread = sum([_times_log[held] if held < TABLED else held * log2(held) for held in topics])
    return log2(total) - spread / total


def topic_drift(profile: Profile) -> float:
    """One minus the cosine between the fold's topics and the known ones."""
    new, known = profile.fold.topics[:TOPICS], profile.known.topics[:TOPICS]
    if sum(new) < 20:
        return MISSING
    norms = sum(map(mul, new, new)) * sum(map(mul, known, known))
    if not norms:
        return MISSING
    common: int = sum(map(mul, new, known))
    return 1 - common / sqrt(norms)


FEATURES = (
    Feature(
        name="head_top",
        unit="share",
        low=0,
        high=1,
        grain=0.03,
        suspicious=1,
        cost_us=0.6,
        held_bytes=244,
        meaning="prompts that begin with the most frequent first words",
        measure=head_top,
    ),
    Feature(
        name="head_number",
        unit="log2 effective number",
        low=0,
        high=8,
        grain=0.3,
        suspicious=1,
        cost_us=1.8,
        held_bytes=24,
        meaning="how many different beginnings prompts have",
        measure=head_number,
    ),
    Feature(
        name="head_heavy",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=1.2,
        held_bytes=24,
        meaning="prompts that begin with one of a few frequent first words",
        measure=head_heavy,
    ),
    Feature(
        name="tail_top",
        unit="share",
        low=0,
        high=1,
        grain=0.03,
        suspicious=1,
        cost_us=0.6,
        held_bytes=244,
        meaning="prompts that end with the most frequent last words",
        measure=tail_top,
    ),
    Feature(
        name="tail_heavy",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=1.2,
        held_bytes=24,
        meaning="prompts that end with one of a few frequent last words",
        measure=tail_heavy,
    ),
    Feature(
        name="tail_over_head",
        unit="difference of shares",
        low=-1,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=2.4,
        held_bytes=24,
        meaning="different questions with the same demand behind them",
        measure=tail_over_head,
    ),
    Feature(
        name="repeated",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=1.5,
        held_bytes=464,
        meaning="prompts asked before, word for word",
        measure=repeated,
    ),
    Feature(
        name="new_heads",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=1.0,
        held_bytes=344,
        meaning="prompts that begin as none of the tenant's known ones does",
        measure=new_heads,
    ),
    Feature(
        name="new_tails",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=1.0,
        held_bytes=264,
        meaning="prompts that end as none of the tenant's known ones does",
        measure=new_tails,
    ),
    Feature(
        name="topic_entropy",
        unit="bits of 6",
        low=0,
        high=6,
        grain=0.1,
        suspicious=1,
        cost_us=9.0,
        held_bytes=216,
        meaning="how many topics the words of recent prompts spread over",
        measure=topic_entropy,
    ),
    Feature(
        name="topic_drift",
        unit="1 - cosine",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=8.0,
        held_bytes=152,
        meaning="how far the fold's topics are from the tenant's known ones",
        measure=topic_drift,
    ),
)
