"""What the SOC gets: the same bytes for the same finding, valid, complete and short."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from schemas.finding import Activity, Finding, Severity
from schemas.ocsf import MAX_ALERT_BYTES, SCHEMA, alert, headers, key
from tests.schemas.findings import ADOPTED_LINE, ANY_FINDING, CLOSED, CREATED, EXAMPLES, GOLDEN, REASONS, UPDATED, line

VALIDATOR = Draft202012Validator(SCHEMA)
WIDEST = line(Activity.UPDATE, tenant="\x01" * 256, subject="\x02" * 256, model="\x03" * 256, reasons=REASONS * 10)


def read(finding: Finding) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(alert(finding))
    return event


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", GOLDEN)
def test_every_kind_of_line_is_the_published_example_byte_for_byte(name: str) -> None:
    assert alert(GOLDEN[name]) + b"\n" == (EXAMPLES / name).read_bytes()


@given(ANY_FINDING)
@example(WIDEST)
@settings(deadline=None, max_examples=200)
def test_any_finding_is_valid_and_under_ten_thousand_bytes(finding: Finding) -> None:
    encoded = alert(finding)
    assert len(encoded) <= MAX_ALERT_BYTES < 10_000
    event = json.loads(encoded, parse_constant=pytest.fail)
    VALIDATOR.validate(event)
    assert event["metadata"]["tenant_uid"] == finding.tenant
    assert [r["uid"] for r in event["resources"] if r["type"] == "Tenant"] == [finding.tenant]
    assert alert(finding) == encoded


def test_the_longest_names_leave_room_for_the_strongest_reason() -> None:
    event = read(WIDEST)
    assert event["unmapped"]["reasons"][0]["feature"] == REASONS[0].feature


@pytest.mark.parametrize("field", ["time", "severity_id", "activity_id", "resources", "metadata", "unmapped"])
def test_the_schema_notices_a_missing_field(field: str) -> None:
    event = read(CREATED)
    del event[field]
    assert not VALIDATOR.is_valid(event)


def test_the_schema_notices_an_unknown_field_and_a_wrong_life() -> None:
    event = read(CREATED)
    assert not VALIDATOR.is_valid(event | {"processed_time": 1})
    assert not VALIDATOR.is_valid(event | {"activity_id": 3})
    assert not VALIDATOR.is_valid(read(UPDATED) | {"is_alert": True})


def test_only_the_line_that_opens_a_finding_is_an_alert() -> None:
    assert [read(f).get("is_alert") for f in (CREATED, UPDATED, CLOSED)] == [True, None, None]
    assert [read(f)["status"] for f in (CREATED, UPDATED, CLOSED)] == ["New", "In Progress", "Resolved"]


def test_a_close_by_adoption_says_so_and_one_by_quiet_says_nothing_more() -> None:
    adopted, quiet = read(ADOPTED_LINE), read(CLOSED)
    assert adopted["status_detail"] == "adopted"
    assert "taken for its normal behaviour" in adopted["message"]
    assert "status_detail" not in quiet
    assert not VALIDATOR.is_valid(read(CREATED) | {"status_detail": "adopted"})


def test_the_lines_of_a_finding_share_its_uid_and_have_their_own() -> None:
    events = [read(f) for f in (CREATED, UPDATED, CLOSED)]
    assert len({e["finding_info"]["uid"] for e in events}) == 1
    assert len({e["metadata"]["uid"] for e in events}) == 3
    assert [e["metadata"]["sequence"] for e in events] == [0, 1, 2]


def test_a_reason_stands_as_observed_against_its_own_past_and_its_peers() -> None:
    first = read(CREATED)["anomaly_analyses"][0]
    assert first["anomalies"][0]["observations"] == [{"value": "0.9731"}]
    assert first["anomalies"][0]["observed_pattern"] == "ABOVE_USUAL"
    own, peers = first["baselines"]
    assert (own["observed_pattern"], own["observations"]) == ("OWN_BASELINE", [{"value": "0.214"}])
    assert peers["observed_pattern"] == "PEERS_5TH_TO_95TH"
    assert peers["observations"] == [{"value": "0.02"}, {"value": "0.61"}]


def test_a_tenant_without_a_baseline_is_compared_with_its_peers_only() -> None:
    third = read(CREATED)["anomaly_analyses"][2]
    assert [b["observed_pattern"] for b in third["baselines"]] == ["PEERS_5TH_TO_95TH"]


def test_the_message_says_who_what_how_sure_and_why() -> None:
    message = read(CREATED)["message"]
    reason = "distinct template share 0.973 of prompts (usually 0.214, most tenants 0.02 to 0.61)"
    sure = "Risk 81 of 100, confidence medium (72 of 100), 412 requests"
    for part in ("org_acme", "large-1", sure, reason, "no baseline yet"):
        assert part in message


def test_control_characters_of_a_tenant_id_do_not_reach_the_sentences() -> None:
    event = read(line(Activity.CREATE, tenant="a\x1b[2J\u202eb\n"))
    assert event["metadata"]["tenant_uid"] == "a\x1b[2J\u202eb\n"
    for text in (event["message"], event["finding_info"]["title"], event["resources"][0]["name"]):
        assert not {"\x1b", "\u202e", "\n"} & set(text)


@pytest.mark.parametrize("severity", Severity)
def test_the_severity_is_the_findings(severity: Severity) -> None:
    event = read(line(Activity.UPDATE, severity=severity))
    assert (event["severity_id"], event["severity"].upper()) == (int(severity), severity.name)


def test_the_headers_are_cloudevents_in_binary_mode() -> None:
    named = dict(headers(CREATED))
    assert named == {
        "ce_specversion": b"1.0",
        "ce_id": CREATED.line_uid.encode(),
        "ce_source": b"/distillwatch/tenants",
        "ce_type": b"distillwatch.finding.created",
        "ce_time": b"2026-10-29T08:00:00.000Z",
        "ce_subject": b"org_acme",
        "ce_dataschema": b"https://schema.ocsf.io/1.5.0/classes/detection_finding",
        "content-type": b"application/json",
    }


@given(ANY_FINDING)
@settings(deadline=None)
def test_any_finding_has_headers_and_the_tenant_as_key(finding: Finding) -> None:
    assert key(finding).decode() == finding.tenant
    assert dict(headers(finding))["ce_id"] == finding.line_uid.encode()


def test_the_control_record_is_named_where_there_is_one() -> None:
    taught = msgspec.structs.replace(CREATED, versions=msgspec.structs.replace(CREATED.versions, control=7))
    assert read(taught)["unmapped"]["versions"]["control"] == 7
    assert "control" not in read(CREATED)["unmapped"]["versions"]
