"""Hostile records: JSON that is nearly an event, with something unlikely in any field."""

import json
from typing import Any, get_args, get_type_hints

from hypothesis import strategies as st
from msgspec import Struct

from schemas.event import Event
from streams.simulation import Simulation
from tests.models.events import HOUR_MS

Tree = dict[str, Any]
NOW_MS = Simulation().start_ms + 2 * HOUR_MS

LEAST: Tree = {"schema_version": 1, "event_id": "e", "ts": NOW_MS, "tenant_id": "hostile", "model": "m"}
YEAR_2100_MS, YEAR_9999_MS = 4_102_444_800_000, 253_402_300_799_999


def paths(kind: type[Struct] = Event, before: str = "") -> list[str]:
    """Every field of an event by its path, the branches among them."""
    found = []
    for name, hint in get_type_hints(kind).items():
        found.append(before + name)
        for inner in get_args(hint):
            if isinstance(inner, type) and issubclass(inner, Struct):
                found += paths(inner, f"{before}{name}.")
    return found


def record(fields: Tree) -> bytes:
    """The least event with these fields, by path; NaN, infinities and lone surrogates are written as they come."""
    tree: Tree = dict(LEAST)
    for path, value in fields.items():
        *branches, leaf = path.split(".")
        inner = tree
        for branch in branches:
            held = inner.get(branch)
            inner[branch] = inner = dict(held) if isinstance(held, dict) else {}
        inner[leaf] = value
    return json.dumps(tree).encode()


def _damaged(whole: bytes, at: int, junk: bytes) -> bytes:
    return whole[:at] + junk + whole[at:]


TEXTS = st.text(max_size=30) | st.sampled_from(
    [
        "",
        "\x00",
        "\ud800",
        "\u2028",
        " " * 256,
        "\x01" * 256,
        "𐏿" * 512,
        "é" * 256,
        "\u202e",
        "1.2.3.4",
        "::1%",
        "a" * 2000,
    ]
)
NUMBERS = (
    st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from([0, -1, 2**31, 2**32, 2**53, 2**53 + 1, 2**63, 2**64, 10**400, -0.0, 1e308, 5e-324])
)
TIMES = st.sampled_from([0, 1, 1000, YEAR_2100_MS, YEAR_9999_MS, NOW_MS - HOUR_MS, NOW_MS + 71 * HOUR_MS])
PROMPTS = st.text(max_size=300) | st.sampled_from(
    ["\x00" * 1000, "a" * 200_000, "? " * 50_000, "\u0301" * 999, "\n" * 999]
)
VALUES = st.recursive(
    st.none() | st.booleans() | TEXTS | NUMBERS | TIMES | PROMPTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=4,
)
LIKELY = st.fixed_dictionaries(
    {"event_id": st.text("abcdef", min_size=1, max_size=6)},
    optional={"ts": TIMES, "prompt": PROMPTS, "model": TEXTS, "usage.output_tokens": NUMBERS, "client.ip": TEXTS},
)
FIELDS = st.dictionaries(st.sampled_from([*paths(), "extra"]), VALUES, max_size=4)

#: Mostly events, for those go furthest; then what is nearly one; then any bytes.
RECORDS = (
    LIKELY.map(record)
    | st.builds(lambda likely, odd: record(likely | odd), LIKELY, FIELDS)
    | st.builds(_damaged, LIKELY.map(record), st.integers(0, 200), st.binary(max_size=6))
    | st.binary(max_size=200)
)
