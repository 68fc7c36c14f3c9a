"""Laws of looking: many requests together are seen as each by itself, at whatever time; and what a window counts of them adds up."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.hashing import Hasher
from models.look import LOOK, TALLY, look_at, looking
from models.window import Window, estimate
from schemas.errors import BadRecord
from schemas.event import Client, Event, Params, Response, Usage

HASHER = Hasher(b"key")
tokens = st.none() | st.integers(0, 2**32 - 1)
ids = st.none() | st.sampled_from(["", "one", "other"])


@st.composite
def events(draw: st.DrawFn) -> Event:
    return Event(
        schema_version=1,
        event_id=draw(st.text(min_size=1, max_size=9)),
        ts=draw(st.integers(0, 2**40)),
        tenant_id="tenant",
        model=draw(st.sampled_from(["small", "large"])),
        account_id=draw(ids),
        api_key_id=draw(ids),
        conversation_id=draw(ids),
        prompt=draw(st.none() | st.text(max_size=1200)),
        params=draw(st.none() | st.builds(Params, n=st.none() | st.integers(0, 3), logprobs=st.none() | st.booleans())),
        usage=draw(st.none() | st.builds(Usage, tokens, tokens, tokens, tokens)),
        response=draw(st.none() | st.builds(Response, status=st.sampled_from([None, 200, 500]), refused=st.booleans())),
        client=draw(st.none() | st.builds(Client, ip=st.sampled_from([None, "192.0.2.1", "2001:db8::1"]))),
    )


@given(st.lists(events(), max_size=8))
def test_requests_looked_at_together_are_seen_as_each_by_itself(requests: list[Event]) -> None:
    with looking([BadRecord("empty", "no value"), *requests], HASHER):
        together = [look_at(each, HASHER) for each in requests]
    assert together == [look_at(each, HASHER) for each in requests]


@given(events(), st.integers(0, 2**40))
def test_only_the_time_of_a_look_follows_its_tenants_clock(event: Event, at_ms: int) -> None:
    look = look_at(event, HASHER)
    own, moved = (np.frombuffer(each.row, LOOK).copy() for each in (look, look.at(at_ms)))
    assert (own["at_ms"].item(), moved["at_ms"].item()) == (event.ts, at_ms)
    own["at_ms"] = at_ms
    assert own.tobytes() == moved.tobytes()
    assert msgspec.structs.replace(look.at(at_ms), row=look.row) == look


@given(st.lists(events(), min_size=1, max_size=8))
def test_a_window_counts_requests_together_as_each_by_itself(requests: list[Event]) -> None:
    tallies = [bytearray(look_at(each, HASHER).tally) for each in requests]
    once, often = Window(start_ms=0), Window(start_ms=0)
    told = once.count(len(requests), bytearray().join(tallies))
    one_by_one = [often.count(number, each) for number, each in enumerate(tallies, 1)]
    assert once == often
    assert told == (len(requests), sum(output for _, output in one_by_one))


def test_a_window_counts_what_the_request_says() -> None:
    event = Event(
        schema_version=1, event_id="e", ts=7, tenant_id="t", model="m", api_key_id="k", prompt="why?",
        params=Params(logprobs=True, n=2), usage=Usage(3, 2**32 - 1, 5, 1), response=Response(status=500, refused=True),
    )  # fmt: skip
    window = Window(start_ms=0)
    window.count(4, bytearray(look_at(event, HASHER).tally))
    assert (window.version, window.requests, window.prompts, window.prompt_characters) == (4, 1, 1, 4)
    assert (window.input_tokens, window.output_tokens, window.reasoning_tokens, window.cached_tokens) == (3, 2**32 - 1, 5, 1)
    assert (window.refusals, window.errors, window.logprob_requests, window.multi_sample_requests) == (1, 1, 1, 1)
    assert (window.reasoning_requests, window.tool_requests) == (0, 0)
    marked = (window.prompt_bits, window.template_bits, window.key_bits, window.model_bits)
    assert all(estimate(bits) == pytest.approx(1, abs=0.01) for bits in marked)
    assert not any(window.address_bits + window.account_bits)
    assert len(look_at(event, HASHER).tally) == TALLY.itemsize
