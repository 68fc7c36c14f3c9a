"""Findings for tests: one of each kind, and any at all."""

import math
from hashlib import sha256
from pathlib import Path

from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.finding import (
    ADOPTED,
    ENDING,
    OPENING,
    Activity,
    Finding,
    Reason,
    Severity,
    SubStream,
    Template,
    stable_uid,
)
from schemas.versions import Versions

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"

VERSIONS = Versions(code="0.1.0", model="1", references="1")
REASONS = (
    Reason(
        detector="diversity",
        feature="distinct_template_share",
        unit="of prompts",
        observed=0.9731,
        own_expected=0.214,
        peers_low=0.02,
        peers_high=0.61,
        p_value=0.00012,
        contribution=0.52,
        log_odds=2.1,
        meaning="different templates over prompts",
    ),
    Reason(
        detector="volume",
        feature="requests_per_hour",
        unit="requests",
        observed=1412.0,
        own_expected=38.25,
        peers_low=1.0,
        peers_high=220.0,
        p_value=0.0008,
        contribution=0.31,
        log_odds=1.25,
        meaning="requests in an hour",
    ),
    Reason(
        detector="parameters",
        feature="logprob_share",
        unit="of requests",
        observed=1.0,
        own_expected=None,
        peers_low=0.0,
        peers_high=0.05,
        p_value=0.004,
        contribution=0.17,
        log_odds=0.68,
        meaning="requests that ask for log-probabilities",
    ),
)

SUB_STREAM = SubStream(
    requests=13,
    of=16,
    manners=2,
    known=False,
    system_prompt=False,
    tools=False,
    reasoning=True,
    logprobs=True,
    samples=False,
    temperature="1 or above",
    model="large-1",
    new_model=True,
)
SKELETON = "explain … in detail … step by step"
TEMPLATES = (
    Template(edge=OPENING, share=0.62, requests=255, uid=sha256(SKELETON.encode()).hexdigest()[:16], skeleton=SKELETON),
    Template(edge=ENDING, share=0.31),
)

CREATED = Finding(
    uid=stable_uid("finding", "org_acme", "1793257200000"),
    sequence=0,
    activity=Activity.CREATE,
    tenant="org_acme",
    subject="",
    severity=Severity.HIGH,
    risk=0.81,
    confidence=0.72,
    time_ms=1_793_260_800_000,
    opened_ms=1_793_260_800_000,
    first_suspect_ms=1_793_257_200_000,
    last_suspect_ms=1_793_260_800_000,
    requests=412,
    output_tokens=310_442,
    model="large-1",
    reasons=REASONS,
    versions=VERSIONS,
    sub_stream=SUB_STREAM,
    templates=TEMPLATES,
)


def line(activity: Activity, **changed: object) -> Finding:
    """The example finding with another activity and other fields."""
    fields = {name: getattr(CREATED, name) for name in CREATED.__struct_fields__}
    return Finding(**(fields | {"activity": activity} | changed))


UPDATED = line(
    Activity.UPDATE,
    sequence=1,
    severity=Severity.CRITICAL,
    risk=0.964,
    confidence=0.88,
    time_ms=1_793_268_000_000,
    last_suspect_ms=1_793_268_000_000,
    requests=3120,
    output_tokens=2_411_870,
)
CLOSED = line(
    Activity.CLOSE,
    sequence=2,
    severity=Severity.INFORMATIONAL,
    risk=0.08,
    confidence=0.9,
    time_ms=1_793_311_200_000,
    last_suspect_ms=1_793_268_000_000,
    requests=3120,
    output_tokens=2_411_870,
    reasons=(),
    sub_stream=None,
    templates=(),
)
ADOPTED_LINE = replace(CLOSED, ended=ADOPTED)
GOLDEN = {
    "finding_created.json": CREATED,
    "finding_updated.json": UPDATED,
    "finding_closed.json": CLOSED,
    "finding_adopted.json": ADOPTED_LINE,
}

NAMES = st.text(min_size=1, max_size=256)
TIMES = st.integers(0, 253_402_300_799_999)
ANY_REASON = st.builds(
    Reason,
    detector=st.text(max_size=80),
    feature=st.text(max_size=80),
    unit=st.text(max_size=80),
    observed=st.floats(),
    own_expected=st.none() | st.floats(),
    peers_low=st.floats(),
    peers_high=st.floats(),
    p_value=st.floats(),
    contribution=st.floats(),
    log_odds=st.floats(),
    meaning=st.text(max_size=200),
)
ANY_TEMPLATE = st.builds(
    Template,
    edge=st.text(max_size=9),
    share=st.floats(),
    requests=st.integers(0, 2**32),
    uid=st.text(max_size=20),
    skeleton=st.text(max_size=500),
)
MAYBE = st.none() | st.booleans()
ANY_SUB_STREAM = st.builds(
    SubStream,
    requests=st.integers(0, 16),
    of=st.integers(0, 16),
    manners=st.integers(0, 16),
    known=MAYBE,
    system_prompt=MAYBE,
    tools=MAYBE,
    reasoning=MAYBE,
    logprobs=MAYBE,
    samples=MAYBE,
    temperature=st.none() | st.text(max_size=9),
    model=st.text(max_size=256),
    new_model=st.booleans(),
)
ANY_FINDING = st.builds(
    Finding,
    uid=st.uuids().map(str),
    sequence=st.integers(0, 2**31),
    activity=st.sampled_from(Activity),
    tenant=NAMES,
    subject=st.text(max_size=256),
    severity=st.sampled_from(Severity),
    risk=st.floats(),
    confidence=st.floats(),
    time_ms=TIMES,
    opened_ms=TIMES,
    first_suspect_ms=TIMES,
    last_suspect_ms=TIMES,
    requests=st.integers(0, 2**53),
    output_tokens=st.integers(0, 2**53),
    model=st.text(max_size=256),
    reasons=st.lists(ANY_REASON, max_size=20).map(tuple),
    versions=st.builds(Versions, code=st.text(max_size=300), model=st.text(max_size=9), references=st.text(max_size=9)),
    ended=st.sampled_from(["", ADOPTED]),
    sub_stream=st.none() | ANY_SUB_STREAM,
    templates=st.lists(ANY_TEMPLATE, max_size=5).map(tuple),
).map(lambda finding: finding if finding.activity is Activity.CLOSE else replace(finding, ended=""))


def finite(finding: Finding) -> bool:
    """Whether every number of the finding is one that JSON can say."""
    numbers = [finding.risk, finding.confidence, *(template.share for template in finding.templates)]
    for r in finding.reasons:
        numbers += [r.observed, r.own_expected or 0.0, r.peers_low, r.peers_high, r.p_value, r.contribution, r.log_odds]
    return all(map(math.isfinite, numbers))
