"""State to a new home: written anew after the requests topic was made anew or got more partitions."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import kafka.errors
import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from kafka import TopicPartition
from msgspec import Struct

from models.partition import Checkpoint, Unit
from models.snapshot import FORM, PartitionState, TenantState, pack, unpack_tenant
from schemas.errors import RefusedToStart, RetryLater
from schemas.partitioner import partition_of
from streams.batches import BatchSender
from streams.checkpoints import CheckpointLog, Kept
from streams.judgement import mind_of
from streams.kafka_client import aiokafka_settings
from streams.secret import load_secret
from streams.settings import Settings
from streams.topics import TopicState, admin, describe

PATIENCE_SECONDS = 30.0
TOMBSTONES_AT_ONCE = 5_000
NEVER = -1  # the position before the first record


class RehomeResult(Struct, frozen=True, kw_only=True):
    """What was there, and what is there now; `moved` tenants are judged on another partition than before.

    `generation` is that of the state; `raised` names the topics that got more partitions. When there was nothing to do
    the numbers before and after are the same.
    """

    needed: bool
    raised: tuple[str, ...]
    generation_before: int
    generation: int
    partitions_before: int
    partitions: int
    tenants_before: int
    tenants: int
    moved: int


class Home(Struct, frozen=True):
    """The requests topic as it is today."""

    topic_id: str
    partitions: int


class Plan(Struct, frozen=True, kw_only=True):
    """The state as it must be: packed tenants and mark of each partition, all of a generation that was never there."""

    generation_before: int
    generation: int
    partitions_before: int
    moved: int
    tenants: dict[int, dict[Unit, bytes]]
    marks: dict[int, PartitionState]


def rehome(settings: Settings) -> RehomeResult:
    """Write the state anew for the requests topic as it is today; safe to repeat, also after an interruption.

    Nothing that is written counts before the marks, and those come last. Holds every packed state in memory twice:
    about 6 KB a tenant. Raises `RefusedToStart` while workers are alive, when a topic is missing or has more partitions
    than the requests topic, `ForeignState` for state of another version, `RetryLater` when Kafka is away.
    """
    _require_no_members(settings)
    states = {state.role: state for state in describe(settings)}
    home, raised = _fit(settings, states)
    blank = mind_of(settings.judgement, load_secret(settings)).assessor().pack()
    try:
        return asyncio.run(_rehome(settings, home, raised, blank))
    except KafkaError as error:
        where = settings.kafka.bootstrap_servers
        raise RetryLater(f"Kafka at {where} went away ({type(error).__name__}); run distillwatch rehome again") from None


# -- the state, without Kafka -----------------------------------------------------------------------------------------


def is_foreign(kept: dict[int, Kept], home: Home) -> bool:
    """Whether a worker of today's topic would refuse some of this state."""
    newest = max((one.generation for one in kept.values()), default=0)
    return any(_is_foreign(one, newest, home) for one in kept.values() if one.newest)


def _is_foreign(one: Kept, newest: int, home: Home) -> bool:
    mark = one.mark
    if one.generation != newest or (mark is None and one.beside(0)):
        return True
    if mark is not None and (mark.topic_id, mark.partitions) != (home.topic_id, home.partitions):
        return True
    return any(unpack_tenant(packed).topic_id != home.topic_id for packed in one.states(newest))


