"""What the learner remembers of findings: on what each rested, as its newest alert said."""

from collections import OrderedDict
from typing import Any

import msgspec
from msgspec import Struct

from models.feedback import Evidence, evidence_of
from schemas.errors import BadRecord
from schemas.ocsf.health import is_about_health


class _Reason(Struct, frozen=True):
    feature: str
    log_odds: float = 0.0


class _Unmapped(Struct, frozen=True):
    reasons: tuple[_Reason, ...] = ()


class _Info(Struct, frozen=True):
    uid: str
    types: tuple[str, ...] = ()


class _Metadata(Struct, frozen=True):
    sequence: int = 0


class _Alert(Struct, frozen=True):
    finding_info: _Info
    metadata: _Metadata = _Metadata()
    unmapped: _Unmapped = _Unmapped()


_decode = msgspec.json.Decoder(_Alert).decode


class FindingsTold:
    """The evidence of the newest findings on the alerts topic, by uid; some 400 bytes a finding, at most `most` of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._told: OrderedDict[str, tuple[int, Evidence | None]] = OrderedDict()

    def take(self, record: Any) -> None:
        """Take in a record of the alerts topic; what is no alert of ours says nothing."""
        try:
            alert = _decode(record.value or b"")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        if is_about_health(alert.finding_info.types):
            return
        uid, sequence = alert.finding_info.uid, alert.metadata.sequence
        if sequence < self._told.get(uid, (0, None))[0]:
            return
        reasons = alert.unmapped.reasons
        about_tenant = "Campaign" not in alert.finding_info.types
        evidence = evidence_of((one.feature, one.log_odds) for one in reasons) if about_tenant else None
        self._told[uid] = sequence, evidence
        self._told.move_to_end(uid)
        if len(self._told) > self._most:
            self._told.popitem(last=False)

    def evidence(self, finding_uid: str) -> Evidence:
        """What a finding rested on; raises `BadRecord` for one that teaches nothing."""
        known = self._told.get(finding_uid)
        if known is None:
            raise BadRecord(
                "unknown_finding", "no alert of this finding is on the alerts topic: finding_info.uid is asked for, not metadata.uid"
            )
        if known[1] is None:
            raise BadRecord("about_a_campaign", "a verdict about a campaign teaches nothing: send one about its members' findings")
        return known[1]
