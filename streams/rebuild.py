"""State that cannot be read, built anew: the retained requests of a partition are judged again, to the same totals."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from msgspec import Struct
from msgspec.structs import replace

from models.mind import Mind
from models.partition import Checkpoint, Partition
from models.snapshot import FORM, PartitionState, unpack_partition, unpack_tenant
from schemas.errors import ForeignState, RetryLater
from schemas.finding import Finding
from schemas.rows import FindingRow, TenantWindow, decode_row
from streams.batches import BatchSender
from streams.checkpoint_records import UNIT, body_of, unit_of
from streams.checkpoints import CheckpointLog, Kept
from streams.configuration import mind_of
from streams.judging import judged
from streams.kafka_client import aiokafka_settings
from streams.lag import committed_offsets, end_offsets
from streams.publisher import Publisher
from streams.rehome import forget, require_no_members
from streams.secret import load_secret
from streams.settings import Settings
from streams.telemetry import Telemetry
from streams.topic_limits import MOST_REQUEST_BYTES, most_dead_bytes
from streams.topic_reader import read_between
from streams.topics import topic_identity

NEVER = -1  # the position before the first record
#: Tenants that are changed and not written yet, at most.
WAITING_TENANTS = 20_000

Key = tuple[str, str, int]


class Rebuilt(Struct, frozen=True, kw_only=True):
    """What became of one partition.

    `trouble` is why its state could not be read, `records` how many retained requests were judged again. `young` are the tenants of whose
    past some is not retained: nothing is known of them from before `first_offset`. `rows` are windows that were written anew, `kept_rows`
    those of which requests are missing, and which stay as they were stored; `findings` are lines that had not been told before.
    """

    partition: int
    trouble: str
    generation: int
    first_offset: int
    records: int
    tenants: int
    young: tuple[str, ...]
    rows: int
    kept_rows: int
    findings: int


def rebuild(settings: Settings, partitions: list[int], on_progress: Callable[[int, int], None]) -> list[Rebuilt]:
    """Build the state of these partitions anew, or of all whose state cannot be read when none is named; safe to repeat.

    The new state stands beside the old one until its mark is there, and versions of rows begin above all earlier ones. Holds the rows of
    a partition that are on the rows topic in memory. `on_progress` gets a partition and the records judged so far.
    Raises `RefusedToStart` while workers are alive or a topic is missing, `RetryLater` when Kafka is away.
    """
    require_no_members(settings)
    identity = topic_identity(settings, settings.topics.requests)
    limit, committed = most_dead_bytes(settings), committed_offsets(settings, settings.worker.group)
    wrong = sorted(set(partitions) - set(end_offsets(settings, settings.topics.checkpoints)))
    if wrong:
        raise ForeignState(f"partition {wrong[0]} is not among the {identity[1]} of {settings.topics.requests}")
    mind = mind_of(settings.judgement, load_secret(settings), canaries=True)
    try:
        return asyncio.run(_Rebuilding(settings, mind, identity, limit, on_progress).run(partitions, committed))
    except KafkaError as error:
        raise RetryLater(f"Kafka went away ({type(error).__name__}); run distillwatch rebuild again") from None


def trouble_with(kept: Kept) -> str:
    """Why a worker would refuse this state; empty when it would not."""
    try:
        mark = kept.mark
        for packed in kept.states(kept.generation):
            unpack_tenant(packed)
        kept.adoptions(kept.generation)
    except ForeignState as error:
        return str(error)
    if mark is None and kept.beside(0):
        return "a re-homing or rebuilding was interrupted"
    return ""


class _Rebuilding:
    """One run; owned by its event loop."""

    def __init__(
        self,
        settings: Settings,
        mind: Mind,
        identity: tuple[str, int],
        most_dead_bytes: int,
        on_progress: Callable[[int, int], None],
    ) -> None:
        self._settings, self._mind, self._identity, self._on_progress = settings, mind, identity, on_progress
        self._connection, self._telemetry = aiokafka_settings(settings.kafka), Telemetry()
        self._producer: Any = None
        self._applied: dict[str, int] = {}
        self._log = CheckpointLog(settings.topics.checkpoints, BatchSender(lambda: self._producer), self._connection)
        self._publisher = Publisher(settings.topics, lambda: self._producer, self._telemetry, most_dead_bytes)

    async def run(self, named: list[int], committed: dict[int, int]) -> list[Rebuilt]:
        """Look at every partition, and build anew those that are named or cannot be read."""
        self._producer = AIOKafkaProducer(
            **self._connection,
            acks="all",
            enable_idempotence=True,
            compression_type="lz4",
            max_batch_size=524_288,
            max_request_size=MOST_REQUEST_BYTES,
        )
        await self._producer.start()
        try:
            out = []
            for index in range(self._identity[1]):
                kept = await self._log.read_all(index)
                trouble = trouble_with(kept)
                if index in named or (trouble and not named):
                    out.append(await self._rebuild(index, kept, trouble, committed.get(index, 0)))
            return out
        finally:
            await self._producer.stop()

    async def _rebuild(self, index: int, kept: Kept, trouble: str, committed: int) -> Rebuilt:
        generation = max(kept.generations, default=0) + 1
        old = _readable_mark(kept)
        same = old is not None and old.topic_id == self._identity[0]
        end = max(committed, old.position + 1) if old is not None and same else committed
        stored, told = await self._rows_on(index)
        judge, first = self._blank(index, generation), -1
        if same:
            adoptions = _readable_adoptions(kept)
            judge.adopt(adoptions)
            if adoptions:
                await self._log.write_adoptions(index, generation, adoptions)
        rows: dict[Key, TenantWindow] = {}
        self._applied.clear()
        records = lines = 0
        async for batch in read_between(self._connection, self._settings.topics.requests, index, 0, end):
            if batch:
                first = batch[0].offset if first < 0 else first
                records += len(batch)
                judged(judge, batch, self._mind.hasher, self._telemetry)
                lines += await self._tell(judge, told)
                if judge.changed >= WAITING_TENANTS:
                    await self._write(judge, rows)
                self._on_progress(index, records)
        judge.position = max(judge.position, end - 1)  # also when nothing of it is retained
        last = await self._write(judge, rows)
        missing = {key for key, row in rows.items() if key in stored and row.requests < stored[key].requests}
        await self._publisher.rows(index, [row for key, row in rows.items() if key not in missing])
        await self._end(judge, kept, last, old)
        lost = {key[0] for key, row in stored.items() if key not in rows or row.requests > rows[key].requests}
        return Rebuilt(
            partition=index,
            trouble=trouble,
            generation=generation,
            first_offset=max(first, 0),
            records=records,
            tenants=judge.tenants,
            young=_young(kept, lost, self._applied),
            rows=len(rows) - len(missing),
            kept_rows=len(missing),
            findings=lines,
        )

    def _blank(self, index: int, generation: int) -> Partition:
        topic_id, partitions = self._identity
        judge = Partition(self._mind, index, partitions, topic_id, self._settings.worker.hydrated_tenants)
        judge.restore(_mark(topic_id, index, partitions, generation, self._settings.worker.state_form), [])
        return judge

    async def _tell(self, judge: Partition, told: set[str]) -> int:
        """Publish the lines that were not told before; dead letters and signals were, and a canary is over."""
        findings: list[tuple[int, Finding]] = [one for one in judge.findings if one[1].line_uid not in told]
        for offset, finding in findings:
            for sent in await self._publisher.finding(judge.index, judge.version_of(offset), finding):
                await sent
        for done in (judge.findings, judge.dead, judge.messages, judge.canaries.findings):
            done.clear()
        return len(findings)

    async def _write(self, judge: Partition, rows: dict[Key, TenantWindow]) -> Checkpoint:
        done = judge.checkpoint()
        rows |= {(row.tenant, row.subject, row.window_start_ms): row for row in done.rows}
        self._applied |= {unit[0]: unpack_tenant(packed).applied for unit, packed in done.tenants}
        await self._log.write_tenants(judge.index, done)
        await self._log.write_tombstones(judge.index, done)
        return replace(done, rows=[], tenants=[], forgotten=[])

    async def _end(self, judge: Partition, kept: Kept, last: Checkpoint, old: PartitionState | None) -> None:
        """The mark, from which on the new state counts; then what was there before goes."""
        mark = unpack_partition(last.mark)
        if old is not None and old.dead_letters.values() and judge.position <= old.position:
            judge.totals.dead_letters.clear()
            judge.totals.dead_letters.update(old.dead_letters)
            last = await self._write(judge, {})
        await self._log.write(judge.index, last)
        await forget(self._producer, self._settings.topics.checkpoints, judge.index, kept.beside(mark.generation))

    async def _rows_on(self, index: int) -> tuple[dict[Key, TenantWindow], set[str]]:
        """The newest version of each window of this partition on the rows topic, and the ids of the lines that were told."""
        windows: dict[Key, TenantWindow] = {}
        told: set[str] = set()
        async for batch in read_between(self._connection, self._settings.topics.rows, index):
            for record in batch:
                row = decode_row(record.value)
                if isinstance(row, FindingRow):
                    told.add(row.line_uid)
                elif isinstance(row, TenantWindow):
                    key = (row.tenant, row.subject, row.window_start_ms)
                    if key not in windows or windows[key].version <= row.version:
                        windows[key] = row
        return windows, told


def _mark(topic_id: str, index: int, partitions: int, generation: int, form: int | None) -> PartitionState:
    return PartitionState(
        form=form or FORM,
        topic_id=topic_id,
        partition=index,
        partitions=partitions,
        position=NEVER,
        generation=generation,
        times_ms=(),
        dead_letters={},
    )


def _readable_mark(kept: Kept) -> PartitionState | None:
    try:
        return kept.mark
    except ForeignState:
        return None


def _readable_adoptions(kept: Kept) -> list[Any]:
    try:
        return kept.adoptions(max(kept.generations, default=0))
    except ForeignState:
        return []


def _young(kept: Kept, missing: set[str], applied: dict[str, int]) -> tuple[str, ...]:
    """The tenants of which not all requests are retained; `missing` are those whose windows say so, `applied` counts what is there."""
    out = set(missing)
    for key, value in kept.newest.items():
        if not key.startswith(UNIT):
            continue
        tenant = unit_of(key)[0]
        try:
            known = unpack_tenant(body_of(value)).applied
        except ForeignState:
            known = 1
        if known > applied.get(tenant, 0):
            out.add(tenant)
    return tuple(sorted(out))
