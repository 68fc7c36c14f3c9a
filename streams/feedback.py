"""The learner over the feedback topic: verdicts in, numbered control records out, what was learned from made durable first."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

from models.feedback import Memory
from schemas.control import Control
from schemas.errors import BadRecord
from schemas.feedback import decode_feedback
from streams.controls import Controls
from streams.delivery import Offsets
from streams.feedback_evidence import FindingsTold
from streams.logs import logger
from streams.telemetry import Telemetry
from streams.topic_owner import Holding, TopicOwner

log = logger(__name__)


class Outside(Protocol):
    """Where what is learned goes; each returns when Kafka has accepted it."""

    async def control(self, control: Control) -> None:
        """The next control record."""

    async def bad_feedback(self, record: Any, error: BadRecord) -> None:
        """A dead letter."""


class Store(Protocol):
    """The checkpoint topic, as far as verdicts are concerned."""

    async def write_feedback(self, serial: int, packed: bytes) -> None:
        """Make them durable."""

    async def read_feedback(self) -> bytes | None:
        """The newest ones."""


class _Held(Holding):
    """The learner while this worker holds the feedback topic; `waiting` are batches whose verdicts are not durable yet."""

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self.memory = memory
        self.waiting: deque[Any] = deque()
        self.publishing: asyncio.Task[None] | None = None
        self.due = True  # what was durable when an earlier owner died may not be published


class Learner(TopicOwner[_Held]):
    """Owns what analysts taught while the worker holds the one partition of the feedback topic.

    A pass, at most every `publish_seconds`: the next control record is made of every verdict that counts, written to the
    checkpoint topic with the verdicts, then published, then the batches are acknowledged. So whoever goes on after a crash publishes
    under that number what was written down, to the byte, and a record that is on the topic already is not sent again.

    `controls` and `told` are what is known of the control and of the alerts topic; the functions beside them read those topics up to
    their present end. `read` gives the records of the feedback topic from an offset up to another one.
    """

    def __init__(  # noqa: PLR0913 - the parts of a worker meet here
        self,
        *,
        topic_id: str,
        store: Store,
        read: Callable[[int, int], AsyncIterator[list[Any]]],
        controls: Controls,
        read_controls: Callable[[], Awaitable[None]],
        told: FindingsTold,
        read_alerts: Callable[[], Awaitable[None]],
        publisher: Outside,
        telemetry: Telemetry,
        offsets: Callable[[], Offsets],
        monotonic: Callable[[], float],
        publish_seconds: float,
    ) -> None:
        super().__init__(offsets)
        self._topic_id, self._store, self._read = topic_id, store, read
        self._controls, self._read_controls = controls, read_controls
        self._told, self._read_alerts = told, read_alerts
        self._publisher, self._telemetry = publisher, telemetry
        self._monotonic, self._publish_seconds = monotonic, publish_seconds
        self._published_at = -publish_seconds

    # -- the topic comes and goes -------------------------------------------------------------------------------------

    def _begin(self) -> _Held:
        return _Held(Memory(self._topic_id))

    def _end(self, held: _Held) -> None:
        held.waiting.clear()

    # -- work ---------------------------------------------------------------------------------------------------------

    async def tick(self) -> None:
        """Called every second or so: begins the pass that is due, and raises what a background task raised."""
        held = self._ready()
        if held is None:
            return
        if held.publishing is not None and held.publishing.done():
            held.publishing.result()
            held.publishing = None
        if held.publishing is None and held.due and self._monotonic() - self._published_at >= self._publish_seconds:
            self._published_at = self._monotonic()
            held.publishing = asyncio.create_task(self._pass(held), name="publish a control record")

    def details(self) -> dict[str, Any]:
        """For the health page."""
        held = self._held
        if held is None:
            return {"feedback": "another worker learns from it"}
        newest = self._controls.newest
        return {"verdicts_taken": held.memory.serial, "control_newest": newest.number if newest is not None else 0}

    # -- inside -------------------------------------------------------------------------------------------------------

    async def _restore(self, held: _Held) -> None:
        packed = await self._store.read_feedback()
        if packed is not None:
            held.memory = Memory.unpack(packed)
        if held.memory.topic_id != self._topic_id:
            log.warning("the feedback topic was created anew; what its verdicts taught is kept")
            held.memory.topic_id, held.memory.position = self._topic_id, -1
        log.info("verdicts restored", verdicts=held.memory.serial, position=held.memory.position)

    async def _work(self, held: _Held, batch: Any) -> None:
        first = batch.value[0].offset
        if held.memory.position + 1 < first:  # nothing in it was of use, or what was learned of it is lost
            async for records in self._read(held.memory.position + 1, first):
                await self._feed(held, records, bad_too=False)
        await self._feed(held, batch.value)
        held.waiting.append(batch)
        held.due = True

    async def _feed(self, held: _Held, records: list[Any], *, bad_too: bool = True) -> None:
        await self._read_alerts()  # a verdict comes after the alert that it is about
        for record in records:
            if record.offset <= held.memory.position:
                continue
            try:
                feedback = decode_feedback(record.value)
                evidence = self._told.evidence(feedback.finding_uid)
            except BadRecord as error:
                log.warning("feedback that cannot be used", offset=record.offset, reason=error.reason, detail=str(error))
                if bad_too:
                    await self._publisher.bad_feedback(record, error)
            else:
                held.memory.take(feedback, evidence)
                self._telemetry.verdicts.labels(feedback.verdict).inc()
            held.memory.position = record.offset

    async def _pass(self, held: _Held) -> None:
        """Publish what is durable and not on the topic; then the next record, until it is the one of its number."""
        async with self._lock:
            if self._held is not held:
                return
            memory, held.due = held.memory, False
            await self._read_controls()
            if memory.control is not None and _number(memory.control) > _number(self._controls.newest):
                await self._publish(memory.control)
            while (control := await asyncio.to_thread(memory.next_control, self._controls.newest)) is not None:
                memory.control = control
                await self._store.write_feedback(memory.serial, memory.pack())
                await self._publish(control)
            for batch in held.waiting:
                batch.ack()
            held.waiting.clear()

    async def _publish(self, control: Control) -> None:
        await self._publisher.control(control)
        await self._read_controls()
        log.info("control record published", number=control.number, findings=control.learned.findings)


def _number(control: Control | None) -> int:
    return control.number if control is not None else 0
