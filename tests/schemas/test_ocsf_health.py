"""A canary's alert is nothing to be woken by; an alarm of blindness is."""

import json
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from schemas.blindness import Blindness, Cause, uid_of
from schemas.finding import Activity, Finding
from schemas.ocsf import BLINDNESS_SCHEMA, CAMPAIGN_SCHEMA, CANARY_SCHEMA, MAX_ALERT_BYTES, SCHEMA
from schemas.ocsf.health import blindness_alert, blindness_headers, canary_alert, canary_headers, is_about_health
from streams.alert_text import describe
from streams.feedback_evidence import FindingsTold
from tests.schemas.findings import ANY_FINDING, CREATED, EXAMPLES
from tests.streams.fakes import Record

LINE = Blindness(
    partition=3,
    cause=Cause.ABSENT,
    activity=Activity.CREATE,
    sequence=0,
    opened_ms=1_800_007_500_000,
    since_ms=1_800_000_000_000,
    time_ms=1_800_007_500_000,
    seconds=7500,
    uid=uid_of(3, 1_800_000_000_000, 1_800_007_500_000),
)


def test_both_kinds_of_line_are_the_published_examples_byte_for_byte() -> None:
    assert canary_alert(CREATED, 3) + b"\n" == (EXAMPLES / "canary_found.json").read_bytes()
    assert blindness_alert(LINE, "0.1.0") + b"\n" == (EXAMPLES / "blindness_created.json").read_bytes()


@pytest.mark.parametrize("schema", [CANARY_SCHEMA, BLINDNESS_SCHEMA])
def test_the_schemas_are_schemas(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)


@given(ANY_FINDING, st.integers(0, 4095))
@hypothesis.settings(max_examples=100)
def test_every_canary_that_is_found_is_valid_and_nothing_else(finding: Finding, partition: int) -> None:
    event = json.loads(canary_alert(finding, partition))
    Draft202012Validator(CANARY_SCHEMA).validate(event)
    for other in (SCHEMA, CAMPAIGN_SCHEMA, BLINDNESS_SCHEMA):
        assert not Draft202012Validator(other).is_valid(event)
    assert not Draft202012Validator(CANARY_SCHEMA).is_valid(event | {"is_alert": True})


def test_an_alarm_of_another_state_than_its_activity_is_not_valid() -> None:
    event = json.loads(blindness_alert(LINE))
    assert not Draft202012Validator(BLINDNESS_SCHEMA).is_valid(event | {"activity_id": 3})
    assert not Draft202012Validator(BLINDNESS_SCHEMA).is_valid(event | {"severity_id": 3})


def test_no_rule_for_findings_takes_a_canary_for_one() -> None:
    event = json.loads(canary_alert(CREATED, 3))
    assert (event["class_uid"], event["type_uid"]) == (2004, 200401)
    assert (event["severity_id"], event["severity"]) == (1, "Informational")
    assert (event["risk_level_id"], event["risk_score"]) == (0, 0)
    assert (event["status_id"], event["status"]) == (3, "Suppressed")
    assert "is_alert" not in event
    assert event["metadata"]["labels"] == ["canary", "synthetic"]
    assert "tenant_uid" not in event["metadata"]
    assert "attacks" not in event["finding_info"]
    assert event["finding_info"]["types"] == ["Canary"]
    assert not any(event.get(field) for field in ("resources", "observables", "anomaly_analyses"))
    assert not Draft202012Validator(SCHEMA).is_valid(event)


def test_a_canary_found_twice_is_the_same_bytes_and_its_lag_is_beside_them() -> None:
    assert canary_alert(CREATED, 3) == canary_alert(CREATED, 3)
    assert dict(canary_headers(CREATED, 3, 1500))["dw_event_lag_ms"] == b"1500"
    assert dict(canary_headers(CREATED, 3, None)).keys() == dict(canary_headers(CREATED, 3, 7)).keys() - {
        "dw_event_lag_ms"
    }
    assert dict(canary_headers(CREATED, 3, None))["ce_type"] == b"distillwatch.canary.found"


def test_blindness_is_an_alert_of_high_severity_in_plain_words() -> None:
    event = json.loads(blindness_alert(LINE))
    assert (event["class_uid"], event["activity_id"], event["severity"], event["is_alert"]) == (2004, 1, "High", True)
    title = event["finding_info"]["title"]
    assert title == "distillwatch is blind: no canary came back from partition 3 for 2 h 05 min"
    assert event["message"].startswith(title)
    assert event["metadata"]["uid"] == dict(blindness_headers(LINE))["ce_id"].decode() == LINE.line_uid


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("activity", Activity)
def test_every_line_says_where_and_is_short(cause: Cause, activity: Activity) -> None:
    line = Blindness(
        **{name: getattr(LINE, name) for name in LINE.__struct_fields__} | {"cause": cause, "activity": activity}
    )
    encoded = blindness_alert(line)
    event = json.loads(encoded)
    Draft202012Validator(BLINDNESS_SCHEMA).validate(event)
    assert not Draft202012Validator(SCHEMA).is_valid(event)
    assert "partition 3" in event["message"]
    assert event["status"] == {1: "New", 2: "In Progress", 3: "Resolved"}[activity]
    assert ("sees again" in event["message"]) is (activity is Activity.CLOSE)
    assert len(encoded) < MAX_ALERT_BYTES
    assert event["message"] in describe(event).plain


def test_nothing_is_learned_from_a_canary() -> None:
    told = FindingsTold(10)
    told.take(Record(0, canary_alert(CREATED, 3)))
    assert not told._told
    assert not is_about_health(["Model Extraction"])
    assert not is_about_health(None)
