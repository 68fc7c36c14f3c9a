"""Records that are no events, in many shapes: what a real topic holds besides events."""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

MEGABYTE = 1_000_000
NESTING = 10_000  # levels; enough to exhaust a recursive parser

Shape = Callable[[Random], bytes]


def rubbish(seed: int, count: int) -> Iterator[bytes]:
    """Yield `count` records that `schemas.codec.decode_event` refuses with `BadRecord`; the same seed, the same bytes.

    None holds a newline, so each fits on a line of a file, but for the empty record, which a file of lines cannot hold.
    About one in two thousand has a megabyte, one in a hundred is nested ten thousand levels deep.
    """
    rng = Random(seed)  # noqa: S311 - repeatable on purpose
    for _ in range(count):
        roll = rng.random()
        yield (huge if roll < 0.0005 else rng.choice(DEEP) if roll < 0.01 else rng.choice(SHAPES))(rng)


def huge(rng: Random) -> bytes:
    """Make a record whose tenant id has a megabyte."""
    return _dumped(_event(rng) | {"tenant_id": rng.choice("abcdef") * MEGABYTE})


def _event(rng: Random) -> dict[str, Any]:
    """Make an event, for the shapes to spoil."""
    number = rng.getrandbits(48)
    return {
        "schema_version": 1,
        "event_id": f"evt_{number:012x}",
        "ts": 1_791_158_400_000 + rng.randrange(86_400_000),
        "tenant_id": f"org_{rng.randrange(50):02}",
        "model": "frontier-large",
        "prompt": "what is a hedge?",
        "params": {"temperature": 0.5, "max_tokens": rng.randrange(4096)},
        "usage": {"input_tokens": rng.randrange(900), "output_tokens": rng.randrange(900)},
    }


def _dumped(record: object) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode()


def _with(path: str, *values: object) -> Shape:
    """Spoil the field at `path`: it is one of `values`."""

    def shape(rng: Random) -> bytes:
        record = _event(rng)
        *branches, leaf = path.split(".")
        inner = record
        for branch in branches:
            inner = inner.setdefault(branch, {})
        inner[leaf] = rng.choice(values)
        return _dumped(record)

    return shape


def _raw(*texts: bytes) -> Shape:
    return lambda rng: rng.choice(texts)


def _missing(rng: Random) -> bytes:
    record = _event(rng)
    del record[rng.choice(("schema_version", "event_id", "ts", "tenant_id", "model"))]
    return _dumped(record)


def _truncated(rng: Random) -> bytes:
    whole = _dumped(_event(rng))
    return whole[: rng.randrange(1, len(whole))]


def _trailing(rng: Random) -> bytes:
    return _dumped(_event(rng)) + rng.choice((b"}", b",", b"x", b"\x00", _dumped(_event(rng))))


def _invalid_utf8(rng: Random) -> bytes:
    bad = rng.choice((b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\x80"))
    return _dumped(_event(rng)).replace(b'"org_', b'"' + bad, 1)


def _encoded(rng: Random) -> bytes:
    """UTF-16 or UTF-32, or a byte order mark before good JSON."""
    text = _dumped(_event(rng)).decode()
    return text.encode(rng.choice(("utf-8-sig", "utf-16-le", "utf-16", "utf-32")))


def _control(rng: Random) -> bytes:
    return _dumped(_event(rng)).replace(b"org_", b"org_" + rng.choice((b"\x00", b"\x01", b"\t")), 1)


def _nested(rng: Random) -> bytes:
    opening, closing = rng.choice(((b"[", b"]"), (b'{"a":', b"}")))
    middle = b"1" if closing == b"}" else b""
    return opening * NESTING + middle + closing * NESTING


def _nested_inside(rng: Random) -> bytes:
    deep = b"[" * NESTING + b"]" * NESTING
    return _dumped(_event(rng)).replace(b'"what is a hedge?"', deep)


def _noise(rng: Random) -> bytes:
    return b"\xfe" + rng.randbytes(rng.randrange(1, 60)).replace(b"\n", b".")


DEEP: tuple[Shape, ...] = (_nested, _nested_inside)
SHAPES: tuple[Shape, ...] = (
    _raw(b""),
    _raw(b" ", b"\t", b"\r", b"   \r"),
    _raw(b"0", b"1", b"-7", b"3.5", b"1e9", b"1e400"),
    _raw(b"null", b"true", b'"event"', b"NaN", b"Infinity", b"nul", b"undefined"),
    _raw(b"[]", b"[1,2,3]", b"[{}]", b"{}", b'{"a":1}', b"{", b"}", b'{"schema_version"', b"{'schema_version':1}"),
    _raw(b"GET / HTTP/1.1", b"<event/>", b"tenant,model,ts", b"hello", b"\x00\x00\x00\x00\x07", b"\x1f\x8b\x08"),
    lambda rng: _dumped([_event(rng) for _ in range(rng.randint(1, 3))]),
    lambda rng: _dumped(json.dumps(_event(rng))),
    lambda rng: _dumped({"event": _event(rng)}),
    _missing,
    _truncated,
    _trailing,
    _invalid_utf8,
    _encoded,
    _control,
    _noise,
    _with("schema_version", 0, 2, 99, -1, "1", None, 1.5, 2**70),
    _with("event_id", "", None, 7, "e" * 257, ["evt"]),
    _with("tenant_id", "", None, 12, "t" * 300, {"id": "org"}),
    _with("model", "", None, 4, ["frontier-large"]),
    _with("ts", "2026-10-05T00:00:00Z", None, -1, 1.5, 10**18, 2**70, [], float("nan"), float("inf")),
    _with("prompt", 5, ["hi"], {"role": "user"}),
    _with("params", [], "none", 3),
    _with("params.temperature", "hot", float("nan"), float("-inf"), {}),
    _with("params.max_tokens", -1, "many", 10.5, 2**60),
    _with("params.logprobs", 1, "yes", []),
    _with("usage.input_tokens", -1, -(10**6), "12", float("nan"), 2**60),
    _with("usage.output_tokens", -5, 0.5, [1], float("inf")),
    _with("response.status", -200, "ok", 200.5),
    _with("client.asn", -1, "AS64512", 1.5),
    _with("account.created_ts", "yesterday", 1.5, []),
)
