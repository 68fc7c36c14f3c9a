"""The search for campaigns over the signals topic: signals in, alerts and rows out, the open campaigns made durable, acknowledged."""

import asyncio
from collections.abc import AsyncIterator, Callable
from time import perf_counter
from typing import Any, Protocol

from models.campaigns.correlator import Correlator
from models.campaigns.state import FORM, CampaignMark, pack_mark, unpack_mark
from schemas.campaign import CampaignFinding
from schemas.errors import BadRecord, ForeignState
from schemas.signal import Signal, decode_message
from streams.delivery import Offsets
from streams.logs import logger
from streams.signal_offsets import SignalOffsets
from streams.telemetry import Telemetry
from streams.topic_owner import Holding, TopicOwner

log = logger(__name__)


class Outside(Protocol):
    """Where what is found goes; each returns when Kafka has accepted it."""

    async def campaigns(self, findings: list[CampaignFinding]) -> None:
        """Alerts and rows."""

    async def bad_signal(self, record: Any, error: BadRecord) -> None:
        """A dead letter."""


class Memory(Protocol):
    """The checkpoint topic, as far as campaigns are concerned."""

    async def write_campaigns(self, position: int, packed: bytes) -> int:
        """Make them durable."""

    async def read_campaigns(self) -> bytes | None:
        """The newest ones."""

    async def forget_campaigns(self) -> None:
        """Drop them."""


class _Held(Holding):
    """The search while this worker holds the signals topic. `position` is the last record taken in, or recalled."""

    def __init__(self, search: Correlator, offsets: SignalOffsets) -> None:
        super().__init__()
        self.search, self.offsets = search, offsets
        self.position = -1


