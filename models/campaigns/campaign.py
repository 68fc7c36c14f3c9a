"""A campaign while it lives: who belongs to it, and the lines that say so."""

from collections.abc import Iterator

import msgspec
from msgspec import Struct, field

from schemas.campaign import MEMBERS_A_LINE, CampaignFinding, Link, Member
from schemas.finding import Activity, Severity, stable_uid
from schemas.versions import Versions

from .table import Unit

#: What a line's members may take of an alert, in bytes of JSON, and what one takes beside its name.
LINE_BYTES, MEMBER_BYTES = 6_000, 135
#: Members from which on a campaign is of high severity, and of critical.
MANY, VERY_MANY = 10, 100


class Campaign(Struct, kw_only=True):
    """An open campaign; mutable, owned by the correlator, some 150 bytes a member."""

    uid: str
    opened_ms: int
    first_seen_ms: int
    last_seen_ms: int
    chance: float
    complete: bool = True
    sequence: int = -1
    requests: int = 0
    output_tokens: int = 0
    members: dict[Unit, None] = field(default_factory=dict)
    links: tuple[Link, ...] = ()

    @classmethod
    def open(cls, now_ms: int, units: list[Unit]) -> "Campaign":
        """A new campaign; its id is a function of the epoch and of its first members."""
        uid = stable_uid("campaign", str(now_ms), *(part for unit in sorted(units) for part in unit))
        return cls(uid=uid, opened_ms=now_ms, first_seen_ms=now_ms, last_seen_ms=0, chance=1.0)

    @property
    def severity(self) -> Severity:
        """By the number of members: 3, 10, 100."""
        count = len(self.members)
        return Severity.CRITICAL if count >= VERY_MANY else Severity.HIGH if count >= MANY else Severity.MEDIUM

    def grow(self, now_ms: int, new: list[Member], versions: Versions) -> list[CampaignFinding]:
        """Name new members: one line, or as many as they need."""
        lines = []
        for portion in portions(new):
            for member in portion:
                self.members[member.tenant, member.subject] = None
                self.requests += member.requests
                self.output_tokens += member.output_tokens
                self.first_seen_ms = min(self.first_seen_ms, member.first_ms)
            activity = Activity.CREATE if self.sequence < 0 else Activity.UPDATE
            lines.append(self._line(activity, now_ms, tuple(portion), versions))
        return lines

    def close(self, time_ms: int, versions: Versions, merged_into: str = "") -> CampaignFinding:
        """The line that ends it; with the campaign that took over, if one did."""
        return self._line(Activity.CLOSE, time_ms, (), versions, merged_into)

    def _line(
        self, activity: Activity, time_ms: int, members: tuple[Member, ...], versions: Versions, merged_into: str = ""
    ) -> CampaignFinding:
        self.sequence += 1
        return CampaignFinding(
            uid=self.uid,
            sequence=self.sequence,
            activity=activity,
            severity=self.severity,
            chance=self.chance,
            time_ms=time_ms,
            opened_ms=self.opened_ms,
            first_seen_ms=self.first_seen_ms,
            last_seen_ms=self.last_seen_ms,
            total=len(self.members),
            requests=self.requests,
            output_tokens=self.output_tokens,
            members=members,
            links=self.links,
            complete=self.complete,
            merged_into=merged_into,
            versions=versions,
        )


def portions(members: list[Member]) -> Iterator[list[Member]]:
    """The members in lines of a hundred at most, fewer when their names are long: an alert stays below 10 kB."""
    line: list[Member] = []
    used = 0
    for member in members:
        size = MEMBER_BYTES + len(msgspec.json.encode((member.tenant, member.subject, member.links)))
        if line and (used + size > LINE_BYTES or len(line) == MEMBERS_A_LINE):
            yield line
            line, used = [], 0
        line.append(member)
        used += size
    if line:
        yield line
