"""What the SOC gets of a campaign: valid, complete and short, however long the members' names."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from models.campaigns.campaign import Campaign
from models.campaigns.keys import KINDS
from schemas.campaign import CampaignFinding, Link, Member
from schemas.ocsf import CAMPAIGN_SCHEMA, MAX_ALERT_BYTES, alert, headers, key
from schemas.versions import Versions

VALIDATOR = Draft202012Validator(CAMPAIGN_SCHEMA)
ALL_KINDS = tuple(kind.name for kind in KINDS)
VERSIONS = Versions("\x01" * 80, "2", "3")


def campaign() -> Campaign:
    one = Campaign.open(1_800_000_000_000, [("org_a", "")])
    one.links = tuple(Link(kind=kind, keys=10**9, tenants=10**9) for kind in ALL_KINDS)
    return one


def members(names: list[str], subject: str = "") -> list[Member]:
    return [
        Member(
            tenant=name,
            subject=subject,
            p_value=1.2345678e-12,
            first_ms=1_800_000_000_000,
            requests=10**12,
            output_tokens=10**15,
            links=ALL_KINDS,
        )
        for name in names
    ]


def lines(names: list[str], subject: str = "") -> list[CampaignFinding]:
    one = campaign()
    return [
        *one.grow(1_800_000_000_000, members(names, subject), VERSIONS),
        one.close(1_800_100_000_000, VERSIONS, "x" * 36),
    ]


@pytest.mark.parametrize("name", ["org_{}", "\x01" * 251 + "_{}", "界" * 251 + "_{}"], ids=["short", "escaped", "wide"])
def test_every_line_is_valid_and_under_ten_thousand_bytes(name: str) -> None:
    told = lines([name.format(at) for at in range(300)], subject="\x02" * 256)
    for line in told:
        encoded = alert(line)
        assert len(encoded) <= MAX_ALERT_BYTES
        VALIDATOR.validate(json.loads(encoded))
    tenants = [resource["uid"] for line in told for resource in json.loads(alert(line)).get("resources", [])]
    assert tenants == [name.format(at) for at in range(300)]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=256),
        min_size=1,
        max_size=120,
        unique=True,
    )
)
def test_any_members_are_named_once_in_full(names: list[str]) -> None:
    told = lines(names)
    assert all(len(alert(line)) <= MAX_ALERT_BYTES for line in told)
    assert [member.tenant for line in told for member in line.members] == names
    assert [line.sequence for line in told] == list(range(len(told)))


def test_only_the_first_line_is_an_alert_and_the_last_names_nobody() -> None:
    events = [json.loads(alert(line)) for line in lines([f"org_{at}" for at in range(100)])]
    assert [event.get("is_alert", False) for event in events] == [True, *[False] * (len(events) - 1)]
    assert "resources" not in events[-1]
    assert events[-1]["unmapped"]["merged_into"] == "x" * 36


def test_the_envelope_names_the_campaign() -> None:
    (first, _) = lines(["org_a"])
    assert key(first) == first.uid.encode()
    assert dict(headers(first))["ce_id"] == first.line_uid.encode()
    assert dict(headers(first))["ce_subject"] == first.uid.encode()
