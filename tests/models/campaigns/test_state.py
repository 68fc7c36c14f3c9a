"""The search as bytes: what goes on from them tells what the first one would have told."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.campaigns.config import CampaignConfig
from models.campaigns.correlator import Correlator
from models.campaigns.state import FORM, CampaignMark, pack_mark, unpack_mark
from schemas.campaign import CampaignFinding
from schemas.errors import ForeignState
from schemas.signal import Message, Signal
from tests.models.campaigns.signals import VERSIONS, activities, everyone, mark, operator, signal

BRIDGES = [signal(f"bridge_{at}", 0.01, 30, heads=(77, 88), networks=(55,), payments=(66,)) for at in range(3)]


def story() -> list[Message]:
    """Two campaigns that grow, turn out to be one, and close; partitions that are idle; signals that come late."""
    told: list[Message] = [*everyone(), *operator(6)]
    told += [signal(f"other_{at}", 0.02, 1, heads=(88,), payments=(66,)) for at in range(5)]
    for hour in range(1, 70):
        told.append(mark(hour, 1, idle=hour % 7 == 3))
        told.append(mark(hour))
        if hour in (4, 9, 20):
            told += operator(2, hour=hour, name=f"more_{hour}")
            told += operator(1, hour=hour - 3, name=f"late_{hour}")
        if hour == 30:
            told += BRIDGES
    return told


def new() -> Correlator:
    return Correlator(CampaignConfig(), VERSIONS, 2)


def told_by(search: Correlator, messages: Iterable[Message]) -> list[CampaignFinding]:
    for message in messages:
        search.take(message)
    lines, search.findings = search.findings, []
    return lines


def after_an_epoch(messages: list[Message], least: int) -> tuple[int, Correlator, list[CampaignFinding]]:
    """The search after the first message from `least` on that ends an epoch; how many messages that takes."""
    search, lines = new(), []
    for at, message in enumerate(messages, 1):
        before = search.epoch_ms
        lines += told_by(search, [message])
        if at >= least and search.epoch_ms != before:
            return at, search, lines
    return len(messages), search, lines


@settings(max_examples=10)
@given(st.integers(0, 440))
def test_a_search_that_goes_on_from_its_state_tells_the_same_lines(least: int) -> None:
    messages = story()
    whole = told_by(new(), messages)
    assert set(activities(whole)) == {"CREATE", "UPDATE", "CLOSE"}
    at, search, lines = after_an_epoch(messages, least)
    packed = pack_mark(CampaignMark(form=FORM, topic_id="t", position=at, read_from=0, search=search.state()))
    again = new()
    again.restore(unpack_mark(packed).search)
    for message in messages[:at]:
        if isinstance(message, Signal):
            again.recall(message)
    assert (again.open, again.tenants) == (search.open, search.tenants)
    assert lines + told_by(again, messages[at:]) == whole


def test_a_partition_that_has_told_nothing_is_waited_for_when_it_is_known_to_be_there() -> None:
    search = new()
    assert told_by(search, [*everyone(), *operator(6), mark(1)]) == []
    (line,) = told_by(search, [mark(1, 1)])
    assert line.complete


def test_an_epoch_that_every_partition_has_passed_is_complete_though_one_is_idle_by_now() -> None:
    (line,) = told_by(new(), [*everyone(), *operator(6), mark(2, 1, idle=True), mark(1)])
    assert line.complete


@pytest.mark.parametrize("packed", [b"", b"\xc1", b"\x91\x09", b"\x95\x01\x01\x01\x01\x01", b"\x01"])
def test_what_this_version_did_not_write_is_refused(packed: bytes) -> None:
    with pytest.raises(ForeignState):
        unpack_mark(packed)
