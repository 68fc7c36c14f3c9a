"""The consumer: fetches as Faust's does, delivers lists, commits acknowledged prefixes, settles before it lets go."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import Any, NamedTuple

from faust.transport.consumer import ensure_TP
from faust.transport.drivers import aiokafka as stock
from faust.types import TP, ConsumerMessage
from mode import Service

from schemas.errors import RefusedToStart

from .namesake import Namesake, given_up
from .schema import BatchSchema

Records = list[Any]


class Offsets(NamedTuple):
    """What is known of a partition: the offset the group goes on from, and the end of the log; None while unknown."""

    committed: int | None
    end: int | None


class ConsumerThread(stock.AIOKafkaConsumerThread):  # type: ignore[misc]
    """Faust's consumer thread, able to say that we are alive while we take nothing."""

    async def touch(self) -> None:
        """Renew `max.poll.interval`: a sink that is away must not cost the membership."""
        with self._ensure_consumer()._subscription.fetch_context():
            pass

    def membership(self) -> "asyncio.Task[Any] | None":
        """The client's task that keeps us in the group; None while there is none."""
        coordinator = getattr(self._consumer, "_coordinator", None)
        return getattr(coordinator, "_coordination_task", None)

    def member(self) -> str:
        """The id that the group's coordinator knows us by."""
        return str(self._ensure_consumer()._coordinator.member_id)


