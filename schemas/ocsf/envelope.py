"""What stands around an alert in its Kafka record: the key, and CloudEvents attributes as headers (binary mode)."""

from datetime import UTC, datetime, timedelta

from schemas.campaign import CampaignFinding
from schemas.finding import Activity, Finding

SOURCE = "/distillwatch/tenants"
CAMPAIGN_SOURCE = "/distillwatch/campaigns"
TYPE = "distillwatch.finding"
DATA_SCHEMA = "https://schema.ocsf.io/1.5.0/classes/detection_finding"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VERBS = {Activity.CREATE: "created", Activity.UPDATE: "updated", Activity.CLOSE: "closed"}


def key(finding: Finding | CampaignFinding) -> bytes:
    """The record's key: the tenant or the campaign, so that the lines of its findings stay in order."""
    return (finding.tenant if isinstance(finding, Finding) else finding.uid).encode()


def headers(finding: Finding | CampaignFinding) -> list[tuple[str, bytes]]:
    """CloudEvents 1.0 attributes of the Kafka binding; `ce_time` is event time, so a repetition has the same."""
    source = SOURCE if isinstance(finding, Finding) else CAMPAIGN_SOURCE
    kind = f"{TYPE}.{_VERBS[finding.activity]}"
    return cloud_event(finding.line_uid, source, kind, finding.time_ms, key(finding).decode())


def cloud_event(uid: str, source: str, kind: str, time_ms: int, subject: str) -> list[tuple[str, bytes]]:
    """CloudEvents attributes around one alert."""
    moment = _EPOCH + timedelta(milliseconds=time_ms)
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": uid,
        "ce_source": source,
        "ce_type": kind,
        "ce_time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "ce_subject": subject,
        "ce_dataschema": DATA_SCHEMA,
        "content-type": "application/json",
    }
    return [(name, value.encode()) for name, value in attributes.items()]
