"""What the learner makes durable, publishes and refuses, with the outside played by small fakes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest

from schemas import ocsf
from schemas.control import Control, encode_control
from schemas.errors import BadRecord
from schemas.feedback import Feedback, Opinion, encode_feedback
from schemas.finding import Finding, Reason, stable_uid
from streams.controls import Controls
from streams.delivery import Offsets
from streams.feedback import Learner
from streams.feedback_evidence import FindingsTold
from streams.telemetry import Telemetry
from tests.schemas.findings import CREATED
from tests.streams.fakes import Batch, Record


def finding(number: int) -> Finding:
    held = CREATED.reasons[0]
    fields = msgspec.structs.asdict(held) | {"feature": "tail_top" if number % 2 else "output", "log_odds": 2.5}
    return msgspec.structs.replace(CREATED, uid=stable_uid("f", str(number)), reasons=(Reason(**fields),))


def verdict(number: int, opinion: Opinion = "false_positive") -> bytes:
    return encode_feedback(Feedback(finding_uid=stable_uid("f", str(number)), verdict=opinion, cause="c", time_ms=number))


class World:
    """The topics, and what dies with a process."""

    def __init__(self) -> None:
        self.feedback: list[bytes] = []
        self.control: list[bytes] = []
        self.alerts = [ocsf.alert(finding(number)) for number in range(40)]
        self.stored: bytes | None = None
        self.dead: list[tuple[bytes, str]] = []
        self.dies_at = ""
        self.told: list[str] = []

    async def write_feedback(self, serial: int, packed: bytes) -> None:
        del serial
        self._do("store")
        self.stored = packed

    async def read_feedback(self) -> bytes | None:
        return self.stored

    async def bad_feedback(self, record: Any, error: BadRecord) -> None:
        self.dead.append((record.value, error.reason))

    def send(self, control: Control) -> None:
        self.control.append(encode_control(control))

    def _do(self, step: str) -> None:
        if self.dies_at == step:
            raise ConnectionError(step)
        self.told.append(step)


class Process:
    """One worker that learns."""

    def __init__(self, world: World, topic_id: str = "t") -> None:
        self.world, self.now = world, [0.0]
        self.controls, told = Controls(), FindingsTold(1000)
        seen = {"control": 0, "alerts": 0}

        def follow(name: str, take: Callable[[Any], None]) -> Callable[[], Any]:
            async def catch_up() -> None:
                values = getattr(world, name)
                for offset in range(seen[name], len(values)):
                    take(Record(offset, values[offset]))
                seen[name] = len(values)

            return catch_up

        self.learner = Learner(
            topic_id=topic_id,
            store=world,
            read=self._read,
            controls=self.controls,
            read_controls=follow("control", self.controls.take),
            told=told,
            read_alerts=follow("alerts", told.take),
            publisher=self,
            telemetry=Telemetry(),
            offsets=lambda: Offsets(None, len(world.feedback)),
            monotonic=lambda: self.now[0],
            publish_seconds=60.0,
        )
        self.learner.take([0])

    async def control(self, control: Control) -> None:
        self.world._do("publish")
        self.world.send(control)

    async def bad_feedback(self, record: Any, error: BadRecord) -> None:
        await self.world.bad_feedback(record, error)

    async def give(self, *records: bytes) -> Batch:
        """Records arrive."""
        begin = len(self.world.feedback)
        self.world.feedback += records
        return await self.again(begin)

    async def again(self, begin: int) -> Batch:
        """What is on the topic from an offset on is delivered."""
        batch = Batch([Record(n, self.world.feedback[n]) for n in range(begin, len(self.world.feedback))])
        await self.learner.handle(batch)
        return batch

    async def minute(self) -> None:
        """A minute passes, and everything that is due is done."""
        self.now[0] += 61
        for _ in range(3):
            await self.learner.tick()
            await asyncio.sleep(0.05)

    async def _read(self, begin: int, end: int) -> AsyncIterator[list[Any]]:
        yield [Record(n, self.world.feedback[n]) for n in range(begin, end)]


async def test_a_record_is_written_down_before_it_is_published_and_the_batch_acknowledged_after() -> None:
    world = World()
    process = Process(world)
    batch = await process.give(verdict(1), verdict(3), verdict(2, "true_positive"))
    assert not batch.acked
    await process.minute()
    assert batch.acked
    assert world.told == ["store", "publish"]
    newest = process.controls.newest
    assert newest is not None
    assert (newest.number, newest.read_to, newest.learned.findings, newest.learned.false_positives) == (1, 3, 3, 2)
    assert newest.learned.weights["repetition"] < 0
    await process.minute()
    assert len(world.control) == 1


@pytest.mark.parametrize("step", ["store", "publish"])
async def test_whoever_goes_on_after_a_death_publishes_each_number_once_and_the_same(step: str) -> None:
    world, undisturbed = World(), World()
    whole = Process(undisturbed)
    await whole.give(verdict(1))
    await whole.minute()
    await whole.give(verdict(2), verdict(4, "true_positive"))
    await whole.minute()
    first = Process(world)
    await first.give(verdict(1))
    await first.minute()
    world.dies_at = step
    await first.give(verdict(2), verdict(4, "true_positive"))
    with pytest.raises(ConnectionError):
        await first.minute()
    world.dies_at = ""
    second = Process(world)
    batch = await second.again(1)
    await second.minute()
    assert batch.acked
    assert world.control == undisturbed.control
    third = Process(world)
    await third.minute()
    assert world.control == undisturbed.control


async def test_a_record_that_was_written_down_is_published_without_another_verdict() -> None:
    world = World()
    first = Process(world)
    world.dies_at = "publish"
    await first.give(verdict(1))
    with pytest.raises(ConnectionError):
        await first.minute()
    world.dies_at = ""
    assert not world.control
    await Process(world).minute()
    assert len(world.control) == 1


async def test_somebody_who_took_the_number_first_has_it_and_the_verdicts_are_in_the_next() -> None:
    world = World()
    process = Process(world)
    await process.give(verdict(1))
    await process.minute()
    taken = Control(number=2, made_ms=5, origin="rollback", content_of=0, read_to=1, void=((1, 1),))
    world.send(taken)
    await process.give(verdict(2))
    await process.minute()
    newest = process.controls.newest
    assert newest is not None
    assert (newest.number, newest.void, newest.learned.findings) == (3, ((1, 1),), 1)


async def test_what_teaches_nothing_goes_to_the_dead_letters_with_its_bytes() -> None:
    world = World()
    process = Process(world)
    campaign = msgspec.json.decode(world.alerts[7])
    campaign["finding_info"]["types"].append("Campaign")
    world.alerts[7] = msgspec.json.encode(campaign)
    batch = await process.give(b"{", verdict(99), verdict(7), verdict(1))
    await process.minute()
    assert batch.acked
    assert [reason for _, reason in world.dead] == ["not_feedback", "unknown_finding", "about_a_campaign"]
    assert world.dead[0][0] == b"{"
    assert process.controls.newest is not None
    assert process.controls.newest.learned.findings == 1


async def test_control_records_are_not_published_more_often_than_is_set() -> None:
    world = World()
    process = Process(world)
    await process.give(verdict(1))
    await process.minute()
    for number in range(2, 6):
        await process.give(verdict(number))
        await process.learner.tick()
        await asyncio.sleep(0.01)
    assert len(world.control) == 1
    await process.minute()
    assert len(world.control) == 2


async def test_what_was_taught_stays_when_the_feedback_topic_is_made_anew() -> None:
    world = World()
    process = Process(world)
    await process.give(verdict(1))
    await process.minute()
    world.feedback.clear()
    anew = Process(world, topic_id="another")
    await anew.give(verdict(2))
    await anew.minute()
    newest = anew.controls.newest
    assert newest is not None
    assert (newest.number, newest.learned.findings) == (2, 2)


def test_no_more_findings_are_remembered_than_is_set_and_the_newest_line_counts() -> None:
    told = FindingsTold(10)
    for number in range(20):
        told.take(Record(number, ocsf.alert(finding(number))))
    told.take(Record(20, b"rubbish"))
    with pytest.raises(BadRecord, match="no alert"):
        told.evidence(finding(3).uid)
    later = msgspec.structs.replace(finding(15), sequence=2, reasons=finding(14).reasons)
    told.take(Record(21, ocsf.alert(later)))
    told.take(Record(22, ocsf.alert(finding(15))))
    assert told.evidence(finding(15).uid) == {"always": 1.0, "size": 2.5}