def plan(kept: dict[int, Kept], home: Home, blank: bytes) -> Plan:
    """The state for today's topic; `blank` is the packed assessor of a tenant of which nothing is known.

    Where a tenant was counted its counts stay, for its rows bear that partition, and what was not judged yet there adds to
    them. What was learned of it, its open case and its clock go to the partition where its new requests arrive. A tenant
    that was misplaced by its producer before stays where it is.
    """
    marks = {index: one.mark for index, one in kept.items()}
    newest = max((one.generation for one in kept.values()), default=0)
    before = min((mark.partitions for mark in marks.values() if mark and mark.generation == newest), default=len(kept))
    tenants: dict[int, dict[Unit, bytes]] = {index: {} for index in range(home.partitions)}
    movers: list[tuple[int, TenantState]] = []
    for index, one in kept.items():
        then, packed_states = _as_counted(one, newest, before)
        for packed in packed_states:
            state = _addressed(unpack_tenant(packed), home)
            tenants[index][state.tenant, state.subject] = pack(state)
            if index == partition_of(state.tenant, then) != partition_of(state.tenant, home.partitions):
                movers.append((index, state))
    for index, state in movers:
        _move(state, tenants[index], tenants[partition_of(state.tenant, home.partitions)], blank)
    generation = max((number for one in kept.values() for number in one.generations), default=0) + 1
    return Plan(
        generation_before=newest, generation=generation, partitions_before=before, moved=len(movers), tenants=tenants,
        marks={index: _mark(marks.get(index), index, home, generation) for index in range(home.partitions)},
    )


def _as_counted(one: Kept, newest: int, before: int) -> tuple[int, list[bytes]]:
    """The states of a partition that count, and the number of partitions that they were written for.

    One mark of a generation, on whichever partition, means that all states of that generation are there.
    """
    mark, packed_states = one.mark, one.states(newest)
    if mark is None or (packed_states and mark.generation != newest):
        return before, packed_states or one.states(0)
    return mark.partitions, packed_states or one.states(mark.generation)


def _addressed(state: TenantState, home: Home) -> TenantState:
    position = state.position if state.topic_id == home.topic_id else NEVER
    return msgspec.structs.replace(state, topic_id=home.topic_id, position=position)


def _move(state: TenantState, source: dict[Unit, bytes], target: dict[Unit, bytes], blank: bytes) -> None:
    """What is known of the tenant goes to the target, what was counted stays in the source."""
    unit = (state.tenant, state.subject)
    there = unpack_tenant(target[unit]) if unit in target else None
    target[unit] = pack(msgspec.structs.replace(
        state,
        position=there.position if there else NEVER,
        clock_ms=max(state.clock_ms, there.clock_ms if there else NEVER),
        applied=there.applied if there else 0,
        duplicates=there.duplicates if there else 0,
        late=there.late if there else 0,
        windows=there.windows if there else (),
    ))
    source[unit] = pack(msgspec.structs.replace(
        state, fold_requests=0, fold_first_ms=0, fold_output_tokens=0, fold_model="", case=None, assessor=blank
    ))


def _mark(old: PartitionState | None, index: int, home: Home, generation: int) -> PartitionState:
    same_topic = old is not None and old.topic_id == home.topic_id
    return PartitionState(
        form=FORM, topic_id=home.topic_id, partition=index, partitions=home.partitions,
        position=old.position if old and same_topic else NEVER, generation=generation,
        times_ms=old.times_ms if old else (), dead_letters=old.dead_letters if old else {},
    )


# -- the topics and the group -----------------------------------------------------------------------------------------


def _require_no_members(settings: Settings) -> None:
    group = settings.worker.group
    with admin(settings.kafka) as client:
        try:
            members = len(client.describe_groups([group])[group]["members"])
        except kafka.errors.GroupIdNotFoundError:  # newer brokers say so; older ones describe it as dead
            return
    if members:
        raise RefusedToStart(
            f"{members} worker{'s are' if members > 1 else ' is'} alive in group {group}: stop all of them first (one that was "
            f"killed counts as alive for {settings.worker.session_timeout_seconds:g} s)"
        )


