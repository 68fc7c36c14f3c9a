"""A tenant's past as numbers in one record: what it does at present, and what it is known to do."""

from typing import Any

import numpy as np

from .compiled import compiled
from .heavy import HEAVY_SLOTS, count
from .likeness import AXES, GRADE_BITS, MIDDLE_GRADE, MOST_GRADE
from .look import A_STYLE, CONTINUED, LIKENESS_BIT, STYLE_BIT
from .words import BINS, OWN, STYLES

HOUR_MS = 3_600_000
HOURS = 24
MOST_IN_AN_HOUR = 65_535
TOPIC_MASS = 4096
STYLE_MASS = 128
KNOWN_STYLE_MASS = 2048
#: How prompts read: of windows of a hundred with a quarter of tasks, `wording_drift` alone shows 76 and 33% (templates, grids) with 96,
#: 73 and 35% with 64, 51 and 16% with 128.
READ_MASS = 96
KNOWN_WORDING_MASS = 1024
#: A count for each grade of likeness; the first is for prompts that have none, and stays 0.
GRADES = MOST_GRADE + 1
#: Of wording: how many prompts, then the sum of their grades on each axis; of known prompts the sum of the squares of what they are off
#: the middle grade, too.
WORDING, KNOWN_WORDING = 1 + AXES, 1 + 2 * AXES
CONVERSATIONS = 10

#: All that is remembered of a (tenant, subject) beside its baselines, 1.6 KB. 0 is an empty place. Hashes have
#: 24 bits where they meet the tenant's own only (`OWN_HASHES`), else 32.
#: Recent, suspect or not: `hours` holds the requests of the last 24 clock hours, ending with the hour `hour` since the
#: epoch; the heavy heads and tails of the last few hundred prompts (`*_mass` prompts, the heaviest 16 held); topics; style,
#: likeness and wording of the last hundred prompts; the last ten conversations; where it calls from and who pays, the newest
#: at the end. Known, learned from folds that were not suspect: the values used last, the newest at the end, topics, styles,
#: likeness, wording.
PAST = np.dtype(
    [
        ("last_ms", "<i8"),
        ("hour", "<i8"),
        ("hours", "<u2", HOURS),
        ("head_mass", "<u2"),
        ("head_digests", "<u4", HEAVY_SLOTS),
        ("head_counts", "<u2", HEAVY_SLOTS),
        ("tail_mass", "<u2"),
        ("tail_digests", "<u4", HEAVY_SLOTS),
        ("tail_counts", "<u2", HEAVY_SLOTS),
        ("topics", "<u2", BINS),
        ("styles", "<u2", 2 * STYLES),
        ("likeness", "<u2", GRADES),
        ("wording", "<u2", WORDING),
        ("conversations", "<u4", CONVERSATIONS),
        ("recent_origins", "<u4", 2),
        ("recent_networks", "<u4", 6),
        ("recent_payments", "<u4", 2),
        ("known_prompts", "<u4", 24),
        ("known_heads", "<u4", 24),
        ("known_tails", "<u4", 20),
        ("known_manners", "<u4", 6),
        ("known_addresses", "<u4", 20),
        ("known_origins", "<u4", 6),
        ("known_models", "<u4", 4),
        ("known_topics", "<u2", BINS),
        ("known_styles", "<u2", 2 * STYLES),
        ("known_likeness", "<u2", GRADES),
        ("known_wording", "<u2", KNOWN_WORDING),
    ]
)
#: The fields that hold hashes, and lose their meaning with the key they were made under.
HASHED = ("head_", "tail_", "conversations", "recent_", "known_")
NOT_HASHED = ("known_topics", "known_styles", "known_likeness", "known_wording")
#: The fields that only what is learned changes; the counts are the last of them.
KNOWN = tuple(name for name in PAST.names or () if name.startswith("known_"))
#: Hashes of 24 bits: they meet nobody else's.
OWN_HASHES = (
    "conversations",
    "known_prompts",
    "known_heads",
    "known_tails",
    "known_manners",
    "known_addresses",
    "known_models",
)
KNOWN_COUNTS_BYTES = sum(PAST[name].itemsize for name in NOT_HASHED)
KNOWN_HASHES_BYTES = sum(PAST[name].itemsize for name in KNOWN) - KNOWN_COUNTS_BYTES
# They are the last fields, so what is known is the end of the record.
_KNOWN_AT = PAST.itemsize - KNOWN_HASHES_BYTES - KNOWN_COUNTS_BYTES


def without_hashes(packed: bytes) -> bytes:
    """The same past without what was hashed under another key; counters, sizes and rhythm stay."""
    left = np.frombuffer(bytearray(packed), dtype=PAST)
    for name in PAST.names or ():
        if name.startswith(HASHED) and name not in NOT_HASHED:
            left[name] = 0
    return left.tobytes()


def known_of(held: Any) -> bytes:
    """What a past holds as known, field after field."""
    return bytes(held.tobytes()[_KNOWN_AT:])


def with_known(packed: bytes, known: bytes) -> bytes:
    """The same past, had it come to know other values."""
    return packed[:_KNOWN_AT] + known


