"""A start with local copies of the checkpoint topic: what comes of it is what comes of reading the topic, or the copy is thrown away."""

import random
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from models.adoptions import Adoption
from models.partition import Checkpoint
from models.shelf import MemoryShelf
from models.snapshot import FORM, PartitionState, pack
from streams.batches import BatchSender
from streams.checkpoints import CheckpointLog
from streams.kafka_client import aiokafka_settings
from streams.settings import Settings
from streams.topic_copies import TopicCopies
from streams.topics import topic_identity
from tests.conftest import MakeSettings
from tests.integration.drill import Expected, Kept, judged, pass_time, wait_until
from tests.integration.exact import require_exact
from tests.integration.stage import EAGER, RESTARTING, hydra, sending
from tests.streams.test_rehome import tenant

NAMES = [f"org_{number}" for number in range(40)]
Found = tuple[dict[tuple[str, str], bytes], PartitionState | None, list[Adoption]]
Write = Callable[[int, int], Awaitable[None]]


@pytest.fixture
def settings(make_settings: MakeSettings) -> Settings:
    return make_settings(topics={"partitions": 1})


@pytest.fixture
async def write(settings: Settings) -> AsyncIterator[Write]:
    """Writes the passes between two positions, some of them with tombstones; others than the copier write too, so it is not told."""
    producer = AIOKafkaProducer(**aiokafka_settings(settings.kafka), acks="all", enable_idempotence=True)
    await producer.start()
    log = CheckpointLog(settings.topics.checkpoints, BatchSender(lambda: producer), {})

    async def passes(begin: int, end: int) -> None:
        for position in range(begin, end):
            chance = random.Random(position)
            changed = chance.sample(NAMES, 7)
            states = [((name, ""), pack(tenant(name, position, position=position))) for name in changed[2:]]
            mark = pack(_mark(position))
            forgotten = [(name, "") for name in changed[:2]]
            await log.write(0, Checkpoint(generation=0, position=position, rows=[], tenants=states, mark=mark, forgotten=forgotten))

    yield passes
    await producer.stop()


def _mark(position: int) -> PartitionState:
    return PartitionState(
        form=FORM,
        topic_id="old",
        partition=0,
        partitions=1,
        position=position,
        generation=0,
        times_ms=(position,),
        dead_letters={},
    )


def copies_of(settings: Settings, directory: Path, **other: str) -> TopicCopies:
    name = settings.topics.checkpoints
    identity = {"topic": name, "topic_id": topic_identity(settings, name)[0]} | other
    return TopicCopies(directory, aiokafka_settings(settings.kafka), **identity, checkpoint_seconds=5)


async def read(settings: Settings, copies: TopicCopies | None) -> Found:
    shelf = MemoryShelf()
    sender: Any = None
    log = CheckpointLog(settings.topics.checkpoints, sender, aiokafka_settings(settings.kafka), copies)
    mark, adoptions = await log.read(0, shelf)
    return dict(shelf), mark, adoptions


async def is_trusted(copies: TopicCopies) -> bool:
    trusted = await copies.trusted(0) is not None
    await copies.stop()
    return trusted


async def test_a_copy_followed_for_a_while_and_the_rest_of_the_topic_give_the_same_state(
    settings: Settings, write: Write, tmp_path: Path
) -> None:
    for begin, end in ((0, 20), (20, 35), (35, 36)):
        copies = copies_of(settings, tmp_path)
        assert await read(settings, copies) == await read(settings, None)
        await write(begin, end)
        await copies.catch_up(0)
        await copies.stop()
        assert await is_trusted(copies_of(settings, tmp_path))
    await write(36, 60)
    assert await read(settings, copies_of(settings, tmp_path)) == await read(settings, None)


async def test_the_file_of_an_older_checkpoint_is_as_good_as_the_newest(settings: Settings, write: Write, tmp_path: Path) -> None:
    copies, old = copies_of(settings, tmp_path / "now"), tmp_path / "old"
    (tmp_path / "now").mkdir()
    await read(settings, copies)
    await write(0, 10)
    await copies.catch_up(0)
    shutil.copytree(tmp_path / "now", old)
    await write(10, 30)
    await copies.catch_up(0)
    await copies.stop()
    assert await is_trusted(copies_of(settings, old))
    assert await read(settings, copies_of(settings, old)) == await read(settings, None)


@pytest.mark.parametrize("other", ["its id", "its records"])
async def test_the_file_of_another_topic_is_thrown_away(
    make_settings: MakeSettings, settings: Settings, write: Write, tmp_path: Path, other: str
) -> None:
    second = make_settings(topics={"partitions": 1})
    names = {"topic_id": "the same"} if other == "its records" else {}
    copies = copies_of(settings, tmp_path, **names)
    await read(settings, copies)
    await write(0, 10)
    await copies.catch_up(0)
    await copies.stop()
    foreign = copies_of(second, tmp_path, **names)
    assert not await is_trusted(foreign)
    assert await read(second, foreign) == ({}, None, [])
    await foreign.stop()


async def test_a_damaged_file_is_thrown_away_and_begun_anew(settings: Settings, write: Write, tmp_path: Path) -> None:
    copies = copies_of(settings, tmp_path)
    await read(settings, copies)
    await write(0, 30)
    await copies.catch_up(0)
    await copies.stop()
    (tmp_path / "copy-0.sqlite").write_bytes(b"this is no database" * 1000)
    again = copies_of(settings, tmp_path)
    assert await read(settings, again) == await read(settings, None)
    await again.catch_up(0)
    await again.stop()
    assert await is_trusted(copies_of(settings, tmp_path))


def test_a_worker_killed_at_random_moments_begins_with_its_copies_and_ends_as_if_undisturbed(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    warm = {"state_directory": tmp_path / "state", "warm_start": True}
    settings, traffic = make_settings(worker=RESTARTING | warm, judgement=EAGER), hydra()
    expected = Expected(settings, traffic)
    load, chance = sending(traffic, settings, 40), random.Random(4)
    kept = Kept(settings, tmp_path / "worker.log", "--role", "judge")
    for number in range(1, 4):
        wait_until(lambda told=number: kept.has(lambda _: kept.worker.text().count("is up to date") >= told))  # type: ignore[misc]
        pass_time(chance.uniform(0, 4))
        kept.worker.kill()
        kept.start()
    load.join()
    wait_until(lambda: kept.has(judged))
    assert kept.worker.stop() == 0, kept.worker.text()[-4000:]
    require_exact(settings, expected)
    assert "state comes from the local copy" in kept.worker.text()
    assert "thrown away" not in kept.worker.text()
