"""The sub-stream: a harvest inside an honest application is pointed at, in words and without a hash."""

from collections.abc import Iterable

from msgspec import json

from models.assessor import Assessor
from models.hashing import Hasher
from models.references import References
from schemas.event import Event, Params
from schemas.finding import SubStream
from tests.models.behaviour import BEGIN_MS, chats, contentless, harvests, observe, request

PROMPT = "sys-hash-of-a-customer"


def fed(events: Iterable[Event]) -> Assessor:
    assessor = Assessor(References.shipped(), Hasher(b"secret"))
    for event in events:
        observe(assessor, event)
    return assessor


def diluted() -> SubStream:
    """A person's chats for ten folds, then a harvest in five of sixteen requests."""
    assessor = fed(())
    person, harvest = list(chats(320)), iter(harvests(100))
    for number, event in enumerate(person[:160], 1):
        observe(assessor, event)
        if number % 16 == 0:
            assessor.learn()
    for number, event in enumerate(person[160:176]):
        observe(assessor, next(harvest) if number % 3 == 1 else event)
    return assessor.context("large")[0]


def test_a_diluted_harvest_is_pointed_at_although_it_is_the_lesser_part() -> None:
    assert diluted() == SubStream(
        requests=5,
        of=16,
        manners=2,
        known=False,
        system_prompt=False,
        tools=False,
        reasoning=True,
        logprobs=True,
        samples=True,
        temperature="1 or above",
        model="",
        new_model=True,
    )


def test_without_anything_known_the_most_frequent_manner_is_told() -> None:
    events = [request(n, BEGIN_MS + n, "x", params=Params(temperature=0.0 if n % 3 else 0.5)) for n in range(16)]
    found = fed(events).context("large")[0]
    assert (found.requests, found.of, found.manners, found.known, found.temperature) == (10, 16, 2, None, "0")
    assert (found.model, found.new_model) == ("large", False)


def test_one_odd_request_among_known_ones_is_not_pointed_at() -> None:
    assessor = fed(request(n, BEGIN_MS + n, "x") for n in range(16))
    assessor.learn()
    for number in range(16, 32):
        params = Params(temperature=1.5) if number == 20 else Params(temperature=0.7, logprobs=False, n=1)
        observe(assessor, request(number, BEGIN_MS + number, "x", params=params))
    found = assessor.context("large")[0]
    assert (found.requests, found.known, found.temperature) == (15, True, "below 1")


def test_the_hash_of_a_system_prompt_is_told_as_a_word_only() -> None:
    found = fed(request(n, BEGIN_MS + n, "x", system_prompt_hash=PROMPT) for n in range(16)).context("large")[0]
    assert found.system_prompt is True
    assert PROMPT.encode() not in json.encode(found)


def test_what_the_telemetry_does_not_say_is_not_told() -> None:
    found = fed(contentless(16)).context("m")[0]
    assert (found.system_prompt, found.tools, found.reasoning, found.temperature) == (None, None, None, None)
    assert (found.requests, found.model) == (16, "m")