@compiled
def advance(looks: Any, past: Any, gaps: Any) -> None:
    """Move the recent past over the requests of a fold. `gaps` receives the log2 of each one's distance (NaN: the first ever).

    Marks the requests that continue a conversation in their `flags`.
    """
    for at in range(len(looks)):
        row = looks[at]
        gaps[at] = np.log2(1.0 + min(max(row.at_ms - past[0].last_ms, 0), 1 << 40)) if past[0].last_ms else np.nan
        past[0].last_ms = row.at_ms
        _tick(past, row.at_ms)
        if row.head or row.tail or row.prompt:
            past[0].head_mass = count(past[0].head_digests, past[0].head_counts, past[0].head_mass, row.head)
            past[0].tail_mass = count(past[0].tail_digests, past[0].tail_counts, past[0].tail_mass, row.tail)
        _style(past[0].styles, row.flags >> STYLE_BIT & A_STYLE, STYLE_MASS)
        _read(past[0].likeness, row.flags >> LIKENESS_BIT, READ_MASS)
        _word(past[0].wording, row.wording, READ_MASS)
        use(past[0].recent_origins, row.origin)
        use(past[0].recent_networks, row.network)
        use(past[0].recent_payments, row.payment)
        if row.conversation and use(past[0].conversations, row.conversation):
            row.flags = row.flags | CONTINUED


@compiled
def close(looks: Any, topics: Any, past: Any, learn: bool) -> None:  # noqa: FBT001 - compiled functions have no keywords
    """End a fold: its topics become recent, and all its values known if `learn`."""
    add_topics(past[0].topics, topics)
    if not learn:
        return
    known = past[0]
    for at in range(len(looks)):
        row = looks[at]
        use(known.known_prompts, row.prompt)
        use(known.known_heads, row.head & OWN)
        use(known.known_tails, row.tail & OWN)
        use(known.known_manners, row.manner)
        use(known.known_addresses, row.address)
        use(known.known_origins, row.origin)
        use(known.known_models, row.model)
        _style(known.known_styles, row.flags >> STYLE_BIT & A_STYLE, KNOWN_STYLE_MASS)
        _read(known.known_likeness, row.flags >> LIKENESS_BIT, KNOWN_STYLE_MASS)
        _word(known.known_wording, row.wording, KNOWN_WORDING_MASS)
    add_topics(known.known_topics, topics)


@compiled
def add_topics(held: Any, new: Any) -> None:
    """Add a histogram to another one that fades: above 4,096 words all its counts are halved."""
    total = 0
    for topic in range(BINS):
        held[topic] += new[topic]
        total += held[topic]
    if total > TOPIC_MASS:
        for topic in range(BINS):
            held[topic] >>= 1


@compiled
def _style(held: Any, style: int, most: int) -> None:
    """Count a prompt in both tables of styles, which fade: above `most` prompts all counts are halved. 0 is no prompt."""
    if style == 0:
        return
    held[(style - 1) // STYLES] += 1
    held[STYLES + (style - 1) % STYLES] += 1
    total = 0
    for place in range(STYLES):
        total += held[place]
    if total > most:
        for place in range(2 * STYLES):
            held[place] >>= 1


@compiled
def _read(held: Any, graded: int, most: int) -> None:
    """Count a prompt under its grade of likeness; the counts fade like those of styles. 0 is no prompt, or one too short."""
    if graded == 0:
        return
    held[graded] += 1
    total = 0
    for place in range(GRADES):
        total += held[place]
    if total > most:
        for place in range(GRADES):
            held[place] >>= 1


@compiled
def _word(held: Any, wording: int, most: int) -> None:
    """Add up a prompt's grades on the axes of wording, and their squares where there is room; above `most` prompts all is halved.

    0 is no prompt.
    """
    if wording == 0:
        return
    held[0] += 1
    for axis in range(AXES):
        graded = wording >> GRADE_BITS * axis & MOST_GRADE
        held[1 + axis] += graded
        if len(held) == KNOWN_WORDING:
            held[WORDING + axis] += (graded - MIDDLE_GRADE) ** 2
    if held[0] > most:
        for place in range(len(held)):
            held[place] >>= 1


@compiled
def use(held: Any, digest: Any) -> bool:
    """Whether a value is held; it becomes the one used last, and the one not used for longest goes. 0 is no value."""
    if digest == 0:
        return False
    last = len(held) - 1
    at = last
    while at > 0 and held[at] != digest:
        at -= 1
    found = held[at] == digest
    for place in range(at, last):
        held[place] = held[place + 1]
    held[last] = digest
    return bool(found)


@compiled
def holds(held: Any, digest: Any) -> bool:
    """Whether a value is held."""
    found = False
    for place in range(len(held)):
        found = found or held[place] == digest
    return found


@compiled
def _tick(past: Any, at_ms: int) -> None:
    """Count a request in its hour."""
    hours = past[0].hours
    hour = at_ms // HOUR_MS
    if hour > past[0].hour:
        gone = min(hour - past[0].hour, HOURS)
        for place in range(HOURS):
            hours[place] = hours[place + gone] if place + gone < HOURS else 0
        past[0].hour = hour
    if hours[HOURS - 1] < MOST_IN_AN_HOUR:
        hours[HOURS - 1] += 1