def _fit(settings: Settings, states: dict[str, TopicState]) -> tuple[Home, tuple[str, ...]]:
    """Give the topics that follow the requests topic as many partitions as it has; the names of those that got more."""
    requests, alike = states["requests"], [states["checkpoints"], states["rows"]]
    for state in (requests, *alike):
        if state.topic_id is None:
            raise RefusedToStart(f"topic {state.name} is missing; run `distillwatch topics`")
        if state.partitions > requests.partitions:
            raise RefusedToStart(
                f"topic {requests.name} has {requests.partitions} partitions but {state.name} has {state.partitions}, and Kafka takes "
                f"none away: give {requests.name} {state.partitions}, or begin anew with other names for topics.checkpoints, topics.rows "
                "and worker.group"
            )
    few = {state.name: requests.partitions for state in alike if state.partitions < requests.partitions}
    if few:
        with admin(settings.kafka) as client:
            client.create_partitions(few)
        _wait(lambda: all(state.partitions == few.get(state.name, state.partitions) for state in describe(settings)))
    return Home(str(requests.topic_id), requests.partitions), tuple(few)


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise RetryLater("Kafka has not made the new partitions yet; run distillwatch rehome again")
        time.sleep(0.2)


def _forget_offsets(settings: Settings, partitions: list[int]) -> None:
    """Drop committed offsets that speak of an earlier topic of this name: workers begin where the topic does."""
    group, topic = settings.worker.group, settings.topics.requests
    wanted = [TopicPartition(topic, index) for index in partitions]
    with admin(settings.kafka) as client:
        committed = client.list_group_offsets({group: wanted})[group] if wanted else {}
        there = [tp for tp, found in committed.items() if found.offset >= 0]
        if there:
            client.delete_group_offsets(group, there)


async def _rehome(settings: Settings, home: Home, raised: tuple[str, ...], blank: bytes) -> RehomeResult:
    producer = AIOKafkaProducer(
        **aiokafka_settings(settings.kafka), acks="all", enable_idempotence=True, compression_type="lz4",
        max_batch_size=524_288, max_request_size=4_194_304,
    )
    topic = settings.topics.checkpoints
    log = CheckpointLog(topic, BatchSender(lambda: producer), aiokafka_settings(settings.kafka))
    await producer.start()
    try:
        kept = {index: await log.read_all(index) for index in range(home.partitions)}
        needed, aim = is_foreign(kept, home), plan(kept, home, blank)
        if needed:
            anew = [index for index, one in kept.items() if one.mark and one.mark.topic_id != home.topic_id]
            await _write(log, aim, lambda: _forget_offsets(settings, anew))
        current = aim.generation if needed else aim.generation_before
        for index, one in kept.items():
            await _forget(producer, topic, index, one.beside(current))
        units = {unit for part in aim.tenants.values() for unit in part}
        states = [unpack_tenant(packed) for index in kept for packed in (await log.read(index))[1]]
    finally:
        await producer.stop()
    return RehomeResult(
        needed=needed, raised=raised, generation_before=aim.generation_before, generation=current, partitions=home.partitions,
        partitions_before=aim.partitions_before if needed else home.partitions, moved=aim.moved if needed else 0,
        tenants_before=len(units), tenants=len({(state.tenant, state.subject) for state in states}),
    )


async def _write(log: CheckpointLog, aim: Plan, before_marks: Callable[[], None]) -> None:
    """Every tenant of every partition first; then the marks, from the first of which on the new state counts."""
    passes = {
        index: Checkpoint(
            generation=aim.generation, position=mark.position, rows=[], tenants=list(aim.tenants[index].items()), mark=pack(mark)
        )
        for index, mark in aim.marks.items()
    }
    for index, one in passes.items():
        await log.write_tenants(index, one)
    before_marks()
    for index, one in passes.items():
        await log.write(index, msgspec.structs.replace(one, tenants=[]))


async def _forget(producer: Any, topic: str, partition: int, keys: list[bytes]) -> None:
    """Tombstones for what counts no more."""
    for begin in range(0, len(keys), TOMBSTONES_AT_ONCE):
        some = keys[begin : begin + TOMBSTONES_AT_ONCE]
        await asyncio.gather(*[await producer.send(topic, None, key=key, partition=partition) for key in some])