class Consumer(stock.Consumer):  # type: ignore[misc]
    """Delivers the records of topics with `BatchSchema` by the list.

    Backpressure pauses fetching, never the heartbeat: while an agent's queue is full the delivery waits, and the membership is
    renewed every second. `_delivered` holds, by partition, the last offset of each batch handed out and not yet committed, oldest
    first: only an acknowledged prefix of it is ever committed, whatever Faust's own gap accounting says.
    """

    #: How long a rebalance or a stop waits for what the agents have in hand. Stock waits for ever and freezes the group.
    release_grace_seconds = 5.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._delivered: defaultdict[Any, deque[int]] = defaultdict(deque)
        self._can_fetch = asyncio.Event()
        self._instance = self.app.conf.consumer_group_instance_id
        self._namesake = Namesake(self._instance) if self._instance else None

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    @Service.task  # type: ignore[untyped-decorator]
    async def _watch_membership(self) -> None:
        """End when the client is no member any more and will never be one again: it would stand still unseen."""
        while not self.should_stop:
            error = given_up(self._thread.membership(), self._instance)
            if error is not None:
                await self.app.crash(error)
                return
            await self.sleep(1.0)

    # -- flow ---------------------------------------------------------------------------------------------------------

    def on_buffer_drop(self, tp: Any) -> None:
        """A full queue has room again."""
        super().on_buffer_drop(tp)
        self._can_fetch.set()

    def resume_partitions(self, tps: Iterable[Any]) -> None:
        """Partitions that were paused may be fetched again."""
        super().resume_partitions(tps)
        self._can_fetch.set()

    async def _wait_for_room(self) -> None:
        """Every partition is paused: stay a member, and look again when one has room."""
        self._can_fetch.clear()
        if self.assignment():
            await self._thread.call_thread(self._thread.touch)
        try:
            await asyncio.wait_for(self._can_fetch.wait(), 1.0)
        except TimeoutError:
            return

    async def _stay_member(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            if self.assignment():
                await self._thread.call_thread(self._thread.touch)

    # -- delivery -----------------------------------------------------------------------------------------------------

    async def _drain_messages(self, fetcher: Any) -> None:
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):
                await asyncio.sleep(0)
                await self._fetch_and_deliver()
        except (*self.consumer_stopped_errors, asyncio.CancelledError):
            if not self.app.should_stop:
                raise

    async def _fetch_and_deliver(self) -> None:
        if self.flow_active and not self._get_active_partitions():
            await self._wait_for_room()
            return
        fetched, _ = await self._wait_next_records(1.0)
        if fetched is None or self.should_stop:
            return
        if not self.flow_active:  # fetched while a rebalance began: whoever owns the partition next reads them again
            await self.perform_seek()
            return
        generation = self.app.consumer_generation_id
        for tp, records in self._in_turn(fetched):
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            await self._deliver(tp, records, generation)

    async def perform_seek(self) -> None:
        """Read on behind what is committed, and from the beginning where nothing is: stock Faust goes on there, behind what was fetched."""
        await super().perform_seek()
        begun = [tp for tp in self.assignment() if not self._read_offset[tp]]
        if begun:
            await self.seek_wait(await self.earliest_offsets(*begun))

    def _in_turn(self, fetched: dict[Any, Records]) -> Iterator[tuple[Any, Records]]:
        """Batches round-robin over the partitions, so that a full one does not starve the others."""
        size = self.app.batch_records
        left = {ensure_TP(tp): deque(r[i : i + size] for i in range(0, len(r), size)) for tp, r in fetched.items()}
        for tp in left:
            self.app.monitor.track_tp_end_offset(tp, self.highwater(tp))
        while left:
            for tp in list(left):
                yield tp, left[tp].popleft()
                if not left[tp]:
                    del left[tp]

    async def _deliver(self, tp: Any, records: Records, generation: int) -> None:
        read = self._read_offset[tp]
        if read is not None and records[0].offset < read:
            records = [record for record in records if record.offset >= read]
        if not records:
            return
        if not self._is_batched(tp.topic):
            raise TypeError(f"topic {tp.topic} has no BatchSchema: this transport delivers by the batch only")
        last = records[-1]
        message = ConsumerMessage(
            tp.topic,
            tp.partition,
            last.offset,
            last.timestamp / 1000.0,
            last.timestamp_type,
            last.headers,
            None,
            records,
            None,
            0,
            0,
            tp,
            generation_id=generation,
        )
        self._delivered[tp].append(last.offset)
        await self.wait_first(self.callback(message), self.suspend_flow.wait(), self._stay_member())
        self._read_offset[tp] = last.offset + 1

    def _is_batched(self, topic: str) -> bool:
        channels = self.app.topics._topic_name_index.get(topic) or ()
        return bool(channels) and all(isinstance(channel.schema, BatchSchema) for channel in channels)

    # -- offsets ------------------------------------------------------------------------------------------------------

    def _new_offset(self, tp: Any) -> int | None:
        """What may be committed: one past the acknowledged prefix of what was delivered."""
        acked, delivered, last = self._acked_index[tp], self._delivered[tp], None
        while delivered and delivered[0] in acked:
            last = delivered.popleft()
            acked.discard(last)
        self._acked[tp].clear()
        self._acked[tp].extend(acked)
        return None if last is None else last + 1

    def offsets(self, topic: str, partition: int) -> Offsets:
        """The committed offset and the end of an assigned partition, as last heard of."""
        tp = TP(topic, partition)
        return Offsets(self._committed_offset[tp], self.highwater(tp) if tp in self.assignment() else None)

    async def settle(self, partitions: set[Any]) -> None:
        """Let the owner make durable what is applied, then commit what it acknowledged."""
        try:
            await asyncio.wait_for(self.app.before_release(partitions), self.release_grace_seconds)
        except TimeoutError:
            self.log.warning("partitions are given up before their state was durable; it will be replayed")
        await self.commit()

    async def on_partitions_assigned(self, assigned: set[Any], generation_id: int = 0) -> None:
        """Take them, unless a worker of the same name takes them too."""
        await super().on_partitions_assigned(assigned, generation_id)
        if self._namesake is not None:
            try:
                self._namesake.check(self._thread.member(), monotonic())
            except RefusedToStart as error:
                await self.app.crash(error)

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        """Settle first: stock Faust forgets acknowledgements before it commits them."""
        if revoked and not self.app.should_stop:
            self.stop_flow()
            self.app.flow_control.suspend()
            self.app.flow_control.clear()  # what is queued is fetched again by its next owner
            await self.settle(revoked)
        for tp in revoked:
            self._delivered.pop(tp, None)
        await super().on_partitions_revoked(revoked)
