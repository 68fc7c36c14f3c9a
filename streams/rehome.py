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

from models.packed import PackedAssessor
from models.partition import Checkpoint, Unit
from models.shelf import MemoryShelf
from models.snapshot import pack
from schemas.errors import RefusedToStart, RetryLater
from streams.batches import BatchSender
from streams.checkpoints import CheckpointLog
from streams.configuration import mind_of
from streams.kafka_client import aiokafka_settings
from streams.rehome_plan import Home, Plan, adoptions, is_foreign, plan
from streams.secret import load_secret
from streams.settings import Settings
from streams.topics import TopicState, admin, describe

PATIENCE_SECONDS = 30.0
TOMBSTONES_AT_ONCE = 5_000


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


def rehome(settings: Settings) -> RehomeResult:
    """Write the state anew for the requests topic as it is today; safe to repeat, also after an interruption.

    Nothing that is written counts before the marks, and those come last. Holds every packed state in memory twice:
    about 6 KB a tenant. Raises `RefusedToStart` while workers are alive, when a topic is missing or has more partitions
    than the requests topic, `ForeignState` for state of another version, `RetryLater` when Kafka is away.
    """
    require_no_members(settings)
    states = {state.role: state for state in describe(settings)}
    home, raised = _fit(settings, states)
    blank = mind_of(settings.judgement, load_secret(settings)).assessor().pack()
    try:
        return asyncio.run(_rehome(settings, home, raised, blank))
    except KafkaError as error:
        where = settings.kafka.bootstrap_servers
        raise RetryLater(
            f"Kafka at {where} went away ({type(error).__name__}); run distillwatch rehome again"
        ) from None


# -- the state, without Kafka -----------------------------------------------------------------------------------------


def require_no_members(settings: Settings) -> None:
    """Raise `RefusedToStart` while workers are alive."""
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


async def _rehome(settings: Settings, home: Home, raised: tuple[str, ...], blank: PackedAssessor) -> RehomeResult:
    producer = AIOKafkaProducer(
        **aiokafka_settings(settings.kafka),
        acks="all",
        enable_idempotence=True,
        compression_type="lz4",
        max_batch_size=524_288,
        max_request_size=4_194_304,
    )
    topic = settings.topics.checkpoints
    log = CheckpointLog(topic, BatchSender(lambda: producer), aiokafka_settings(settings.kafka))
    await producer.start()
    try:
        kept = {index: await log.read_all(index) for index in range(home.partitions)}
        needed, aim = is_foreign(kept, home), plan(kept, home, blank)
        if needed:
            anew = [index for index, one in kept.items() if one.mark and one.mark.topic_id != home.topic_id]
            adopted = adoptions(kept, home)
            for index in adopted:
                await log.write_adoptions(index, aim.generation, adopted[index])
            await _write(log, aim, lambda: _forget_offsets(settings, anew))
        current = aim.generation if needed else aim.generation_before
        for index, one in kept.items():
            await forget(producer, topic, index, one.beside(current))
        units = {unit for part in aim.tenants.values() for unit in part}
        read = set[Unit]()
        for index in kept:
            shelf = MemoryShelf()
            await log.read(index, shelf)
            read.update(unit for unit, _ in shelf)
    finally:
        await producer.stop()
    return RehomeResult(
        needed=needed,
        raised=raised,
        generation_before=aim.generation_before,
        generation=current,
        partitions=home.partitions,
        partitions_before=aim.partitions_before if needed else home.partitions,
        moved=aim.moved if needed else 0,
        tenants_before=len(units),
        tenants=len(read),
    )


async def _write(log: CheckpointLog, aim: Plan, before_marks: Callable[[], None]) -> None:
    """Every tenant of every partition first; then the marks, from the first of which on the new state counts."""
    passes = {
        index: Checkpoint(
            generation=aim.generation,
            position=mark.position,
            rows=[],
            tenants=list(aim.tenants[index].items()),
            mark=pack(mark),
        )
        for index, mark in aim.marks.items()
    }
    for index, one in passes.items():
        await log.write_tenants(index, one)
    before_marks()
    for index, one in passes.items():
        await log.write(index, msgspec.structs.replace(one, tenants=[]))


async def forget(producer: Any, topic: str, partition: int, keys: list[bytes]) -> None:
    """Tombstones for what counts no more."""
    for begin in range(0, len(keys), TOMBSTONES_AT_ONCE):
        some = keys[begin : begin + TOMBSTONES_AT_ONCE]
        await asyncio.gather(*[await producer.send(topic, None, key=key, partition=partition) for key in some])
