"""What is kept of one request until its fold is judged: hashes, sizes, flags; no content."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ipaddress import IPv6Network
from struct import Struct as Layout

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from schemas.event import NO_CLIENT, NO_USAGE, Event

from .hashing import Content, Hasher
from .likeness import GRADE_BITS
from .words import KEPT_BYTES, LOCAL, OWN, STYLE_BITS

SMALL_CAP = 64
LARGE_CAP = 2048

REFUSED, ANSWERED, CUT, FAILED = 1, 2, 4, 8
DESCRIBED, LOGPROBS, SAMPLES, REASONING, TOOLS = 16, 32, 64, 128, 256
SMALL_CAPPED, LARGE_CAPPED, PLAIN = 512, 1024, 2048
CONTINUED = 4096
SYSTEM_PROMPT = 8192
#: The class of the temperature, two bits: not set, 0, below 1, 1 or above.
TEMPERATURE_BIT = 14
#: The style of a prompt (0 without one) stands in the flags from this bit on, and above it the grade of its likeness (0 without one).
STYLE_BIT = 16
LIKENESS_BIT = STYLE_BIT + STYLE_BITS
A_STYLE = (1 << STYLE_BITS) - 1
_READ_BITS = STYLE_BITS + GRADE_BITS
_READ = (1 << _READ_BITS) - 1

#: A look as a row of an array: times in epoch ms, sizes in characters and tokens (NaN: unknown), hashes of 32 bits; in `wording` the
#: grades of the prompt on the axes of wording, four bits each (0 without one).
LOOK = np.dtype(
    [
        ("at_ms", "<i8"),
        ("prompt", "<u4"),
        ("head", "<u4"),
        ("tail", "<u4"),
        ("manner", "<u4"),
        ("model", "<u4"),
        ("origin", "<u4"),
        ("address", "<u4"),
        ("network", "<u4"),
        ("payment", "<u4"),
        ("conversation", "<u4"),
        ("flags", "<u4"),
        ("characters", "<f4"),
        ("input", "<f4"),
        ("output", "<f4"),
        ("wording", "<u4"),
    ]
)
#: What a window counts of a request: tokens (input, output, reasoning, cached), characters of its prompt, the flags, which sketches it
#: marks (of whole prompt, head, address, key, account, model: a bit each), and where.
TALLY = np.dtype(
    [("tokens", "<i8", 4), ("characters", "<u4"), ("flags", "<u4"), ("marks", "u1", 6), ("marking", "u1"), ("free", "u1")]
)
MARKED_PROMPT, _MARKED_ADDRESS, _MARKED_KEY, _MARKED_ACCOUNT, _MARKED_MODEL = 3, 4, 8, 16, 32
#: What means nothing under another key.
HASHES = ("prompt", "head", "tail", "manner", "model", "origin", "address", "network", "payment", "conversation")
_pack_row = Layout(f"<q{KEPT_BYTES}s8I3fI").pack
_pack_tally = Layout("<4q2I8B").pack
_UNKNOWN, _TIME_BYTES = float("nan"), 8
_NO_CONTENT = Content(0, 0, 0, 0, b"", bytes(KEPT_BYTES), b"")


class Look(Struct, frozen=True, gc=False):
    """One request, looked at.

    `event` is the fingerprint of its id, `content` what was read of its prompt (None without one), `row` what is kept until the fold is
    judged (a `LOOK`), and `tally` what its window counts (a `TALLY`).
    """

    event: int
    content: Content | None
    row: bytes
    tally: bytes

    @property
    def head(self) -> int:
        """The 32 bits of the hash of the prompt's first words that are kept."""
        return 0 if self.content is None else local(self.content.head)

    @property
    def tail(self) -> int:
        """The same of its last words."""
        return 0 if self.content is None else local(self.content.tail)


    def at(self, at_ms: int) -> "Look":
        """The same request at another time of its tenant's clock."""
        return replace(self, row=at_ms.to_bytes(_TIME_BYTES, "little") + self.row[_TIME_BYTES:])


@contextmanager
def looking(events: Iterable[object], hasher: Hasher) -> Iterator[None]:
    """Look at many requests at once, and have what was seen at hand meanwhile: 4 us each instead of 11, and the same."""
    present = [event for event in events if isinstance(event, Event)]
    hasher.looked = dict(zip(map(id, present), _looks(present, hasher), strict=True))
    try:
        yield
    finally:
        hasher.looked = {}


def look_at(event: Event, hasher: Hasher) -> Look:
    """Look at a request, as of its own time; nothing is left to do when that was done with many."""
    look: Look = hasher.looked.get(id(event)) or _looks([event], hasher)[0]
    return look


def _looks(events: list[Event], hasher: Hasher) -> list[Look]:
    contents = iter(hasher.contents([event.prompt for event in events if event.prompt is not None]))
    return [_look(event, None if event.prompt is None else next(contents), hasher) for event in events]


def _look(event: Event, content: Content | None, hasher: Hasher) -> Look:
    manner, model, flags = _manner(event, hasher)
    origin, address, network, payment = _origin(event, hasher)
    response, usage = event.response, event.usage or NO_USAGE
    if response is not None:
        flags |= ANSWERED
        if response.refused:
            flags |= REFUSED
        if response.finish_reason == "length":
            flags |= CUT
        if response.status is not None and response.status >= 400:
            flags |= FAILED
    read = content or _NO_CONTENT
    flags |= (read.style & _READ) << STYLE_BIT
    row = _pack_row(
        event.ts,
        read.kept,
        manner,
        model,
        origin,
        address,
        network,
        payment,
        own(hasher.identifier(event.conversation_id)) if event.conversation_id else 0,
        flags,
        _UNKNOWN if event.prompt is None else len(event.prompt),
        _UNKNOWN if usage.input_tokens is None else usage.input_tokens,
        _UNKNOWN if usage.output_tokens is None else usage.output_tokens,
        read.style >> _READ_BITS,
    )
    return Look(hasher.identifier(event.event_id), content, row, _tally(event, read, flags, address, model, hasher))


