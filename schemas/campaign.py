"""A campaign: several tenants that look like one operator, as the judgement says it, before any SOC format."""

from msgspec import Struct

from schemas.finding import Activity, Severity, stable_uid
from schemas.versions import Versions

MEMBERS_A_LINE = 100


class Member(Struct, frozen=True, kw_only=True, gc=False):
    """The evidence for one tenant when it was named.

    `p_value` is the share of honest tenant-days that ever look so odd; `links` names the kinds of keys that join it to the others.
    """

    tenant: str
    subject: str
    p_value: float
    first_ms: int
    requests: int
    output_tokens: int
    links: tuple[str, ...]


class Link(Struct, frozen=True, kw_only=True, gc=False):
    """A kind of key (such as `template+network`), how many keys of it join members, and how many tenants they join."""

    kind: str
    keys: int
    tenants: int


class CampaignFinding(Struct, frozen=True, kw_only=True, gc=False):
    """One line of a campaign's life; event time only, so that a replay gives the same bytes.

    `members` are the tenants that this line names and none before did, at most a hundred; `total` counts all so far. `chance`
    is how often so much evidence would meet by chance at any key of an epoch, the lowest so far. `time_ms` is the epoch at
    which the line was determined, of a Close the end of the quiet period. `complete` is false when a partition was not waited
    for, or tenants had to be dropped for want of room; `merged_into` is the campaign that took over, on the Close of one that
    was absorbed.
    """

    uid: str
    sequence: int
    activity: Activity
    severity: Severity
    chance: float
    time_ms: int
    opened_ms: int
    first_seen_ms: int
    last_seen_ms: int
    total: int
    requests: int
    output_tokens: int
    members: tuple[Member, ...]
    links: tuple[Link, ...]
    complete: bool
    merged_into: str
    versions: Versions

    @property
    def line_uid(self) -> str:
        """The id of this line: the same for every repetition of it (OCSF `metadata.uid`)."""
        return stable_uid("line", self.uid, str(int(self.activity)), str(self.sequence))
