"""The sentences of an alert: what an analyst reads before any field."""

import math
import unicodedata
from datetime import UTC, datetime, timedelta

from schemas.finding import ADOPTED, ENDING, Activity, Finding, Reason, SubStream, Template

SPOKEN_REASONS = 3
NAME_CHARACTERS = 64
SKELETON_CHARACTERS = 160

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


_SETTINGS = (
    ("system_prompt", "a system prompt", "no system prompt"),
    ("tools", "tools", "no tools"),
    ("reasoning", "reasoning", ""),
    ("logprobs", "log-probabilities", ""),
    ("samples", "several answers to a prompt", ""),
)


def of_sub_stream(held: SubStream) -> str:
    """The requests that a finding points at, in words.

    >>> of_sub_stream(SubStream(requests=13, of=16, manners=3, known=False, system_prompt=False, reasoning=True, temperature="0"))
    '13 of 16 requests, made as the tenant did not before: no system prompt, reasoning, temperature 0 (3 manners of calling in all)'
    """
    said = [yes if getattr(held, name) else no for name, yes, no in _SETTINGS if getattr(held, name) is not None]
    if held.temperature not in {None, "unset"}:
        said.append(f"temperature {short(str(held.temperature))}")
    if held.model:
        said.append(f"model {short(held.model)}{', which is new to it' if held.new_model else ''}")
    known = "" if held.known is None else ", made as the tenant is known to" if held.known else ", made as the tenant did not before"
    settings = ": " + ", ".join(filter(None, said)) if any(said) else ""
    several = f" ({held.manners:,} manners of calling in all)" if held.manners > 1 else ""
    return f"{held.requests:,} of {held.of:,} requests{known}{settings}{several}"


def of_template(held: Template) -> str:
    """What many prompts have in common, in words.

    >>> of_template(Template(edge="opening", share=0.62, uid="c0ffee", skeleton="explain … step by step"))
    '62% of recent prompts are like “explain … step by step”'
    >>> of_template(Template(edge="ending", share=0.5))
    '50% of recent prompts have the same ending, in words that are not shown'
    """
    share = f"{percent(held.share)}% of recent prompts"
    if held.skeleton:
        return f"{share} are like “{short(held.skeleton, SKELETON_CHARACTERS)}”"
    return f"{share} have the same {'ending' if held.edge == ENDING else 'opening'}, in words that are not shown"


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
    where = f" They come from {of_sub_stream(finding.sub_stream)}." if finding.sub_stream is not None else ""
    like = f" {of_template(finding.templates[0])}." if finding.templates else ""
    return f"Tenant {short(finding.tenant)}{subject} {says}. {sure}{signs}{where}{like}"
