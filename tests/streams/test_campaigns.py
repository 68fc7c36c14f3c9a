"""What the search for campaigns calls safe, with the outside played by small fakes."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from models.campaigns.config import CampaignConfig
from models.campaigns.correlator import Correlator
from schemas.campaign import CampaignFinding
from schemas.errors import BadRecord, ForeignState
from schemas.signal import Message, Signal, encode_message
from streams.campaigns import Campaigns
from streams.delivery import Offsets
from streams.telemetry import Telemetry
from tests.models.campaigns.signals import VERSIONS, activities, everyone, mark, named, operator
from tests.streams.fakes import Batch, Record

EXPIRY_MS = CampaignConfig().expiry_ms


class Outside:
    """The topics: signals, alerts with rows, dead letters and checkpoint, told when to fail."""

    def __init__(self, messages: list[Message]) -> None:
        self.records = [Record(at, encode_message(one), topic="signals") for at, one in enumerate(messages)]
        self.lines: list[CampaignFinding] = []
        self.dead: list[tuple[int, str]] = []
        self.packed: bytes | None = None
        self.told: list[str] = []
        self.reads: list[tuple[int, int]] = []
        self.failing = ""
        self.held = True

    async def campaigns(self, findings: list[CampaignFinding]) -> None:
        self._fail("alerts")
        self.lines += findings
        self.told += ["alerts"] * bool(findings)

    async def bad_signal(self, record: Any, error: BadRecord) -> None:
        self.dead.append((record.offset, error.reason))

    async def write_campaigns(self, position: int, packed: bytes) -> int:
        del position
        self._fail("state")
        self.packed = packed
        self.told.append("state")
        return len(packed)

    async def read_campaigns(self) -> bytes | None:
        return self.packed

    async def forget_campaigns(self) -> None:
        self.packed = None

    async def read(self, begin: int, end: int) -> AsyncIterator[list[Any]]:
        self.reads.append((begin, end))
        for at in range(begin, end, 100):
            yield self.records[at : min(end, at + 100)]

    def batches(self, begin: int = 0, end: int | None = None, size: int = 7) -> Iterator[Batch]:
        end = len(self.records) if end is None else end
        for at in range(begin, end, size):
            yield Batch(self.records[at : min(end, at + size)])

    def _fail(self, what: str) -> None:
        if self.failing == what:
            self.failing = ""
            raise ConnectionError(f"{what} not accepted")


def agent(outside: Outside, topic_id: str = "one", *, forget: bool = False) -> Campaigns:
    def end() -> Offsets:
        return Offsets(None, len(outside.records) if outside.held else None)

    made = Campaigns(
        new=lambda: Correlator(CampaignConfig(), VERSIONS, 1),
        expiry_ms=EXPIRY_MS,
        topic_id=topic_id,
        memory=outside,
        read=outside.read,
        publisher=outside,
        telemetry=Telemetry(),
        offsets=end,
        forget=forget,
    )
    made.take([0])
    return made


def story() -> list[Message]:
    """A campaign that grows three times within sixty hours, and closes."""
    told: list[Message] = [*everyone(60), *operator(6)]
    for hour in range(1, 60):
        told.append(mark(hour))
        if hour in (5, 12, 20):
            told += operator(2, hour=hour, name=f"more_{hour}")
    return told


async def feed(made: Campaigns, batches: Iterator[Batch]) -> list[Batch]:
    done = list(batches)
    for batch in done:
        await made.handle(batch)
    return done


async def test_a_batch_is_acknowledged_after_alerts_and_state_were_accepted_in_this_order() -> None:
    outside = Outside(story())
    batches = await feed(agent(outside), outside.batches())
    assert all(batch.acked for batch in batches)
    assert outside.told[:2] == ["alerts", "state"]
    assert activities(outside.lines) == ["CREATE", "UPDATE", "UPDATE", "UPDATE", "CLOSE"]
    assert len(named(outside.lines)) == 12


async def test_a_batch_that_ends_no_epoch_is_acknowledged_and_nothing_is_written() -> None:
    outside = Outside([*everyone(60), *operator(6)])
    batches = await feed(agent(outside), outside.batches())
    assert all(batch.acked for batch in batches)
    assert (outside.told, outside.packed) == ([], None)


@pytest.mark.parametrize("what", ["alerts", "state"])
async def test_what_was_not_accepted_is_not_acknowledged_and_told_again_to_the_letter(what: str) -> None:
    whole = Outside(story())
    await feed(agent(whole), whole.batches())
    outside = Outside(story())
    outside.failing = what
    batches = list(outside.batches())
    with pytest.raises(ConnectionError):
        await feed(agent(outside), iter(batches))
    acked = sum(len(batch.value) for batch in batches if batch.acked)
    assert not batches[acked // 7].acked
    await feed(agent(outside), outside.batches(acked, size=50))
    told = {line.line_uid: line for line in outside.lines}
    assert list(told.values()) == whole.lines
    assert all(line == told[line.line_uid] for line in outside.lines)


@pytest.mark.parametrize("at", [3, 30, 66, 67, 68, 75, 90, 110, 120])
async def test_the_next_owner_goes_on_wherever_this_one_was_killed(at: int) -> None:
    whole = Outside(story())
    await feed(agent(whole), whole.batches())
    outside = Outside(story())
    await feed(agent(outside), outside.batches(end=at))
    second = agent(outside)
    await feed(second, outside.batches(begin=at, size=11))
    assert outside.lines == whole.lines


async def test_records_before_the_checkpoint_are_passed_over() -> None:
    outside = Outside(story())
    await feed(agent(outside), outside.batches(end=100))
    told = list(outside.lines)
    batches = await feed(agent(outside), outside.batches(begin=60, end=100))
    assert all(batch.acked for batch in batches)
    assert outside.lines == told


async def test_only_what_still_counts_is_read_again() -> None:
    outside = Outside(story())
    newest = next(at for at, one in enumerate(story()) if isinstance(one, Signal) and one.tenant == "more_20_0000")
    await feed(agent(outside), outside.batches(end=110))
    outside.reads.clear()
    made = agent(outside)
    await feed(made, outside.batches(begin=110, end=111))
    assert outside.reads == [(newest, 110)]
    details = made.details()
    assert (details["open_campaigns"], details["campaign_tenants"]) == (1, 2)
    assert details["signals_left"] == len(outside.records) - 111


async def test_what_is_no_signal_goes_to_the_dead_letters_once_and_the_others_count() -> None:
    outside = Outside(story())
    outside.records[10] = Record(10, b"rubbish")
    await feed(agent(outside), outside.batches(end=30))
    await feed(agent(outside), outside.batches(begin=30))
    assert outside.dead == [(10, "not_a_signal")]
    assert len(named(outside.lines)) == 12


async def test_a_recreated_topic_is_refused_and_the_error_names_the_command() -> None:
    outside = Outside(story())
    await feed(agent(outside), outside.batches(end=100))
    made = agent(outside, "another")
    with pytest.raises(ForeignState, match="distillwatch worker --forget-campaigns"):
        await made.handle(next(outside.batches()))
    with pytest.raises(ForeignState):
        await made.tick()


async def test_a_recreated_topic_is_begun_anew_when_that_is_asked_for() -> None:
    outside = Outside(story())
    await feed(agent(outside), outside.batches(end=100))
    outside.lines.clear()
    await feed(agent(outside, "another", forget=True), outside.batches())
    assert activities(outside.lines) == ["CREATE", "UPDATE", "UPDATE", "UPDATE", "CLOSE"]
    await feed(agent(outside, "another"), outside.batches(end=20))


async def test_a_batch_that_was_queued_when_the_topic_went_is_left_to_its_next_owner() -> None:
    outside = Outside(story())
    made = agent(outside)
    await made.release([0])
    outside.held = False
    (batch, *_) = await feed(made, outside.batches(end=5))
    assert not batch.acked
    assert made.details() == {"campaigns": "another worker searches for them"}
    outside.held = True
    made.take([0])
    await feed(made, outside.batches())
    assert len(named(outside.lines)) == 12
