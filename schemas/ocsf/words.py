"""The sentences of an alert: what an analyst reads before any field."""

import math
import unicodedata
from datetime import UTC, datetime, timedelta

from schemas.finding import ADOPTED, Activity, Finding, Reason

SPOKEN_REASONS = 3
NAME_CHARACTERS = 64

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})  # controls, bidi overrides, line breaks


def short(name: str, characters: int = NAME_CHARACTERS) -> str:
    r"""A name fit for a sentence: nothing unprintable, and at most so many characters.

    >>> short("acme\x1b[31m"), short("x" * 70, 5)
    ('acme?[31m', 'xxxx…')
    """
    clipped = name if len(name) <= characters else name[: characters - 1] + "…"
    if clipped.isprintable():  # nearly always
        return clipped
    return "".join("?" if unicodedata.category(c) in _UNPRINTABLE else c for c in clipped)


def number(value: float) -> str:
    """A number as people write it.

    >>> number(0.1234), number(12.0), number(1234567.8), number(2e-21), number(float("nan"))
    ('0.123', '12', '1,234,568', '0', 'unknown')
    """
    if not math.isfinite(value):
        return "unknown"
    if 1000 <= abs(value) < 1e15:
        return f"{value:,.0f}"
    if abs(value) < 0.0005:
        return "0"
    return f"{value:.3g}"


def percent(share: float) -> int:
    """A share in [0, 1] as a whole number from 0 to 100; what is not a number counts as 0.

    >>> percent(0.816), percent(7.0), percent(float("nan"))
    (82, 100, 0)
    """
    return 0 if math.isnan(share) else round(100 * min(1.0, max(0.0, share)))


def moment(epoch_ms: int) -> str:
    """An event time, to the minute.

    >>> moment(1_793_260_800_000)
    '2026-10-29 08:00 UTC'
    """
    return f"{_EPOCH + timedelta(milliseconds=epoch_ms):%Y-%m-%d %H:%M} UTC"


def confidence_word(confidence: float) -> str:
    """Low, Medium or High: under 40, under 75, and from there on."""
    score = percent(confidence)
    return "Low" if score < 40 else "Medium" if score < 75 else "High"


def of_reason(reason: Reason) -> str:
    """One reason in words: observed against expected."""
    unit = f" {short(reason.unit)}" if reason.unit else ""
    usual = "no baseline yet" if reason.own_expected is None else f"usually {number(reason.own_expected)}"
    peers = f"most tenants {number(reason.peers_low)} to {number(reason.peers_high)}"
    return f"{short(reason.feature).replace('_', ' ')} {number(reason.observed)}{unit} ({usual}, {peers})"


def title(finding: Finding) -> str:
    """What the finding is called in a list."""
    return f"Suspected model extraction by tenant {short(finding.tenant)}"


def message(finding: Finding) -> str:
    """Who, what, how sure, and the strongest reasons, as one or two sentences."""
    subject = f" ({short(finding.subject)})" if finding.subject else ""
    model = f" from model {short(finding.model)}" if finding.model else ""
    closed = f"quiet since {moment(finding.last_suspect_ms)}"
    if finding.ended == ADOPTED:
        closed = "what it does now is steady, like other tenants, and taken for its normal behaviour from here on"
    says = {
        Activity.CREATE: f"may be extracting a copy{model}",
        Activity.UPDATE: f"still looks as if it extracts a copy{model}",
        Activity.CLOSE: f"no longer looks as if it extracts a copy{model}: {closed}",
    }[finding.activity]
    sure = (
        f"Risk {percent(finding.risk)} of 100, confidence {confidence_word(finding.confidence).lower()} "
        f"({percent(finding.confidence)} of 100), {finding.requests:,} requests since "
        f"{moment(finding.first_suspect_ms)}."
    )
    reasons = "; ".join(of_reason(reason) for reason in finding.reasons[:SPOKEN_REASONS])
    signs = f" Strongest signs: {reasons}." if reasons else ""
    return f"Tenant {short(finding.tenant)}{subject} {says}. {sure}{signs}"
