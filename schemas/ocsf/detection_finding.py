"""One line of a finding as an OCSF Detection Finding."""

import math
from typing import Any

import msgspec
from msgspec.structs import asdict, replace

from schemas.finding import Finding, Reason, SubStream, Template
from schemas.ocsf import words
from schemas.ocsf.classification import classification
from schemas.versions import Versions

OCSF_VERSION = "1.5.0"
ATLAS_VERSION = "5.6.1"
MAX_ALERT_BYTES = 9_999  # collectors cut a line at 10,000
MAX_REASONS = 8
MAX_TEMPLATES = 3
MAX_SKELETON = 320  # eighteen words of fifteen letters, with gaps between
CLIPPED_CHARACTERS = 48

DESCRIPTION = (
    "The tenant's requests look like the collection of a training set for a copy of the model: they differ from the "
    "tenant's own past and from most tenants in the ways listed under anomaly_analyses."
)
ATTACKS = [
    {
        "version": ATLAS_VERSION,
        "tactic": {"uid": "AML.TA0010", "name": "Exfiltration"},
        "technique": {"uid": "AML.T0024", "name": "Exfiltration via AI Inference API"},
        "sub_technique": {"uid": "AML.T0024.002", "name": "Extract AI Model"},
        "mitigation": {"uid": "AML.M0004", "name": "Restrict Number of AI Model Queries"},
    },
    {
        "version": ATLAS_VERSION,
        "tactic": {"uid": "AML.TA0001", "name": "AI Attack Staging"},
        "technique": {"uid": "AML.T0005", "name": "Create Proxy AI Model"},
        "sub_technique": {"uid": "AML.T0005.001", "name": "Train Proxy via Replication"},
    },
]


#: Kinds of observables, as OCSF numbers them.
_RESOURCE, _HASH = (10, "Resource UID"), (8, "Hash")

_encode = msgspec.json.Encoder().encode


def tenant_alert(finding: Finding) -> bytes:
    """The finding's line as one JSON object of less than 10,000 bytes; the same finding gives the same bytes.

    The tenant (at most 256 characters) and the uids (UUIDs) are always there in full. When the rest does not fit, the
    weakest reasons go first, then the observables, then the names of model and subject are clipped, and then the
    templates go. Costs 80 to 200 us, and a few milliseconds when it must be shortened.
    """
    most = len(finding.reasons[:MAX_REASONS])
    least = min(most, 1)
    whole = [(count, True, False) for count in range(most, least - 1, -1)]
    cut = [(least, False, False), (least, False, True), (0, False, True)]
    for count, observables, clip in whole + cut:
        encoded = _encode(_event(finding, finding.reasons[:count], observables=observables, clip=clip))
        if len(encoded) <= MAX_ALERT_BYTES:
            return encoded
    bare = replace(finding, templates=())
    return _encode(_event(bare, (), observables=False, clip=True))


def _event(finding: Finding, reasons: tuple[Reason, ...], *, observables: bool, clip: bool) -> dict[str, Any]:
    resources = _resources(finding, clip=clip)
    event = classification(finding.activity, finding.severity, finding.confidence, finding.risk) | {
        "time": finding.time_ms,
        "start_time": finding.first_suspect_ms,
        "end_time": finding.last_suspect_ms,
        "duration": max(0, finding.last_suspect_ms - finding.first_suspect_ms),
        "count": finding.requests,
        "message": words.message(finding),
        "metadata": _metadata(finding),
        "finding_info": _finding_info(finding),
        "resources": resources,
    }
    if finding.ended:
        event["status_detail"] = words.short(finding.ended)
    if reasons:
        event["anomaly_analyses"] = [_analysis(finding, reason) for reason in reasons]
    if observables:
        event["observables"] = [
            *(_observable(f"resources[{i}].uid", _RESOURCE, each["uid"]) for i, each in enumerate(resources)),
            *(_observable(f"unmapped.templates[{i}].uid", _HASH, t.uid) for i, t in enumerate(_told(finding)) if t.uid),
        ]
    event["unmapped"] = _unmapped(finding, reasons)
    return event


def _metadata(finding: Finding) -> dict[str, Any]:
    product = {"name": "distillwatch", "vendor_name": "distillwatch", "version": words.short(finding.versions.code)}
    return {
        "version": OCSF_VERSION,
        "uid": finding.line_uid,
        "sequence": finding.sequence,
        "tenant_uid": finding.tenant,
        "log_name": "security.alerts",
        "product": product,
    }


