"""One fold: what the last few requests of a tenant looked like, before they are judged and forgotten."""

from math import log2

from msgspec import Struct, field

from schemas.event import NO_CLIENT, NO_PARAMS, NO_USAGE, Event

from .bounded import tally
from .content import Content
from .hashing import Hasher
from .words import BINS, add_topics

SMALL_CAP = 64
LARGE_CAP = 2048
MOST_LOG = 40.0
#: Distinct values counted in a fold; more of them are counted together.
DISTINCT = 16
#: Prompts of a fold whose words are looked at in any case: a fold may be small.
ALWAYS_READ = 4
FEW = 6


class Moments(Struct, array_like=True, gc=False):
    """Count, sum and sum of squares of a bounded quantity; 19 bytes packed."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    def add(self, value: float) -> None:
        """Take one value in."""
        self.count += 1
        self.total += value
        self.squares += value * value

    @property
    def mean(self) -> float:
        """The mean; NaN of nothing."""
        return self.total / self.count if self.count else float("nan")

    @property
    def spread(self) -> float:
        """The standard deviation; NaN of fewer than three values."""
        if self.count < 3:
            return float("nan")
        mean = self.total / self.count
        return float(max(0.0, self.squares / self.count - mean * mean) ** 0.5)


class Fold(Struct, array_like=True, gc=False):
    """The accumulators of one fold, about 16 requests.

    Values are counted by hash, at most 16 distinct ones, others together. 1 KB packed when full, 120 bytes empty.

    Owned by its profile. Sizes and gaps are held as base-2 logarithms, clipped, so that absurd numbers stay harmless.
    """

    requests: int = 0
    first_ms: int = 0
    last_ms: int = 0
    gaps: Moments = field(default_factory=Moments)
    characters: Moments = field(default_factory=Moments)
    output: Moments = field(default_factory=Moments)
    expansion: Moments = field(default_factory=Moments)
    prompts: dict[int, int] = field(default_factory=dict)
    heads: dict[int, int] = field(default_factory=dict)
    tails: dict[int, int] = field(default_factory=dict)
    manners: dict[int, int] = field(default_factory=dict)
    addresses: dict[int, int] = field(default_factory=dict)
    origins: dict[int, int] = field(default_factory=dict)
    models: dict[int, int] = field(default_factory=dict)
    conversations: int = 0
    continued: int = 0
    responses: int = 0
    refused: int = 0
    cut: int = 0
    described: int = 0
    logprobs: int = 0
    samples: int = 0
    reasoning: int = 0
    small_caps: int = 0
    large_caps: int = 0
    plain: int = 0
    topics: list[int] = field(default_factory=lambda: [0] * BINS)

    def add(self, event: Event, at_ms: int, last_ms: int, hasher: Hasher) -> None:
        """Take one request in; `last_ms` is when the one before it came (0: none). Costs about 13 us."""
        if not self.requests:
            self.first_ms = at_ms
        self.requests += 1
        self.last_ms = at_ms
        if last_ms:
            self.gaps.add(log2(1 + min(max(at_ms - last_ms, 0), 1 << 40)))
        self._add_manner(event, hasher)
        self._add_answer(event)
        self._add_origin(event, hasher)

    def add_prompt(self, prompt: str, content: Content) -> None:
        """Take a prompt in. Costs about 5 us; the words of the first prompts of a fold are looked at, then those of every other one."""
        self.characters.add(log2(1 + len(prompt)))
        if self.requests <= ALWAYS_READ or self.requests & 1:
            add_topics(prompt, self.topics)
        tally(self.prompts, content.prompt, DISTINCT)
        tally(self.heads, content.head, DISTINCT)
        tally(self.tails, content.tail, DISTINCT)

    def _add_manner(self, event: Event, hasher: Hasher) -> None:
        params = event.params or NO_PARAMS
        tally(self.models, hasher(event.model), FEW)
        # Equal values must be written alike, so that it makes no difference which was remembered: -0.0 is 0.0.
        tally(
            self.manners,
            hasher.parts(
                (
                    None if params.temperature is None else params.temperature + 0.0,
                    params.max_tokens,
                    params.n,
                    params.logprobs,
                    params.reasoning,
                    params.response_format,
                    bool(params.tools),
                    event.system_prompt_hash,
                )
            ),
            FEW,
        )
        if event.params is None:
            return
        cap = params.max_tokens
        self.described += 1
        self.logprobs += bool(params.logprobs)
        self.samples += (params.n or 1) > 1
        self.reasoning += bool(params.reasoning)
        self.small_caps += cap is not None and cap <= SMALL_CAP
        self.large_caps += cap is not None and cap >= LARGE_CAP
        self.plain += event.system_prompt_hash is None and not params.tools

    def _add_answer(self, event: Event) -> None:
        usage, response = event.usage or NO_USAGE, event.response
        if usage.output_tokens is not None:
            length = min(log2(1 + usage.output_tokens), MOST_LOG)
            self.output.add(length)
            if usage.input_tokens is not None:
                self.expansion.add(length - min(log2(1 + usage.input_tokens), MOST_LOG))
        if response is not None:
            self.responses += 1
            self.refused += bool(response.refused)
            self.cut += response.finish_reason == "length"

    def _add_origin(self, event: Event, hasher: Hasher) -> None:
        client = event.client or NO_CLIENT
        if client.asn is not None or client.ja4 is not None:
            tally(self.origins, hasher.parts((client.asn, client.ja4, client.country)), FEW)
        if client.ip:
            tally(self.addresses, hasher(client.ip), DISTINCT)
