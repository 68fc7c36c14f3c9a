"""One line of a campaign as an OCSF Detection Finding."""

from typing import Any

import msgspec

from schemas.campaign import CampaignFinding, Member
from schemas.finding import Activity, Severity
from schemas.ocsf import words
from schemas.ocsf.classification import classification
from schemas.ocsf.detection_finding import ATTACKS, OCSF_VERSION

DESCRIPTION = (
    "Several tenants look like one operator that collects a training set for a copy of the model: they share prompt "
    "templates together with network, TLS stack or payment, and more of them look unlike honest tenants than chance allows."
)

#: What a campaign of this severity is called as a risk.
_RISKS = {Severity.MEDIUM: 0.7, Severity.HIGH: 0.85, Severity.CRITICAL: 0.95}

_encode = msgspec.json.Encoder().encode


def campaign_alert(finding: CampaignFinding) -> bytes:
    """The campaign's line as one JSON object; below 10,000 bytes, for lines hold no more members than fit. Costs 0.1 ms."""
    event = classification(
        finding.activity, finding.severity, 1 - finding.chance, _RISKS.get(finding.severity, 0.5)
    ) | {
        "time": finding.time_ms,
        "start_time": finding.first_seen_ms,
        "end_time": finding.last_seen_ms,
        "duration": max(0, finding.last_seen_ms - finding.first_seen_ms),
        "count": finding.requests,
        "message": _message(finding),
        "metadata": {
            "version": OCSF_VERSION,
            "uid": finding.line_uid,
            "sequence": finding.sequence,
            "log_name": "security.alerts",
            "product": {
                "name": "distillwatch",
                "vendor_name": "distillwatch",
                "version": words.short(finding.versions.code),
            },
        },
        "finding_info": _finding_info(finding),
        "unmapped": _unmapped(finding),
    }
    if finding.members:
        event["resources"] = [_resource(member) for member in finding.members]
    return _encode(event)


def _finding_info(finding: CampaignFinding) -> dict[str, Any]:
    return {
        "uid": finding.uid,
        "title": f"Suspected model extraction by one operator with {finding.total:,} tenants",
        "desc": DESCRIPTION,
        "types": ["Model Extraction", "Campaign"],
        "created_time": finding.opened_ms,
        "first_seen_time": finding.first_seen_ms,
        "last_seen_time": finding.last_seen_ms,
        "data_sources": ["LLM API requests"],
        "analytic": {
            "uid": "distillwatch.campaign",
            "name": "Odd tenants that share templates and infrastructure",
            "type_id": 3,
            "type": "Statistical",
            "version": words.short(finding.versions.model),
        },
        "attacks": ATTACKS,
        "related_events_count": finding.requests,
        "tags": [{"name": "owasp_llm", "value": "LLM10:2025"}],
    }


def _resource(member: Member) -> dict[str, Any]:
    data = {
        "p_value": _digits(member.p_value),
        "first_seen": member.first_ms,
        "requests": member.requests,
        "output_tokens": member.output_tokens,
        "links": list(member.links),
    }
    if member.subject:
        data["subject"] = member.subject
    return {"type": "Tenant", "uid": member.tenant, "data": data}


def _message(finding: CampaignFinding) -> str:
    links = "; ".join(f"{link.kind.replace('+', ' and ')} ({link.tenants:,} tenants)" for link in finding.links)
    shared = f" They share {links}." if links else ""
    since = f"{finding.requests:,} requests of theirs since {words.moment(finding.first_seen_ms)}"
    chance = f"chance {_digits(finding.chance):g}"
    if finding.activity is Activity.CLOSE:
        ended = f"is part of campaign {finding.merged_into}" if finding.merged_into else "is quiet"
        return f"The campaign of {finding.total:,} tenants {ended}."
    if finding.activity is Activity.CREATE:
        return f"{finding.total:,} tenants may be one operator that extracts a copy of a model: {since} ({chance}).{shared}"
    joined = len(finding.members)
    return f"{joined:,} more tenants belong to the campaign, {finding.total:,} in all: {since} ({chance}).{shared}"


def _unmapped(finding: CampaignFinding) -> dict[str, Any]:
    versions = finding.versions
    unmapped: dict[str, Any] = {
        "members": finding.total,
        "output_tokens": finding.output_tokens,
        "chance": _digits(finding.chance),
        "links": [{"kind": link.kind, "keys": link.keys, "tenants": link.tenants} for link in finding.links],
        "complete": finding.complete,
        "versions": {
            "code": words.short(versions.code),
            "model": words.short(versions.model),
            "references": words.short(versions.references),
        },
    }
    return unmapped | {"merged_into": finding.merged_into} if finding.merged_into else unmapped


def _digits(value: float) -> float:
    """Four significant digits: more would only be noise in a comparison of two runs."""
    return float(f"{value:.4g}")
