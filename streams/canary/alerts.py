"""Records of the alerts topic, as far as they are about canaries: read back into what was said."""

from typing import Any, Literal

import msgspec
from msgspec import Struct

from schemas.blindness import Blindness, Cause
from schemas.canary import read_name
from schemas.finding import Activity
from schemas.ocsf.health import CANARY_EVENT, HEALTH_EVENT
from streams.canary.watcher import Sign


class _Info(Struct, frozen=True):
    uid: str
    created_time: int


class _Metadata(Struct, frozen=True):
    sequence: int


class _Canary(Struct, frozen=True):
    partition: int
    canary: str


class _Canaries(Struct, frozen=True):
    unmapped: _Canary


class _Trouble(Struct, frozen=True):
    partition: int
    cause: Cause
    newest_canary: int
    seconds: int


class _Alarm(Struct, frozen=True):
    activity_id: Literal[1, 2, 3]
    time: int
    metadata: _Metadata
    finding_info: _Info
    unmapped: _Trouble


_read_canary = msgspec.json.Decoder(_Canaries).decode
_read_alarm = msgspec.json.Decoder(_Alarm).decode


def read_alert(record: Any) -> Sign | Blindness | None:
    """What a record says; None for a finding about tenants and for whatever else is on the topic. A microsecond for those."""
    headers = dict(record.headers)
    kind = headers.get("ce_type", b"").decode("utf-8", "replace")
    try:
        if kind.startswith(CANARY_EVENT):
            return _sign(record, headers.get("dw_event_lag_ms", b"0"))
        if kind.startswith(HEALTH_EVENT):
            return _blindness(_read_alarm(record.value or b""))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return None


def _sign(record: Any, lag: bytes) -> Sign | None:
    said = _read_canary(record.value or b"").unmapped
    name = read_name(said.canary)
    if name is None:
        return None
    return Sign(partition=said.partition, sent_ms=name.sent_ms, lag_ms=int(lag), alert_ms=record.timestamp)


def _blindness(alarm: _Alarm) -> Blindness:
    return Blindness(
        partition=alarm.unmapped.partition,
        cause=alarm.unmapped.cause,
        activity=Activity(alarm.activity_id),
        sequence=alarm.metadata.sequence,
        opened_ms=alarm.finding_info.created_time,
        since_ms=alarm.unmapped.newest_canary,
        time_ms=alarm.time,
        seconds=alarm.unmapped.seconds,
        uid=alarm.finding_info.uid,
    )
