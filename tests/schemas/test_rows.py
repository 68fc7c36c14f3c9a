"""Rows on their topic: what is written is what is read."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.errors import BadRecord
from schemas.finding import Finding
from schemas.rows import FindingRow, TenantWindow, decode_row, encode_row
from tests.schemas.findings import ANY_FINDING, CREATED, VERSIONS, finite

WINDOW = TenantWindow(
    tenant="org_acme",
    subject="",
    window_start_ms=1_793_257_200_000,
    window_ms=3_600_000,
    source_partition=3,
    version=41,
    requests=12,
    late_events=1,
    refusals=2,
    errors=0,
    prompts=11,
    prompt_characters=4711,
    input_tokens=900,
    output_tokens=1800,
    reasoning_tokens=0,
    cached_tokens=5,
    logprob_requests=1,
    reasoning_requests=0,
    tool_requests=3,
    multi_sample_requests=0,
    distinct_prompts=10.2,
    distinct_templates=3.0,
    distinct_addresses=1.0,
    distinct_keys=1.0,
    distinct_accounts=1.0,
    distinct_models=2.0,
    folds=1,
    risk=0.25,
    suspect=False,
    scores={"volume": 0.5},
    versions=VERSIONS,
)
COUNT = st.integers(0, 2**53)
ESTIMATE = st.floats(0, 1e6)
ANY_WINDOW = st.fixed_dictionaries(
    {
        name: {int: COUNT, float: ESTIMATE, str: st.text(max_size=256), bool: st.booleans()}[
            type(getattr(WINDOW, name))
        ]
        for name in WINDOW.__struct_fields__
        if name not in {"scores", "versions"}
    }
    | {
        "scores": st.dictionaries(st.text(max_size=20), st.floats(0, 1), max_size=6),
        "versions": st.just(VERSIONS),
    }
).map(lambda fields: msgspec.structs.replace(WINDOW, **fields))


@given(ANY_WINDOW)
@settings(deadline=None)
def test_a_window_comes_back_as_it_went(row: TenantWindow) -> None:
    assert decode_row(encode_row(row)) == row
    assert encode_row(row) == encode_row(decode_row(encode_row(row)))


@given(ANY_FINDING.filter(finite), st.integers(0, 4095), COUNT)
@settings(deadline=None)
def test_a_finding_comes_back_as_it_went(finding: Finding, partition: int, version: int) -> None:
    row = FindingRow(line_uid=finding.line_uid, source_partition=partition, version=version, finding=finding)
    assert decode_row(encode_row(row)) == row


def test_a_row_says_what_it_is() -> None:
    finding = FindingRow(line_uid=CREATED.line_uid, source_partition=0, version=1, finding=CREATED)
    assert [msgspec.json.decode(encode_row(row))["row"] for row in (WINDOW, finding)] == ["tenant_window", "finding"]


def test_a_row_of_a_newer_version_with_more_fields_is_read() -> None:
    assert decode_row(encode_row(WINDOW)[:-1] + b',"newer":[1]}') == WINDOW


@pytest.mark.parametrize(
    "raw",
    [
        None,
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"row":"nothing"}',
        b'{"row":"tenant_window"}',
        b"\xff",
        b"[" * 200_000,
        b'{"row":"tenant_window","x":' + b"[" * 200_000,
        b'{"row":"tenant_window","tenant":"\xff"}',
    ],
)
def test_what_is_not_a_row_is_a_bad_record(raw: bytes | None) -> None:
    with pytest.raises(BadRecord) as bad:
        decode_row(raw)
    assert bad.value.reason == "not_a_row"


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_arbitrary_bytes_are_a_bad_record_and_nothing_else(raw: bytes) -> None:
    with pytest.raises(BadRecord):
        decode_row(raw)
