"""What a canary does: a harvest of log-probabilities, the crudest of attacks, in a few minutes that end now."""

from collections.abc import Iterator
from itertools import count
from random import Random

import msgspec

from models.canary_key import CanaryKey
from schemas.canary import CanaryName
from schemas.event import SCHEMA_VERSION, Client, Event, Params, Response, Usage
from schemas.partitioner import partition_of
from streams.simulation.grammar import Voice
from streams.simulation.words import FIELDS

EVENTS = 96
APART_MS = 2000
ANCHORS = 40
#: The same words in every burst: what was found once is found again, and if not, then detection has changed.
SEED = 2026

_encode = msgspec.json.Encoder().encode


def name_of(partition: int, partitions: int, sent_ms: int) -> CanaryName:
    """The name of a canary whose records the default partitioner sends to this partition."""
    names = (CanaryName(partition=partition, sent_ms=sent_ms, nonce=nonce) for nonce in count())
    return next(name for name in names if partition_of(name.tenant, partitions) == partition)


def burst(name: CanaryName, key: CanaryKey) -> list[bytes]:
    """The records of a canary, in their order: the last happened when it was sent.

    A fresh tenant without a past that asks few questions again and again, at every temperature, for the probabilities of the
    alternatives. The shipped tables call it Medium within 48 requests, and High, with a risk of 0.9, at the end.
    """
    first_ms = name.sent_ms - (EVENTS - 1) * APART_MS
    return [
        _encode(_event(name.tenant, number, first_ms + number * APART_MS, prompt, params, key))
        for number, (prompt, params) in enumerate(_requests())
    ]


def _requests() -> Iterator[tuple[str, Params]]:
    rng = Random(SEED)  # noqa: S311 - it is no secret
    voice = Voice(rng, FIELDS[:6])
    anchors = [voice.says() for _ in range(ANCHORS)]
    for _ in range(EVENTS):
        temperature, samples = rng.choice((0.0, 0.5, 1.0, 1.5)), rng.choice((1, 4))
        params = Params(
            temperature=temperature,
            max_tokens=16,
            n=samples,
            logprobs=True,
            top_logprobs=20,
            reasoning=False,
            stream=False,
            tools=0,
        )
        yield rng.choice(anchors), params


def _event(tenant: str, number: int, ts_ms: int, prompt: str, params: Params, key: CanaryKey) -> Event:
    tokens = 16 * (params.n or 1)
    return Event(
        schema_version=SCHEMA_VERSION,
        event_id=key.event_id(tenant, number, ts_ms, prompt),
        ts=ts_ms,
        tenant_id=tenant,
        operation="chat",
        model="canary",
        prompt=prompt,
        params=params,
        usage=Usage(input_tokens=max(1, len(prompt) // 4), output_tokens=tokens, reasoning_tokens=0, cached_tokens=0),
        response=Response(status=200, finish_reason="length", refused=False, latency_ms=250.0 + 10 * tokens),
        client=Client(
            ip=f"192.0.2.{number % 3}", asn=64_512, country="ZZ", user_agent="distillwatch-canary", ja4="canary"
        ),
    )
