"""What a tenant did in one event-time window: counters and small sketches, nothing judged."""

import math
from struct import Struct as Layout

import numpy as np
from msgspec import Struct, field

from schemas.rows import TenantWindow
from schemas.versions import Versions

from .detectors import DETECTORS
from .look import TALLY
from .peers import DECLARED, PEER_GROUPS
from .tally import SKETCH_BITS, SKETCH_BYTES, SUMS, add_up
from .verdict import Verdict

#: The p-value of each detector in half precision (three digits), in their order: by name they would take sixteen times as much.
_SCORES = Layout(f"<{len(DETECTORS)}e")
_DETECTORS = tuple(detector.name for detector in DETECTORS)
_HALF = Layout("<e")
_HALVES = Layout(f"<{len(DETECTORS)}H")
_GROUPS = (*PEER_GROUPS, DECLARED)


class _ToldScores(dict[int, float]):
    """What a score in half precision, by its bits, is told as; there are 65,536 of them at most."""

    def __missing__(self, bits: int) -> float:
        (score,) = _HALF.unpack(bits.to_bytes(2, "little"))
        told = self[bits] = float(f"{score:.3g}")
        return told


_TOLD_SCORES = _ToldScores()


def _no_bits() -> bytearray:
    return bytearray(SKETCH_BYTES)


class Window(Struct, kw_only=True, array_like=True, gc=False):
    """The counters of one window; mutable, owned by its tenant, about 200 bytes packed.

    The sketches are bitmaps of 256 bits over keyed hashes (linear counting: Whang, Vander-Zanden and Taylor, 1990).
    `version` is that of the record last counted here, `stored` the one last handed out as a row.
    """

    start_ms: int
    version: int = -1
    stored: int = -1
    requests: int = 0
    late_events: int = 0
    refusals: int = 0
    errors: int = 0
    prompts: int = 0
    prompt_characters: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cached_tokens: int = 0
    logprob_requests: int = 0
    reasoning_requests: int = 0
    tool_requests: int = 0
    multi_sample_requests: int = 0
    prompt_bits: bytearray = field(default_factory=_no_bits)
    template_bits: bytearray = field(default_factory=_no_bits)
    address_bits: bytearray = field(default_factory=_no_bits)
    key_bits: bytearray = field(default_factory=_no_bits)
    account_bits: bytearray = field(default_factory=_no_bits)
    model_bits: bytearray = field(default_factory=_no_bits)
    folds: int = 0
    risk: float = 0.0
    suspect: bool = False
    scores: bytes = b""
    level: float = 0.0
    group: int = -1

    def count(self, version: int, tallies: bytearray) -> tuple[int, int]:
        """Count requests (`TALLY`s), of which the last has this version; returns how many, and their output tokens. 5 us."""
        self.version = version
        sums, held = np.zeros(SUMS, np.int64), self.prompt_bits + self.template_bits + self.address_bits
        held += self.key_bits + self.account_bits + self.model_bits
        add_up(np.frombuffer(tallies, TALLY), sums, np.frombuffer(held, np.uint8))
        self.prompt_bits, self.template_bits, self.address_bits, self.key_bits, self.account_bits, self.model_bits = (
            held[begin : begin + SKETCH_BYTES] for begin in range(0, len(held), SKETCH_BYTES)
        )
        requests, prompts, characters, read, written, reasoning, cached, refused, failed, *asked = sums.tolist()
        self.requests += requests
        self.prompts += prompts
        self.prompt_characters += characters
        self.input_tokens += read
        self.output_tokens += written
        self.reasoning_tokens += reasoning
        self.cached_tokens += cached
        self.refusals += refused
        self.errors += failed
        self.logprob_requests += asked[0]
        self.reasoning_requests += asked[1]
        self.tool_requests += asked[2]
        self.multi_sample_requests += asked[3]
        return requests, written

    def judged(self, version: int, verdict: Verdict, *, suspect: bool, declared: bool = False) -> None:
        """Note a judgement that fell in this window: the highest risk stays with its scores, the highest level with its peer group."""
        self.version = version
        self.folds += 1
        self.suspect |= suspect
        if verdict.risk >= self.risk:
            self.risk, self.scores = verdict.risk, _SCORES.pack(*verdict.scores.values())
        if self.group < 0 or verdict.level > self.level:
            self.level = verdict.level
            self.group = _GROUPS.index(DECLARED if declared else verdict.peer_group)

    def row(self, tenant: str, subject: str, source_partition: int, window_ms: int, versions: Versions) -> TenantWindow:
        """The window as it stands, as a row of absolute values."""
        return TenantWindow(
            tenant=tenant,
            subject=subject,
            window_start_ms=self.start_ms,
            window_ms=window_ms,
            source_partition=source_partition,
            version=self.version,
            requests=self.requests,
            late_events=self.late_events,
            refusals=self.refusals,
            errors=self.errors,
            prompts=self.prompts,
            prompt_characters=self.prompt_characters,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            reasoning_tokens=self.reasoning_tokens,
            cached_tokens=self.cached_tokens,
            logprob_requests=self.logprob_requests,
            reasoning_requests=self.reasoning_requests,
            tool_requests=self.tool_requests,
            multi_sample_requests=self.multi_sample_requests,
            distinct_prompts=estimate(self.prompt_bits),
            distinct_templates=estimate(self.template_bits),
            distinct_addresses=estimate(self.address_bits),
            distinct_keys=estimate(self.key_bits),
            distinct_accounts=estimate(self.account_bits),
            distinct_models=estimate(self.model_bits),
            folds=self.folds,
            risk=self.risk,
            suspect=self.suspect,
            scores=_named(self.scores),
            level=self.level,
            peer_group=_GROUPS[self.group] if self.group >= 0 else "",
            versions=versions,
        )


def _named(packed: bytes) -> dict[str, float]:
    """Packed scores by detector; nothing of another set of detectors."""
    if len(packed) != _SCORES.size:
        return {}
    return dict(zip(_DETECTORS, map(_TOLD_SCORES.__getitem__, _HALVES.unpack(packed)), strict=True))


def _estimates() -> tuple[float, ...]:
    """What so many marked bits mean, from 0 to all."""
    clear = (max(1, SKETCH_BITS - marked) for marked in range(SKETCH_BITS + 1))
    return tuple(round(-SKETCH_BITS * math.log(left / SKETCH_BITS), 3) + 0.0 for left in clear)


_ESTIMATES = _estimates()


def estimate(bits: bytes | bytearray) -> float:
    """How many distinct values marked these bits: exact at 0, within 3% at 50, at most 1,419 (one bit left).

    >>> estimate(bytes(32)), round(estimate(bytes([1]) + bytes(31)), 2)
    (0.0, 1.0)
    """
    return _ESTIMATES[int.from_bytes(bits, "big").bit_count()]