def _tally(event: Event, read: Content, flags: int, address: int, model: int, hasher: Hasher) -> bytes:
    usage = event.usage or NO_USAGE
    marking, key, account = _caller(event, hasher)
    if event.prompt is not None:
        marking |= MARKED_PROMPT
    if address:
        marking |= _MARKED_ADDRESS
    return _pack_tally(
        usage.input_tokens or 0,
        usage.output_tokens or 0,
        usage.reasoning_tokens or 0,
        usage.cached_tokens or 0,
        len(event.prompt or ""),
        flags,
        read.whole & 255,
        read.head & 255,
        address & 255,
        key,
        account,
        model & 255,
        marking,
        0,
    )


def _caller(event: Event, hasher: Hasher) -> tuple[int, int, int]:
    """Which sketches a request marks whatever it asks, and where those of its API key and account."""
    callers = key, account = event.api_key_id, event.account_id
    known = hasher.callers.get(callers)
    if known is not None:
        return known
    marking = _MARKED_MODEL | (_MARKED_KEY if key else 0) | (_MARKED_ACCOUNT if account else 0)
    made = marking, hasher(key) & 255 if key else 0, hasher(account) & 255 if account else 0
    hasher.callers.keep(callers, made)
    return made


def local(digest: int) -> int:
    """The 32 bits of a hash that are kept to compare with other tenants'; never 0 but for 0.

    >>> local(0), local(1 << 32), local(7)
    (0, 1, 7)
    """
    return digest & LOCAL or (1 if digest else 0)


def own(digest: int) -> int:
    """The 24 bits of a hash that are kept to compare with a tenant's own; never 0 but for 0.

    >>> own(0), own(1 << 24), own(7)
    (0, 1, 7)
    """
    return digest & OWN or (1 if digest else 0)


def _manner(event: Event, hasher: Hasher) -> tuple[int, int, int]:
    """Hash of the settings, of the model, and the flags that follow from the settings: the same for most requests of a tenant."""
    params = event.params
    if params is None:
        key: tuple[object, ...] = (event.model, event.system_prompt_hash)
    else:
        key = (
            event.model,
            event.system_prompt_hash,
            # Equal values must be written alike, so that it makes no difference which was remembered: -0.0 is 0.0.
            None if params.temperature is None else params.temperature + 0.0,
            params.max_tokens,
            params.n,
            params.logprobs,
            params.reasoning,
            params.response_format,
            params.tools,
        )
    known = hasher.manners.get(key)
    if known is not None:
        return known
    settings = (*key[1:-1], bool(key[-1])) if params is not None else key[1:]
    made = (own(hasher.parts(settings)), own(hasher(event.model)), _settings_flags(event))
    hasher.manners.keep(key, made)
    return made


def _settings_flags(event: Event) -> int:
    params, system = event.params, SYSTEM_PROMPT if event.system_prompt_hash is not None else 0
    if params is None:
        return system
    cap = params.max_tokens
    return (
        DESCRIBED
        | system
        | _warmth(params.temperature) << TEMPERATURE_BIT
        | (LOGPROBS if params.logprobs else 0)
        | (SAMPLES if (params.n or 1) > 1 else 0)
        | (REASONING if params.reasoning else 0)
        | (TOOLS if params.tools else 0)
        | (SMALL_CAPPED if cap is not None and cap <= SMALL_CAP else 0)
        | (LARGE_CAPPED if cap is not None and cap >= LARGE_CAP else 0)
        | (PLAIN if event.system_prompt_hash is None and not params.tools else 0)
    )


def _warmth(temperature: float | None) -> int:
    return 0 if temperature is None else 1 if temperature <= 0 else 2 if temperature < 1 else 3


def _origin(event: Event, hasher: Hasher) -> tuple[int, int, int, int]:
    """Hash of the place (autonomous system, TLS stack), of the address, of its network and of who pays."""
    client = event.client or NO_CLIENT
    payment = event.account.payment_fp if event.account is not None else None
    key = (client.ip, client.asn, client.ja4, payment)
    known = hasher.origins.get(key)
    if known is not None:
        return known
    placed = client.asn is not None or client.ja4 is not None
    made = (
        local(hasher.parts(key[1:3])) if placed else 0,
        own(hasher(client.ip)) if client.ip else 0,
        local(hasher(network_of(client.ip))) if client.ip else 0,
        local(hasher(payment)) if payment else 0,
    )
    hasher.origins.keep(key, made)
    return made


def network_of(address: str) -> str:
    """The network that an address is counted to: /24 of IPv4, /48 of IPv6; what is no address stands for itself.

    >>> network_of("192.0.2.7"), network_of("2001:db8:1:2::7"), network_of("unknown")
    ('192.0.2.0/24', '2001:db8:1::/48', 'unknown')
    """
    first, _, last = address.rpartition(".")
    if first.count(".") == 2 and last.isdecimal():
        return f"{first}.0/24"
    try:
        return str(IPv6Network((address.partition("%")[0], 48), strict=False))
    except ValueError:
        return address
