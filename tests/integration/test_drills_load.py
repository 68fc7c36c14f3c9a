"""Drills: traffic of odd shapes, offsets set back, and state that cannot be read."""

import asyncio
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from models.snapshot import FORM
from schemas.codec import decode_event
from schemas.errors import RetryLater
from schemas.partitioner import partition_of
from streams.checkpoint_records import tenant_key
from streams.kafka_client import aiokafka_settings, kafka_python_settings
from streams.lag import records_left
from streams.replay import replay
from streams.settings import Settings
from streams.tail import read_topic
from streams.topics import create_topics
from tests.conftest import MakeSettings
from tests.integration.drill import Expected, Kept, WorkerProcess, judged, totals_on, wait_until
from tests.integration.exact import require_exact
from tests.integration.stage import EAGER, RESTARTING, Stage, finish, hydra
from tests.models.events import HOUR_MS, event

pytestmark = pytest.mark.drill

FLOOD_SECONDS = 1200


def judge(settings: Settings, directory: Path) -> Kept:
    return Kept(settings, directory / "worker.log", "--role", "judge")


def end(kept: Kept, seconds: float = 300) -> None:
    wait_until(lambda: kept.has(judged), seconds=seconds)
    assert kept.worker.stop() == 0, kept.worker.text()[-4000:]


def set_back(settings: Settings) -> None:
    """Commit offset 0 of every partition for the group, which has no member."""
    topic = settings.topics.requests
    consumer = KafkaConsumer(**kafka_python_settings(settings.kafka), group_id=settings.worker.group)
    try:
        consumer.commit(
            {TopicPartition(topic, index): OffsetAndMetadata(0, "", -1) for index in range(settings.topics.partitions)}
        )
    finally:
        consumer.close()


def write_state(settings: Settings, partition: int, key: bytes, value: bytes) -> None:
    """Put a record on the checkpoint topic, as a worker would."""

    async def write() -> None:
        producer = AIOKafkaProducer(**aiokafka_settings(settings.kafka))
        await producer.start()
        try:
            await producer.send_and_wait(settings.topics.checkpoints, value, key=key, partition=partition)
        finally:
            await producer.stop()

    asyncio.run(write())


def test_the_whole_topic_delivered_again_changes_nothing(
    stage: Stage, tmp_path: Path
) -> None:
    settings, traffic, expected = stage()
    half = len(traffic) // 2
    replay(traffic[:half], settings)
    kept = Kept(settings, tmp_path / "worker.log")
    finish(kept)
    set_back(settings)
    assert not judged(settings)
    replay(traffic[half:], settings)
    kept.start()
    finish(kept)
    require_exact(settings, expected, stored=True)


def test_a_tenant_with_nine_tenths_of_the_traffic_takes_nothing_from_the_others(
    stage: Stage, tmp_path: Path
) -> None:
    settings, traffic, alone = stage()
    mixed = []
    for number, record in enumerate(traffic):
        at_ms = decode_event(record).ts
        mixed += [msgspec.json.encode(event(9 * number + more, at_ms, "org_huge")) for more in range(9)]
        mixed.append(record)
    expected = Expected(settings, mixed)
    assert alone.alerts.items() <= expected.alerts.items()
    replay(mixed, settings)
    kept = Kept(settings, tmp_path / "worker.log")
    wait_until(lambda: kept.has(lambda _: sum(totals_on(settings).values()) > len(mixed) / 3))
    kept.worker.kill()
    finish(kept)
    require_exact(settings, expected, stored=True)
    print(f"\n{len(mixed)} events, 9 in 10 of one tenant")


@pytest.mark.parametrize("tenants", [100_000, 1_000_000])
def test_a_flood_of_tenants_of_one_event_evicts_no_suspect_and_comes_back_after_a_kill(
    make_settings: MakeSettings, tmp_path: Path, tenants: int
) -> None:
    little = {"hydrated_tenants": 1000, "tenants_in_memory": tenants // 5}
    settings, traffic = make_settings(worker=RESTARTING | little, judgement=EAGER), hydra()
    mixed = flooded(traffic, tenants)
    expected = Expected(settings, mixed)
    replay(mixed, settings)
    kept = judge(settings, tmp_path)
    wait_until(lambda: kept.has(lambda _: judged_share(settings, len(mixed)) > 0.5), seconds=FLOOD_SECONDS)
    kept.worker.kill()
    end(kept, FLOOD_SECONDS)
    require_exact(settings, expected)
    print(f"\n{expected.result.tenants} tenants, {len(expected.alerts)} alerts")


def flooded(traffic: list[bytes], tenants: int) -> list[bytes]:
    """So many tenants more, each with one event, among the traffic."""
    begin_ms, per_event = decode_event(traffic[0]).ts, -(-tenants // len(traffic))
    mixed, number = [], 0
    for record in traffic:
        at_ms = max(begin_ms, decode_event(record).ts - HOUR_MS)
        for _ in range(min(per_event, tenants - number)):
            mixed.append(msgspec.json.encode(event(0, at_ms, f"org_once_{number}")))
            number += 1
        mixed.append(record)
    assert number == tenants
    return mixed


def judged_share(settings: Settings, records: int) -> float:
    """Of the records, as far as the group has said yet."""
    with suppress(RetryLater):
        return 1 - records_left(settings, settings.worker.group, settings.topics.requests) / records
    return 0.0


def test_state_that_cannot_be_read_is_refused_by_name_and_the_retained_requests_are_judged_anew_beside_it(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    settings, traffic = make_settings(worker=RESTARTING, judgement=EAGER), hydra()
    expected = Expected(settings, traffic)
    replay(traffic, settings)
    end(judge(settings, tmp_path))
    partition = partition_of("filler_1", settings.topics.partitions)
    key = tenant_key(0, ("filler_1", ""))
    packed = next(one.value for one in read_topic(settings, settings.topics.checkpoints) if one.key == key)[8:]
    spoilt = {
        "a snapshot has form": bytes((FORM + 1,)) + packed[1:],
        "is damaged": packed[:60] + bytes(60) + packed[120:],
        "in the checkpoint topic is damaged": packed[: len(packed) // 2],
    }
    for number, (reason, value) in enumerate(spoilt.items()):
        write_state(settings, partition, key, ((1 << 40) + number).to_bytes(8, "big") + value)
        worker = WorkerProcess(settings, tmp_path / f"refused-{number}.log", "--role", "judge")
        assert worker.wait() == 1
        said = worker.text().strip().splitlines()[-1]
        assert f"partition {partition}: " in said
        assert reason in said
        assert "topics.checkpoints" in said
    beside = settings.model_copy(
        update={
            "worker": settings.worker.model_copy(update={"group": settings.worker.group + "-anew"}),
            "topics": settings.topics.model_copy(update={"checkpoints": settings.topics.checkpoints + "-anew"}),
        }
    )
    create_topics(beside)
    end(judge(beside, tmp_path))
    require_exact(beside, expected)
