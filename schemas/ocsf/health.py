"""What the SOC gets about the line itself: canaries that were found, and partitions where they are not.

A canary's line takes the way of every finding, to the same topic: so whatever is behind the topic is proven too, and a SIEM can
raise an alarm of its own when canaries stay away there. It can be taken for a finding by nobody: Informational, risk 0,
Suppressed, no alert, of type `Canary`, labelled `canary` and `synthetic`, of no tenant, with no technique of attack. A line about
blindness is what a SOC is to be woken by: High, an alert, of type `Health`.
"""

from typing import Any

import msgspec

from schemas.blindness import Blindness, Cause
from schemas.finding import Activity, Finding, Severity
from schemas.ocsf import words
from schemas.ocsf.classification import classification
from schemas.ocsf.detection_finding import OCSF_VERSION
from schemas.ocsf.envelope import cloud_event
from schemas.versions import CODE_VERSION

CANARY, HEALTH = "Canary", "Health"
CANARY_EVENT, HEALTH_EVENT = "distillwatch.canary", "distillwatch.blindness"
SOURCE = "/distillwatch/health"

_ANALYTIC = {"name": "Synthetic attacks that must be found", "type_id": 1, "type": "Rule"}
_encode = msgspec.json.Encoder().encode
_SAID = {
    Cause.ABSENT: "no canary came back from partition {partition} for {long}",
    Cause.LATE: "a canary sent to partition {partition} has not come back for {long}",
    Cause.BEHIND: "what is judged in partition {partition} happened {long} ago",
}


def is_about_health(types: object) -> bool:
    """Whether an alert whose `finding_info.types` are these is about the line itself, not about anybody's traffic."""
    return isinstance(types, list | tuple) and (CANARY in types or HEALTH in types)


def canary_alert(finding: Finding, partition: int) -> bytes:
    """A canary that was found while partition `partition` was judged; the same finding gives the same bytes."""
    named = classification(Activity.CREATE, Severity.INFORMATIONAL, finding.confidence, 0.0)
    del named["is_alert"]
    event = named | {
        "status_id": 3,
        "status": "Suppressed",
        "time": finding.time_ms,
        "start_time": finding.first_suspect_ms,
        "end_time": finding.last_suspect_ms,
        "count": finding.requests,
        "message": f"A synthetic attack was found in partition {partition}: detection works there. Nothing is to be done.",
        "metadata": _metadata(finding.line_uid, 0, ["canary", "synthetic"], finding.versions.code),
        "finding_info": {
            "uid": finding.uid,
            "title": f"distillwatch canary: detection works in partition {partition}",
            "desc": "A synthetic tenant is sent through the whole line now and then, to see whether it alerts. It is nobody's traffic.",
            "types": [CANARY],
            "created_time": finding.opened_ms,
            "analytic": _ANALYTIC | {"uid": "distillwatch.canary"},
        },
        "unmapped": {
            "partition": partition,
            "canary": finding.tenant,
            "judged_severity": finding.severity.name.capitalize(),
            "judged_risk": words.percent(finding.risk),
            "versions": {
                "code": words.short(finding.versions.code),
                "model": words.short(finding.versions.model),
                "references": words.short(finding.versions.references),
            },
        },
    }
    return _encode(event)


def canary_headers(finding: Finding, partition: int, lag_ms: int | None) -> list[tuple[str, bytes]]:
    """The headers around it; `lag_ms` is how long ago happened what is judged in the partition, which no repetition needs to repeat."""
    event = cloud_event(finding.line_uid, SOURCE, f"{CANARY_EVENT}.found", finding.time_ms, f"partition {partition}")
    return event if lag_ms is None else [*event, ("dw_event_lag_ms", str(lag_ms).encode())]


def blindness_alert(line: Blindness, code: str = CODE_VERSION) -> bytes:
    """A line of an alarm as one JSON object; `code` is the version of ours that says it."""
    closed = line.activity is Activity.CLOSE
    said = _SAID[line.cause].format(partition=line.partition, long=_long(line.seconds))
    title = f"distillwatch is blind: {said}"
    event = classification(line.activity, Severity.HIGH, 1.0, 0.85) | {
        "time": line.time_ms,
        "start_time": line.since_ms or line.opened_ms,
        "message": f"distillwatch sees again: canaries come back from partition {line.partition}."
        if closed
        else _advice(title, line),
        "metadata": _metadata(line.line_uid, line.sequence, ["health"], code),
        "finding_info": {
            "uid": line.uid,
            "title": title,
            "desc": "While this is open the absence of findings says nothing about the tenants of the partition.",
            "types": [HEALTH],
            "created_time": line.opened_ms,
            "analytic": _ANALYTIC | {"uid": "distillwatch.blindness"},
        },
        "unmapped": {
            "partition": line.partition,
            "cause": line.cause.value,
            "newest_canary": line.since_ms,
            "seconds": line.seconds,
        },
    }
    return _encode(event)


def blindness_headers(line: Blindness) -> list[tuple[str, bytes]]:
    """The headers around it."""
    kind = {Activity.CREATE: "created", Activity.UPDATE: "updated", Activity.CLOSE: "closed"}[line.activity]
    return cloud_event(line.line_uid, SOURCE, f"{HEALTH_EVENT}.{kind}", line.time_ms, f"partition {line.partition}")


def _advice(title: str, line: Blindness) -> str:
    where = "`distillwatch_lag_records`" if line.cause is not Cause.BEHIND else "`distillwatch_event_lag_seconds`"
    return (
        f"{title}. Attacks there are not told of, or late. Look whether a worker holds the partition (/health, /ready), at {where} "
        "and at the worker's log; if all is well there, the tables no longer find the canary."
    )


def _metadata(uid: str, sequence: int, labels: list[str], code: str) -> dict[str, Any]:
    product = {"name": "distillwatch", "vendor_name": "distillwatch", "version": words.short(code)}
    return {
        "version": OCSF_VERSION,
        "uid": uid,
        "sequence": sequence,
        "labels": labels,
        "log_name": "security.alerts",
        "product": product,
    }


def _long(seconds: int) -> str:
    """A length of time, to the minute.

    >>> _long(59), _long(7500), _long(200_000)
    ('59 s', '2 h 05 min', '2 d 7 h')
    """
    if seconds < 120:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h {minutes % 60:02} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"
