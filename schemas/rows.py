"""What is stored of the judgement: rows of absolute values, each replacing the version before it."""

from collections.abc import Callable

import msgspec
from msgspec import Struct

from schemas.campaign import Member
from schemas.errors import BadRecord
from schemas.finding import Finding
from schemas.versions import Versions


class TenantWindow(Struct, frozen=True, kw_only=True, gc=False, tag_field="row", tag="tenant_window"):
    """A tenant's behaviour in one event-time window, as one source partition saw it.

    Key: (`tenant`, `subject`, `window_start_ms`, `source_partition`); `version` is the last offset applied to the window,
    below the generation of the state, so the highest version is the whole truth and no two rows of a key are ever added
    up. `requests` counts every applied request accounted here, of which `late_events` belong to windows that were gone
    when they came. `distinct_*` are estimates (linear counting over 256 bits: 3% off at 50, 10% at 500, at most 1,419).
    `scores` are p-values by detector and `risk` is the highest risk in [0, 1] reached in the window; both come from the
    folds judged in it (`folds`). `level` is the highest level (log-odds) of those, before any calibration or correction, and
    `peer_group` the group that the tenant was in then: `models/peers.py`, or `declared` for an evaluator who is one; empty without a
    fold, and in rows of older versions.
    """

    tenant: str
    subject: str
    window_start_ms: int
    window_ms: int
    source_partition: int
    version: int
    requests: int
    late_events: int
    refusals: int
    errors: int
    prompts: int
    prompt_characters: int
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cached_tokens: int
    logprob_requests: int
    reasoning_requests: int
    tool_requests: int
    multi_sample_requests: int
    distinct_prompts: float
    distinct_templates: float
    distinct_addresses: float
    distinct_keys: float
    distinct_accounts: float
    distinct_models: float
    folds: int
    risk: float
    suspect: bool
    scores: dict[str, float]
    level: float = 0.0
    peer_group: str = ""
    versions: Versions


class FindingRow(Struct, frozen=True, kw_only=True, gc=False, tag_field="row", tag="finding"):
    """One line of a finding, as the alert said it; `line_uid` is its key, `version` the offset that caused it."""

    line_uid: str
    source_partition: int
    version: int
    finding: Finding


class CampaignMemberRow(Struct, frozen=True, kw_only=True, gc=False, tag_field="row", tag="campaign_member"):
    """A tenant that a campaign named at the epoch `named_ms`; `version` is the sequence of the line that did.

    Key: (`campaign_uid`, tenant, subject). A campaign names a member once, so a repetition is equal.
    """

    campaign_uid: str
    named_ms: int
    version: int
    member: Member
    versions: Versions


Row = TenantWindow | FindingRow | CampaignMemberRow

_encode = msgspec.json.Encoder().encode
_decode: Callable[[bytes], Row] = msgspec.json.Decoder(Row).decode


def encode_row(row: Row) -> bytes:
    """A row as one JSON object, tagged `row`."""
    return _encode(row)


def decode_row(record: bytes | None) -> Row:
    """Read a record of the rows topic; raises `BadRecord`."""
    try:
        return _decode(record or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRecord("not_a_row", type(error).__name__) from None