def _finding_info(finding: Finding) -> dict[str, Any]:
    return {
        "uid": finding.uid,
        "title": words.title(finding),
        "desc": DESCRIPTION,
        "types": ["Model Extraction"],
        "created_time": finding.opened_ms,
        "first_seen_time": finding.first_suspect_ms,
        "last_seen_time": finding.last_suspect_ms,
        "data_sources": ["LLM API requests"],
        "analytic": {
            "uid": "distillwatch.tenant",
            "name": "Tenant behaviour against its own past and other tenants",
            "type_id": 4,
            "type": "Learning (ML/DL)",
            "version": words.short(finding.versions.model),
        },
        "attacks": ATTACKS,
        "related_events_count": finding.requests,
        "tags": [{"name": "owasp_llm", "value": "LLM10:2025"}],
    }


def _resources(finding: Finding, *, clip: bool) -> list[dict[str, str]]:
    named = [("Tenant", finding.tenant), ("AI Model", finding.model), ("Subject", finding.subject)]
    return [
        {
            "type": kind,
            "uid": words.short(uid, CLIPPED_CHARACTERS) if clip and kind != "Tenant" else uid,
            "name": words.short(uid),
        }
        for kind, uid in named
        if uid
    ]


def _observable(path: str, kind: tuple[int, str], value: str) -> dict[str, Any]:
    return {"name": path, "type_id": kind[0], "type": kind[1], "value": words.short(value, 256)}


def _told(finding: Finding) -> tuple[Template, ...]:
    return finding.templates[:MAX_TEMPLATES]


def _analysis(finding: Finding, reason: Reason) -> dict[str, Any]:
    baselines = [_observation(reason, "PEERS_5TH_TO_95TH", reason.peers_low, reason.peers_high)]
    if reason.own_expected is not None:
        baselines.insert(0, _observation(reason, "OWN_BASELINE", reason.own_expected))
    usual = (reason.peers_low + reason.peers_high) / 2 if reason.own_expected is None else reason.own_expected
    pattern = "ABOVE_USUAL" if reason.observed > usual else "BELOW_USUAL"
    return {
        "analysis_targets": [{"name": words.short(finding.tenant), "type": "Tenant"}],
        "anomalies": [_observation(reason, pattern, reason.observed)],
        "baselines": baselines,
    }


def _observation(reason: Reason, pattern: str, *values: float) -> dict[str, Any]:
    return {
        "observation_parameter": words.short(reason.feature),
        "observation_type": "Distribution Analysis",
        "observed_pattern": pattern,
        "observations": [{"value": f"{value:.6g}" if math.isfinite(value) else "unknown"} for value in values],
    }


def _unmapped(finding: Finding, reasons: tuple[Reason, ...]) -> dict[str, Any]:
    versions: Versions = finding.versions
    return {
        "output_tokens": finding.output_tokens,
        "versions": {
            "code": words.short(versions.code),
            "model": words.short(versions.model),
            "references": words.short(versions.references),
            **({"control": versions.control} if versions.control else {}),
        },
        "reasons": [
            {
                "feature": words.short(r.feature),
                "meaning": words.short(r.meaning, 128),
                "unit": words.short(r.unit),
                "detector": words.short(r.detector),
                "p_value": _share(r.p_value),
                "contribution": _share(r.contribution),
                "log_odds": round(r.log_odds, 3) if math.isfinite(r.log_odds) else 0.0,
            }
            for r in reasons
        ],
        **({"sub_stream": _sub_stream(finding.sub_stream)} if finding.sub_stream is not None else {}),
        **({"templates": [_template(template) for template in _told(finding)]} if finding.templates else {}),
    }


def _sub_stream(held: SubStream) -> dict[str, Any]:
    named = {"model": words.short(held.model), "temperature": held.temperature and words.short(held.temperature)}
    share = _share(held.requests / held.of) if held.of > 0 else 0.0
    return {"meaning": words.of_sub_stream(held), "share": share, **asdict(held), **named}


def _template(held: Template) -> dict[str, Any]:
    return {
        "uid": words.short(held.uid),
        "skeleton": words.short(held.skeleton, MAX_SKELETON),
        "edge": words.short(held.edge),
        "share": _share(held.share),
        "requests": held.requests,
    }


def _share(value: float) -> float:
    """Four significant digits within [0, 1]: more would only be noise in a comparison of two runs."""
    return 0.0 if math.isnan(value) else float(f"{min(1.0, max(0.0, value)):.4g}")
