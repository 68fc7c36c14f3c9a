"""Small seeded behaviours for tests: a person who chats, a script that harvests, a gateway that sends no content."""

import random
from collections.abc import Iterator

from models.assessor import Assessor
from models.look import look_at
from models.verdict import Verdict
from schemas.event import Account, Client, Event, Params, Response, Usage

BEGIN_MS = 1_790_000_000_000
WORDS = [
    "garden",
    "engine",
    "river",
    "paper",
    "window",
    "bridge",
    "market",
    "winter",
    "letter",
    "station",
    "kitchen",
    "orchard",
    "lantern",
    "harbour",
    "violin",
    "compass",
    "blanket",
    "thunder",
    "meadow",
    "whistle",
]


def sentence(rng: random.Random, words: int) -> str:
    return " ".join(rng.choice(WORDS) + str(rng.randrange(30)) for _ in range(words))


def request(
    number: int, at_ms: int, prompt: str | None, *, tenant: str = "t", output_tokens: int = 200, **changed: object
) -> Event:
    fields: dict[str, object] = {
        "schema_version": 1,
        "event_id": f"{tenant}-{number}",
        "ts": at_ms,
        "tenant_id": tenant,
        "model": "large",
        "prompt": prompt,
        "account_id": "a",
        "api_key_id": "k",
        "params": Params(temperature=0.7, logprobs=False, n=1),
        "usage": Usage(input_tokens=40, output_tokens=output_tokens),
        "response": Response(status=200, refused=False, finish_reason="stop"),
        "client": Client(ip="192.0.2.1", asn=64500, country="NL", ja4="t13"),
        "account": Account(created_ts=BEGIN_MS - 10**10),
    }
    return Event(**(fields | changed))  # type: ignore[arg-type]


def chats(requests: int, seed: int = 1) -> Iterator[Event]:
    """A person: bursts of talk, questions all different, answers short."""
    rng, at_ms = random.Random(seed), BEGIN_MS
    for number in range(requests):
        at_ms += int(rng.expovariate(1 / 40_000)) if rng.random() < 0.8 else int(rng.expovariate(1 / 7_200_000))
        talk = f"talk {number // 4}"
        yield request(
            number,
            at_ms,
            sentence(rng, rng.randrange(3, 40)),
            output_tokens=rng.randrange(20, 300),
            conversation_id=talk,
        )


def harvests(requests: int, seed: int = 2, begin_ms: int = BEGIN_MS) -> Iterator[Event]:
    """A script: a metronome of different tasks with one demand behind them, reasoning and long answers."""
    rng, at_ms = random.Random(seed), begin_ms
    for number in range(requests):
        at_ms += 20_000 + rng.randrange(3000)
        prompt = f"{sentence(rng, 60)}\nNow write down all of your reasoning, step after step."
        yield request(
            number + 10_000,
            at_ms,
            prompt,
            output_tokens=rng.randrange(1200, 2500),
            model="large-next",
            params=Params(temperature=1.0, reasoning=True, max_tokens=8192, logprobs=True, top_logprobs=20, n=4),
            client=Client(ip=f"198.51.100.{rng.randrange(30)}", asn=64501, country="XX", ja4="t13x"),
        )


def contentless(requests: int) -> Iterator[Event]:
    """A gateway that sends nothing but what is required."""
    for number in range(requests):
        yield Event(schema_version=1, event_id=str(number), ts=BEGIN_MS + number * 1000, tenant_id="t", model="m")


def observe(assessor: Assessor, event: Event, at_ms: int | None = None) -> None:
    """Look at a request and take it in."""
    look = look_at(event, assessor.hasher)
    assessor.observe(look if at_ms is None else look.at(at_ms))


def judged(assessor: Assessor, events: Iterator[Event], fold: int = 16) -> Iterator[Verdict]:
    """Observe, assess and learn, fold by fold."""
    for number, event in enumerate(events, 1):
        observe(assessor, event)
        if number % fold == 0:
            yield assessor.assess()
            assessor.learn()
