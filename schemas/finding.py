"""A finding: what the judgement says of a tenant, before any SOC format."""

from enum import IntEnum
from hashlib import blake2b
from uuid import UUID

from msgspec import Struct

from schemas.versions import Versions


class Activity(IntEnum):
    """What a line does to its finding (OCSF `activity_id`)."""

    CREATE = 1
    UPDATE = 2
    CLOSE = 3


#: `Finding.ended`: what the tenant does now was taken for its normal behaviour.
ADOPTED = "adopted"


class Severity(IntEnum):
    """How urgent (OCSF `severity_id`); a SOC pages from MEDIUM on."""

    INFORMATIONAL = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5


#: `Template.edge`: which words of the prompts a template goes by.
OPENING, ENDING = "opening", "ending"


class Template(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What many of a tenant's recent prompts have in common.

    `share` in [0, 1] is that of the last few hundred prompts with these first (`edge` opening) or last (ending) three words,
    `requests` how many of them the skeleton was made from. `skeleton` shows common words only (`models/references/words.json`), an
    ellipsis stands for everything else; `uid` is the beginning of its SHA-256, so it is the same wherever the skeleton is. Both are
    empty where too few words could be shown.
    """

    edge: str
    share: float
    requests: int = 0
    uid: str = ""
    skeleton: str = ""


class SubStream(Struct, frozen=True, kw_only=True, gc=False):
    """The requests of a suspect fold that are made in the manner which it points at.

    They are `requests` of the fold's `of`, which come in so many `manners` (settings and system prompt together). `system_prompt`
    and the settings are null where the events do not tell them; `temperature` is a class (`TEMPERATURES`). `known` says whether
    the tenant called so before its finding, null while nothing is known of it. `model` is named when it is that of the fold's
    last request; `new_model` says that the tenant is not known to call the model.
    """

    requests: int
    of: int
    manners: int
    known: bool | None = None
    system_prompt: bool | None = None
    tools: bool | None = None
    reasoning: bool | None = None
    logprobs: bool | None = None
    samples: bool | None = None
    temperature: str | None = None
    model: str = ""
    new_model: bool = False


#: The classes of a temperature, as `SubStream.temperature` says them.
TEMPERATURES = ("unset", "0", "below 1", "1 or above")


class Reason(Struct, frozen=True, kw_only=True, gc=False):
    """One feature that moved the risk.

    `observed` against `own_expected` (the tenant's own baseline, null while it has none) and the range in which most
    honest tenants lie (`peers_low`, `peers_high`: 5th and 95th percentile of the shipped reference), all in `unit`.
    `p_value` is how often an honest tenant is as odd to `detector`, the most surprised of those that read the feature. `log_odds` is
    how far the log-odds of the fold would fall if the feature were as usual; `contribution` is the share of
    that in all that speaks against the tenant, in [0, 1]. `meaning` says in a few words what the feature is.
    """

    detector: str
    feature: str
    unit: str
    observed: float
    own_expected: float | None
    peers_low: float
    peers_high: float
    p_value: float
    contribution: float
    log_odds: float = 0.0
    meaning: str = ""


class Finding(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One line of a finding's life, complete in itself; holds event time only, so that a replay gives the same bytes.

    `uid` names the finding, `sequence` counts its lines from 0. `time_ms` is the event time of the newest request behind
    the line (of a Close: the end of the quiet period). `risk` is in [0, 1]; `confidence` in [0, 1] grows with the requests
    seen. `requests` and `output_tokens` count since `first_suspect_ms`. `ended` says of a Close how it came about: by a quiet period
    when it is empty, else `adopted`. `sub_stream` says in which manner the requests were made that the reasons are about,
    `templates` what the prompts have in common, the heaviest first.
    """

    uid: str
    sequence: int
    activity: Activity
    tenant: str
    subject: str
    severity: Severity
    risk: float
    confidence: float
    time_ms: int
    opened_ms: int
    first_suspect_ms: int
    last_suspect_ms: int
    requests: int
    output_tokens: int
    model: str
    reasons: tuple[Reason, ...]
    versions: Versions
    ended: str = ""
    sub_stream: SubStream | None = None
    templates: tuple[Template, ...] = ()

    @property
    def line_uid(self) -> str:
        """The id of this line: the same for every repetition of it (OCSF `metadata.uid`)."""
        return stable_uid("line", self.uid, str(int(self.activity)), str(self.sequence))


def stable_uid(*parts: str) -> str:
    """A UUID that is a function of its parts alone.

    >>> stable_uid("a", "b") == stable_uid("a", "b"), stable_uid("a", "b") == stable_uid("ab", "")
    (True, False)
    """
    digest = blake2b(digest_size=16, person=b"distillwatch")
    for part in parts:
        raw = part.encode()
        digest.update(len(raw).to_bytes(4, "big"))
        digest.update(raw)
    return str(UUID(bytes=digest.digest(), version=5))
