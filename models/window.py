"""What a tenant did in one event-time window: counters and small sketches, nothing judged."""

import math
from struct import Struct as Layout

from msgspec import Struct, field

from schemas.event import Event
from schemas.rows import TenantWindow
from schemas.versions import Versions

from .detectors import DETECTORS
from .hashing import Hasher
from .look import FAILED, LOGPROBS, REASONING, REFUSED, SAMPLES, TOOLS, Look
from .peers import DECLARED, PEER_GROUPS
from .verdict import Verdict

SKETCH_BITS = 256
#: The p-value of each detector in half precision (three digits), in their order: by name they would take sixteen times as much.
_SCORES = Layout(f"<{len(DETECTORS)}e")
_DETECTORS = tuple(detector.name for detector in DETECTORS)
_HALF = Layout("<e")
_HALVES = Layout(f"<{len(DETECTORS)}H")
REMEMBERED_ORIGINS = 512
_GROUPS = (*PEER_GROUPS, DECLARED)

Origin = tuple[int, str | None, str | None, int]  # address and model (hashes), key, account
_TOLD = REFUSED | FAILED | LOGPROBS | REASONING | TOOLS | SAMPLES


class _ToldScores(dict[int, float]):
    """What a score in half precision, by its bits, is told as; there are 65,536 of them at most."""

    def __missing__(self, bits: int) -> float:
        (score,) = _HALF.unpack(bits.to_bytes(2, "little"))
        told = self[bits] = float(f"{score:.3g}")
        return told


_TOLD_SCORES = _ToldScores()


def _no_bits() -> bytearray:
    return bytearray(SKETCH_BITS // 8)


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

    def count(self, version: int, event: Event, look: Look, hasher: Hasher, marked: set[Origin]) -> None:
        """Count one request. Costs about 1.5 us.

        `marked` remembers, for this window only, who was marked in the sketches already: marking again would change nothing.
        """
        self.version = version
        self.requests += 1
        if look.flags & _TOLD:
            self._tell(look.flags)
        usage = event.usage
        if usage is not None:
            self.input_tokens += usage.input_tokens or 0
            self.output_tokens += usage.output_tokens or 0
            if usage.reasoning_tokens:
                self.reasoning_tokens += usage.reasoning_tokens
            if usage.cached_tokens:
                self.cached_tokens += usage.cached_tokens
        if event.prompt is not None and look.content is not None:
            self.prompts += 1
            self.prompt_characters += len(event.prompt)
            whole, head = look.content.whole, look.content.head
            self.prompt_bits[(whole >> 3) & 31] |= 1 << (whole & 7)  # `_mark`, without the calls
            self.template_bits[(head >> 3) & 31] |= 1 << (head & 7)
        origin = (look.address, event.api_key_id, event.account_id, look.model)
        if origin not in marked:
            if len(marked) < REMEMBERED_ORIGINS:
                marked.add(origin)
            self._origin(*origin, hasher)

    def _tell(self, flags: int) -> None:
        self.refusals += bool(flags & REFUSED)
        self.errors += bool(flags & FAILED)
        self.logprob_requests += bool(flags & LOGPROBS)
        self.reasoning_requests += bool(flags & REASONING)
        self.tool_requests += bool(flags & TOOLS)
        self.multi_sample_requests += bool(flags & SAMPLES)

    def _origin(self, address: int, key: str | None, account: str | None, model: int, hasher: Hasher) -> None:
        if address:
            _mark(self.address_bits, address)
        if key:
            _mark(self.key_bits, hasher(key))
        if account:
            _mark(self.account_bits, hasher(account))
        _mark(self.model_bits, model)

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


def _mark(bits: bytearray, digest: int) -> None:
    """Set the bit of this digest."""
    bits[(digest >> 3) & 31] |= 1 << (digest & 7)


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
