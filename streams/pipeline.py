"""From a batch of records to everything it causes: judged, published, made durable, acknowledged, in that order."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from msgspec.structs import replace

from models.mind import Mind
from models.partition import Partition, Totals
from models.shelf import MemoryShelf, Shelf
from schemas.errors import ForeignState, Unreadable
from streams.checkpoints import JUDGE_ANEW, CheckpointLog
from streams.controls import Adopting, Controls
from streams.counting import count, details, measure, sum_of
from streams.deadletter import DeadLetterLimit
from streams.delivery import Offsets
from streams.held import HeldPartition
from streams.judging import is_due, judged
from streams.logs import logger
from streams.publisher import Publisher
from streams.settings import WorkerSettings
from streams.telemetry import Telemetry

log = logger(__name__)


class Pipeline:
    """Owns the partitions that a worker holds.

    A batch is acknowledged when the state it led to is durable, and that happens after its alerts, dead letters and rows were accepted
    by Kafka. So a worker that dies at any moment leaves a tail that the next one judges again, to the same effect, and nothing else.

    `identity` is the topic id and the number of partitions of the requests topic; `offsets` tells of a partition the group's committed
    offset and the end of its log; `monotonic` is the clock of the checkpoint interval, `wall` that of the lag. After a failure in a
    partition nothing of it is made durable any more: a mark would vouch for what was left half done. `controls` knows the newest
    control record, as of the last `read_controls`. `open_shelf` gives a partition the place where its tenants rest, `close_shelf` takes
    it back.
    """

    def __init__(  # noqa: PLR0913 - the parts of a worker meet here
        self,
        *,
        mind: Mind,
        settings: WorkerSettings,
        identity: tuple[str, int],
        checkpoints: CheckpointLog,
        publisher: Publisher,
        telemetry: Telemetry,
        offsets: Callable[[int], Offsets],
        monotonic: Callable[[], float],
        wall: Callable[[], float],
        past: dict[int, int],
        controls: Controls,
        read_controls: Callable[[], Awaitable[None]],
        open_shelf: Callable[[int], Shelf] = lambda _: MemoryShelf(),
        close_shelf: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._mind, self._settings, self._identity = mind, settings, identity
        self._checkpoints, self._publisher, self._telemetry = checkpoints, publisher, telemetry
        self._offsets, self._monotonic, self._wall, self._past = offsets, monotonic, wall, past
        self._adopting = Adopting(controls, checkpoints, offsets)
        self._read_controls, self._open_shelf, self._close_shelf = read_controls, open_shelf, close_shelf
        self._reading: asyncio.Task[None] | None = None
        self._held: dict[int, HeldPartition] = {}

    # -- partitions come and go ---------------------------------------------------------------------------------------

    def take(self, partitions: Iterable[int]) -> None:
        """Begin to hold partitions: their state is read back in the background, and batches wait for it."""
        for index in partitions:
            if index not in self._held:
                held = self._held[index] = self._new_held(index)
                held.restoring = asyncio.create_task(self._restore(held), name=f"restore partition {index}")
        self._telemetry.rebalances.inc()
        self._deal()

    async def release(self, partitions: Iterable[int]) -> None:
        """Make durable what is applied in these partitions and stop holding them."""
        held = {index: self._held[index] for index in partitions if index in self._held}
        try:
            await asyncio.gather(*(self._finish(one) for one in held.values()))
        finally:
            for index, one in held.items():
                self._cancel(one)
                del self._held[index]
                self._close_shelf(index)
                self._telemetry.forget_partition(index)
            self._deal()

    # -- work ---------------------------------------------------------------------------------------------------------

    async def handle(self, batch: Any) -> None:
        """Judge one batch of a partition (`batch.value`: its records); it is acknowledged later, when it is safe."""
        index, records = batch.message.tp.partition, batch.value
        held = self._held.get(index)
        if held is None:
            if self._offsets(index).end is None:  # taken away while it was queued: its next owner reads it again
                return
            self.take([index])
            held = self._held[index]
        if not await self._restored(held):
            return
        if held.idle_at is not None:
            async with held.passing:
                await self._publisher.messages(held.wake())
        async with held.lock:
            with _fuse(held):
                await self._adopting.before(held, records[0].offset)
                await self._apply(held, records)
            held.waiting.append(batch)
        if is_due(held.judge, self._settings.checkpoint_bytes):
            await self._checkpoint(held)

    async def tick(self) -> None:
        """Called every second or so: begins the checkpoints that are due, and raises what a background task raised."""
        now = self._monotonic()
        if self._reading is None or self._reading.done():
            _raise_of(self._reading)
            self._reading = asyncio.ensure_future(self._read_controls())
        for index, held in list(self._held.items()):
            _raise_of(held.restoring)
            _raise_of(held.checkpointing)
            idle = held.checkpointing is None or held.checkpointing.done()
            if idle and held.ready.is_set() and now - held.checked_at >= self._settings.checkpoint_seconds:
                held.checked_at = now
                held.checkpointing = asyncio.create_task(self._checkpoint(held), name=f"checkpoint partition {index}")
            self._measure(index, held)

    def totals(self) -> Totals:
        """What became of every record of the partitions held here."""
        return sum_of(held.judge.totals for held in self._held.values())

    def details(self) -> dict[str, Any]:
        """For the health page: totals by fate, and of each partition the last offset applied and the last durable one."""
        return details(self._held, self.totals())

    @property
    def skipping(self) -> list[int]:
        """The partitions that skip records as replays although the tail of the last restart is over: something set offsets back."""
        return sorted(index for index, held in self._held.items() if held.skipping)

    def event_lags(self) -> dict[int, float]:
        """How long ago happened what is judged now, in seconds, by partition."""
        return {index: held.event_lag.seconds or 0.0 for index, held in sorted(self._held.items())}

    @property
    def restoring(self) -> list[int]:
        """The partitions whose state is still being read back."""
        return sorted(index for index, held in self._held.items() if not held.ready.is_set())

    # -- inside -------------------------------------------------------------------------------------------------------

    def _new_held(self, index: int) -> HeldPartition:
        topic_id, partitions = self._identity
        shelf = self._open_shelf(index)
        judge = Partition(self._mind, index, partitions, topic_id, shelf=shelf, form=self._settings.state_form or 0)
        limit = DeadLetterLimit(self._settings, self._past.get(index, -1))
        # Spread over the interval: packing all partitions at one moment would hold up every alert until the last is packed.
        ahead = self._settings.checkpoint_seconds * (index % partitions) / partitions
        return HeldPartition(judge, limit, self._monotonic() - ahead)

    def _deal(self) -> None:
        """Deal the tenants that may be awake in a worker to its partitions."""
        self._telemetry.partitions.set(len(self._held))
        for held in self._held.values():
            held.judge.roster.most_awake = max(1, self._settings.hydrated_tenants // len(self._held))

    async def _restore(self, held: HeldPartition) -> None:
        try:
            mark, adoptions = await self._checkpoints.read(held.judge.index, held.judge.shelf)
            held.judge.resume(mark)
            for _ in held.judge.recount():
                await asyncio.sleep(0)
        except Unreadable as error:
            raise ForeignState(f"partition {held.judge.index}: {error}; {JUDGE_ANEW}") from None
        held.judge.adopt(adoptions)
        held.durable = held.judge.position
        held.ready.set()
        log.info("partition restored", partition=held.judge.index, tenants=held.judge.tenants, position=held.durable)

    async def _restored(self, held: HeldPartition) -> bool:
        """Wait for the state; False when the partition was taken away meanwhile.

        Raises `ForeignState` when the group's offset is ahead of the state, for the events between would be missing.
        """
        if held.checked_offset:
            return True
        if held.restoring is not None:
            await asyncio.wait([held.restoring])
            if held.restoring.cancelled() or self._held.get(held.judge.index) is not held:
                return False
            held.restoring.result()
        committed = self._offsets(held.judge.index).committed
        if committed is not None and committed > held.durable + 1:
            raise ForeignState(
                f"the committed offset {committed} of partition {held.judge.index} is ahead of its newest checkpoint ({held.durable}): "
                "the checkpoint topic was lost or belongs to another group; set DISTILLWATCH_WORKER__GROUP to a new name to judge "
                "the retained events again"
            )
        held.checked_offset = True
        return True

    async def _apply(self, held: HeldPartition, records: list[Any]) -> None:
        judge, before, position = held.judge, _copy(held.judge.totals), held.judge.position
        events = judged(judge, records, self._mind.hasher, self._telemetry)
        if judge.position > position:
            held.event_lag.see(events, self._wall())
        held.limit.check(records, judge.dead)
        await self._publish(held, {record.offset: record for record in records} if judge.dead else {})
        count(self._telemetry, before, judge.totals)
        held.progressed(judge.position > position)
        if judge.totals.misplaced and not before.misplaced:
            log.warning(
                "tenants arrive on a partition that is not theirs: the producer partitions differently",
                partition=judge.index,
            )

    async def _publish(self, held: HeldPartition, by_offset: dict[int, Any]) -> None:
        judge = held.judge
        dead, judge.dead = judge.dead, []
        findings, judge.findings = judge.findings, []
        canaries, judge.canaries.findings = judge.canaries.findings, []
        with self._telemetry.waiting("publish"):
            for letter in dead:
                held.outstanding.append(await self._publisher.dead_letter(by_offset[letter.offset], letter))
            for offset, finding in findings:
                held.outstanding += await self._publisher.finding(judge.index, judge.version_of(offset), finding)
            for canary in canaries:
                held.outstanding.append(await self._publisher.canary(judge.index, canary, held.event_lag.seconds))
        if len(held.outstanding) > 10_000:
            held.outstanding = [sent for sent in held.outstanding if not sent.done() or sent.exception() is not None]

    async def _checkpoint(self, held: HeldPartition) -> None:
        """Make durable what is applied: alerts, signals and rows first, then the tenants, then the mark; then acknowledge."""
        async with held.passing:
            if held.broken:
                return
            with _fuse(held):
                await self._pass(held)

    async def _pass(self, held: HeldPartition) -> None:
        started = self._monotonic()
        async with held.lock:
            waiting, held.waiting = held.waiting, deque()
            outstanding, held.outstanding = held.outstanding, []
            messages = held.messages(self._offsets(held.judge.index).end)
            with self._telemetry.stage("checkpoint"):
                checkpoint = held.judge.checkpoint() if held.owing else None
        await asyncio.gather(*outstanding)
        if messages:
            await self._publisher.messages(messages)
        if checkpoint is not None:
            await self._publisher.rows(held.judge.index, checkpoint.rows)
            size = await self._checkpoints.write(held.judge.index, checkpoint)
            held.durable = checkpoint.position
            self._telemetry.checkpoints.inc()
            self._telemetry.checkpoint_bytes.inc(size)
            self._telemetry.checkpoint_seconds.observe(self._monotonic() - started)
        for batch in waiting:
            batch.ack()

    async def _finish(self, held: HeldPartition) -> None:
        if held.ready.is_set():
            await self._checkpoint(held)

    def _cancel(self, held: HeldPartition) -> None:
        for task in (held.restoring, held.checkpointing):
            if task is not None and not task.done():
                task.cancel()

    def _measure(self, index: int, held: HeldPartition) -> None:
        measure(self._telemetry, held, self._offsets(index).end, self._wall())


@contextmanager
def _fuse(held: HeldPartition) -> Iterator[None]:
    """Blows when records are left half applied, or a pass half written: by a bug, a rule or a cancellation."""
    try:
        yield
    except BaseException:
        held.broken = True
        raise


def _copy(totals: Totals) -> Totals:
    return replace(totals, dead_letters=totals.dead_letters.copy())


def _raise_of(task: "asyncio.Task[None] | None") -> None:
    if task is not None and task.done() and not task.cancelled():
        task.result()
