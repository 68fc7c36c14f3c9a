"""Reading a record: an event, or one of a few named reasons that never quote the record."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.codec import MAX_RECORD_BYTES, decode_event
from schemas.errors import BadRecord
from schemas.event import Event

REASONS = {"empty", "too_large", "not_json", "not_an_event"}
LEAST = {"schema_version": 1, "event_id": "e", "ts": 1, "tenant_id": "t", "model": "m"}
TEXT_512 = [
    "account_id",
    "api_key_id",
    "conversation_id",
    "operation",
    "system_prompt_hash",
    "params.response_format",
    "response.finish_reason",
    "client.ip",
    "client.country",
    "client.ja4",
    "account.tier",
    "account.payment_fp",
]
COUNTS = [
    "params.max_tokens",
    "params.n",
    "params.top_logprobs",
    "params.tools",
    "response.status",
    "client.asn",
]
TOKENS = ["usage.input_tokens", "usage.output_tokens", "usage.reasoning_tokens", "usage.cached_tokens"]
FLAGS = ["params.logprobs", "params.reasoning", "params.stream", "response.refused"]
NUMBERS = ["params.temperature", "params.top_p", "response.latency_ms"]
WHOLE = ["params.seed", "account.created_ts"]
LONG_TEXT = ["prompt", "client.user_agent"]
OPTIONAL = [*TEXT_512, *COUNTS, *TOKENS, *FLAGS, *NUMBERS, *WHOLE, *LONG_TEXT]
BRANCHES = ["params", "usage", "response", "client", "account"]


def record(path: str = "", value: Any = None) -> bytes:
    """The least event, with one field more."""
    tree: dict[str, Any] = dict(LEAST)
    if path:
        branch, _, leaf = path.rpartition(".")
        tree = {**tree, branch: {leaf: value}} if branch else {**tree, leaf: value}
    return json.dumps(tree).encode()


def refused(raw: bytes | None) -> BadRecord:
    with pytest.raises(BadRecord) as caught:
        decode_event(raw)
    assert caught.value.reason in REASONS
    assert "\n" not in str(caught.value)
    return caught.value


def outcome(raw: bytes) -> str:
    """How reading ends: "event", or the text of the refusal; anything else fails the test."""
    try:
        return type(decode_event(raw)).__name__
    except BadRecord as bad:
        return f"{bad.reason}: {bad}"


def field_of(event: Event, path: str) -> Any:
    value: Any = event
    for name in path.split("."):
        value = getattr(value, name)
    return value


def test_the_least_event_has_null_for_everything_else() -> None:
    event = decode_event(record())
    assert (event.event_id, event.ts, event.tenant_id, event.model) == ("e", 1, "t", "m")
    assert [getattr(event, name) for name in Event.__struct_fields__[5:]] == [None] * 11


@pytest.mark.parametrize("field", LEAST)
def test_a_required_field_must_be_there_and_not_null(field: str) -> None:
    assert field in str(refused(json.dumps({k: v for k, v in LEAST.items() if k != field}).encode()))
    assert refused(record(field, None)).reason == "not_an_event"


@pytest.mark.parametrize("path", [*OPTIONAL, *BRANCHES])
def test_an_optional_field_may_be_null(path: str) -> None:
    assert field_of(decode_event(record(path, None)), path) is None


@pytest.mark.parametrize("field", ["event_id", "tenant_id", "model"])
@pytest.mark.parametrize(("length", "good"), [(0, False), (1, True), (256, True), (257, False)])
def test_an_identifier_has_1_to_256_characters(field: str, length: int, good: bool) -> None:  # noqa: FBT001
    raw = record(field, "é" * length)
    assert len(getattr(decode_event(raw), field)) == length if good else refused(raw).reason == "not_an_event"


@pytest.mark.parametrize("path", TEXT_512)
def test_a_label_has_at_most_512_characters(path: str) -> None:
    assert field_of(decode_event(record(path, "x" * 512)), path) == "x" * 512
    assert path.rpartition(".")[2] in str(refused(record(path, "x" * 513)))


@pytest.mark.parametrize("path", COUNTS)
@pytest.mark.parametrize("bad", [-1, 2**53 + 1, 2**64, 1.5, "1", True, [1]])
def test_a_count_is_whole_and_neither_negative_nor_beyond_2_to_53(path: str, bad: Any) -> None:
    assert field_of(decode_event(record(path, 2**53)), path) == 2**53
    assert path.rpartition(".")[2] in str(refused(record(path, bad)))


@pytest.mark.parametrize("path", TOKENS)
@pytest.mark.parametrize("bad", [-1, 2**32, 2**64, 1.5, "1", True, [1]])
def test_tokens_are_so_few_that_their_sums_stay_within_64_bits(path: str, bad: Any) -> None:
    assert field_of(decode_event(record(path, 2**32 - 1)), path) == 2**32 - 1
    assert path.rpartition(".")[2] in str(refused(record(path, bad)))


@pytest.mark.parametrize("bad", [-1, 253_402_300_800_000, 10**30, 1.5, "2026-01-01", True])
def test_the_time_is_epoch_milliseconds_until_the_year_9999(bad: Any) -> None:
    assert decode_event(record("ts", 253_402_300_799_999)).ts == 253_402_300_799_999
    assert "ts" in str(refused(record("ts", bad)))


@pytest.mark.parametrize("bad", [0, 2, -1, "1", True, 1.5])
def test_the_schema_version_is_1(bad: Any) -> None:
    assert "schema_version" in str(refused(record("schema_version", bad)))


@pytest.mark.parametrize("path", FLAGS)
@pytest.mark.parametrize("bad", [0, 1, "true", []])
def test_a_flag_is_true_or_false(path: str, bad: Any) -> None:
    assert field_of(decode_event(record(path, value=True)), path) is True
    assert refused(record(path, bad)).reason == "not_an_event"


@pytest.mark.parametrize("path", NUMBERS)
@pytest.mark.parametrize("bad", ["0.5", True, []])
def test_a_number_is_a_number(path: str, bad: Any) -> None:
    assert field_of(decode_event(record(path, 1)), path) == 1.0
    assert refused(record(path, bad)).reason == "not_an_event"


@pytest.mark.parametrize("literal", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_a_number_is_finite(literal: bytes) -> None:
    refused(record("params.temperature", 0.5).replace(b"0.5", literal))


@pytest.mark.parametrize("path", BRANCHES)
@pytest.mark.parametrize("bad", [[], "x", 1, True])
def test_a_branch_is_an_object(path: str, bad: Any) -> None:
    assert path in str(refused(record(path, bad)))


def test_whole_numbers_over_64_bits_do_not_end_the_reader() -> None:
    assert field_of(decode_event(record("params.seed", 2**70)), "params.seed") == 2**70
    refused(record("params.seed", 1).replace(b'"seed": 1', b'"seed": ' + b"9" * 5000))


def test_unknown_fields_are_ignored_wherever_they_are() -> None:
    raw = json.dumps({**LEAST, "extra": {"deep": [1, {"x": None}]}, "client": {"asn": 1, "tls": "1.3"}}).encode()
    event = decode_event(raw)
    assert (event.tenant_id, field_of(event, "client.asn")) == ("t", 1)


def test_of_a_repeated_field_the_last_counts() -> None:
    assert decode_event(record()[:-1] + b',"tenant_id":"last"}').tenant_id == "last"


@pytest.mark.parametrize("raw", [None, b""])
def test_a_record_without_a_value_is_empty(raw: bytes | None) -> None:
    assert refused(raw).reason == "empty"


def test_a_record_of_two_megabytes_is_too_large_and_one_at_the_limit_is_read() -> None:
    assert refused(record("prompt", "x" * 2_000_000)).reason == "too_large"
    room = MAX_RECORD_BYTES - len(record("prompt", ""))
    assert len(field_of(decode_event(record("prompt", "x" * room)), "prompt")) == room
    assert refused(record("prompt", "x" * (room + 1))).reason == "too_large"


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("field", [b"extra", b"params", b"prompt"])
def test_deep_nesting_is_refused(opening: bytes, field: bytes) -> None:
    deep = record()[:-1] + b',"' + field + b'":' + opening * 150_000
    assert refused(deep[:MAX_RECORD_BYTES]).reason in {"not_json", "not_an_event"}


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"\xff\xfe",
        b"\xef\xbb\xbf" + record(),
        record() + b"x",
        record() + record(),
        b"\x00\x00\x00\x00\x01" + record(),
        b"prompt",
        record("prompt", "PP").replace(b"PP", b"\xff\xfe"),
        record("prompt", "PP").replace(b"PP", rb"\ud800"),
    ],
)
def test_what_is_not_one_json_text_in_utf8_is_not_json(raw: bytes) -> None:
    assert refused(raw).reason == "not_json"


@pytest.mark.parametrize("raw", [b"null", b"1", b'"x"', b"[]", b"true", b"{}"])
def test_json_of_another_shape_is_not_an_event(raw: bytes) -> None:
    assert refused(raw).reason == "not_an_event"


CONTENT = "Zq7-the-content-of-the-record"
JUNK = st.recursive(
    st.just(CONTENT) | st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just(CONTENT), inner, max_size=2),
    max_leaves=5,
)


@given(path=st.sampled_from([*LEAST, *OPTIONAL, *BRANCHES, "extra"]), value=JUNK, cut=st.integers(0, 400))
@settings(deadline=None, max_examples=400)
def test_a_refusal_never_quotes_the_record(path: str, value: Any, cut: int) -> None:
    for raw in (record(path, value), record(path, value)[:cut]):
        assert "Zq7" not in outcome(raw)


@given(st.binary(max_size=300))
@example(b"\x00")
@settings(deadline=None, max_examples=500)
def test_arbitrary_bytes_are_an_event_or_a_bad_record_and_nothing_else(raw: bytes) -> None:
    assert outcome(raw).split(":")[0] in {"Event", *REASONS}


@given(st.binary(max_size=8), st.integers(0, 500), st.integers(0, 8))
@settings(deadline=None, max_examples=500)
def test_a_damaged_event_is_an_event_or_a_bad_record_and_nothing_else(junk: bytes, where: int, lost: int) -> None:
    whole = json.dumps({**LEAST, "prompt": "hello", "params": {"seed": 1, "stream": True}}).encode()
    assert outcome(whole[:where] + junk + whole[where + lost :]).split(":")[0] in {"Event", *REASONS}