class Campaigns(TopicOwner[_Held]):
    """Owns the search for campaigns while the worker holds the one partition of the signals topic.

    The search is a function of the records of the topic in their order. After a record that ended an epoch its open campaigns are
    written to the checkpoint topic, once the alerts and rows of the epoch were accepted by Kafka, and only then is the batch
    acknowledged; a batch that ends no epoch is acknowledged at once. The newest signals of tenants are not written: `restore`
    reads the topic again, from the first signal that still counts up to that record, and before the first batch everything
    from there up to the batch. So the next owner is where this one was, and tells what was not durable again, to the letter.

    `new` makes an empty search, `topic_id` is that of the signals topic, `read` gives its records from an offset up to another
    one. `forget` begins anew when the state belongs to a topic that was recreated: what was open then is not closed.
    """

    def __init__(  # noqa: PLR0913 - the parts of a worker meet here
        self,
        *,
        new: Callable[[], Correlator],
        expiry_ms: int,
        topic_id: str,
        memory: Memory,
        read: Callable[[int, int], AsyncIterator[list[Any]]],
        publisher: Outside,
        telemetry: Telemetry,
        offsets: Callable[[], Offsets],
        forget: bool = False,
    ) -> None:
        super().__init__(offsets)
        self._new, self._expiry_ms, self._topic_id, self._forget = new, expiry_ms, topic_id, forget
        self._memory, self._read, self._publisher = memory, read, publisher
        self._telemetry = telemetry

    # -- the topic comes and goes -------------------------------------------------------------------------------------

    def _begin(self) -> _Held:
        return _Held(self._new(), SignalOffsets(self._expiry_ms))

    def _end(self, held: _Held) -> None:
        log.info("campaigns released", open=held.search.open, position=held.position)
        for gauge in (self._telemetry.campaign_tenants, self._telemetry.open_campaigns, self._telemetry.campaign_lag):
            gauge.set(0)

    # -- work ---------------------------------------------------------------------------------------------------------

    async def tick(self) -> None:
        """Called often: raises what the restoring raised, and measures how much is left to read."""
        held, end = self._ready(), self._offsets().end
        if held is not None and end is not None:
            self._telemetry.campaign_lag.set(max(0, end - 1 - held.position))

    def details(self) -> dict[str, Any]:
        """For the health page."""
        held = self._held
        if held is None:
            return {"campaigns": "another worker searches for them"}
        end = self._offsets().end
        return {
            "open_campaigns": held.search.open,
            "campaign_tenants": held.search.tenants,
            "campaign_epoch_ms": held.search.epoch_ms,
            "signals_taken": held.position,
            "signals_left": None if end is None else max(0, end - 1 - held.position),
        }

    # -- inside -------------------------------------------------------------------------------------------------------

    async def _work(self, held: _Held, batch: Any) -> None:
        await self._catch_up(held, batch.value[0].offset)
        await self._feed(held, batch.value)
        self._measure(held)
        batch.ack()

    async def _restore(self, held: _Held) -> None:
        packed = await self._memory.read_campaigns()
        mark = unpack_mark(packed) if packed else None
        if mark is not None and mark.topic_id != self._topic_id:
            if not self._forget:
                raise ForeignState(
                    "the signals topic is not the one that the open campaigns in the checkpoint topic were found on: it was created "
                    "anew. To begin anew, without closing those: distillwatch worker --forget-campaigns"
                )
            log.warning("open campaigns are forgotten", campaigns=len(mark.search.campaigns))
            await self._memory.forget_campaigns()
            mark = None
        if mark is not None:
            await self._recall(held, mark)
        self._measure(held)
        log.info("campaigns restored", open=held.search.open, tenants=held.search.tenants, position=held.position)

    async def _recall(self, held: _Held, mark: CampaignMark) -> None:
        held.search.restore(mark.search)
        held.position = mark.position
        first = None
        async for records in self._read(mark.read_from, mark.position + 1):
            first = records[0].offset if first is None and records else first
            await asyncio.to_thread(_recall, held, records)
        if first is not None and first > mark.read_from:
            log.warning("signals that still count are gone from their topic", begin=mark.read_from, first=first)

    async def _catch_up(self, held: _Held, offset: int) -> None:
        """Take in what was acknowledged after the last checkpoint: it ended no epoch, and bad signals were sent away."""
        if held.position + 1 < offset:
            async for records in self._read(held.position + 1, offset):
                await self._feed(held, records, bad_too=False)
            held.position = offset - 1

    async def _feed(self, held: _Held, records: list[Any], *, bad_too: bool = True) -> None:
        records = [record for record in records if record.offset > held.position]
        if not records:
            return
        search, late = held.search, held.search.late
        with self._telemetry.waiting("campaigns"):
            bad, ended = await asyncio.to_thread(self._take_in, held, records)
            if bad and bad_too:
                log.warning("signals that cannot be read", count=len(bad), first_offset=bad[0][0].offset)
                for record, error in bad:
                    await self._publisher.bad_signal(record, error)
            lines, search.findings = search.findings, []
            await self._publisher.campaigns(lines)
            if ended is not None:
                await self._memory.write_campaigns(ended.position, pack_mark(ended))
        self._telemetry.late_signals.inc(search.late - late)

    def _take_in(self, held: _Held, records: list[Any]) -> tuple[list[tuple[Any, BadRecord]], CampaignMark | None]:
        """The records that are no signals, and the state after the last record that ended an epoch; in a thread of its own."""
        search, bad, ended = held.search, [], None
        for record in records:
            held.position = record.offset
            try:
                message = decode_message(record.value)
            except BadRecord as error:
                bad.append((record, error))
                continue
            if isinstance(message, Signal):
                held.offsets.note(message, record.offset)
                search.take(message)
                continue
            epoch_ms, begun = search.epoch_ms, perf_counter()
            search.take(message)
            if search.epoch_ms != epoch_ms:
                self._telemetry.campaign_epoch_seconds.observe(perf_counter() - begun)
                ended = self._mark(held)
        return bad, ended

    def _mark(self, held: _Held) -> CampaignMark:
        return CampaignMark(
            form=FORM,
            topic_id=self._topic_id,
            position=held.position,
            read_from=held.offsets.read_from(held.search.epoch_ms, held.position),
            search=held.search.state(),
        )

    def _measure(self, held: _Held) -> None:
        self._telemetry.campaign_tenants.set(held.search.tenants)
        self._telemetry.open_campaigns.set(held.search.open)


def _recall(held: _Held, records: list[Any]) -> None:
    for record in records:
        try:
            message = decode_message(record.value)
        except BadRecord:  # it was sent away when it came
            continue
        if isinstance(message, Signal):
            held.offsets.note(message, record.offset)
            held.search.recall(message)
