"""A piece of a topic, read once, whatever becomes of the broker meanwhile."""

import random
import threading

from streams.kafka_client import aiokafka_settings
from streams.local.kafka import LocalKafka
from streams.replay import replay
from streams.settings import Settings
from streams.topic_reader import read_between
from tests.conftest import MakeSettings

RECORDS = 3000


async def offsets(settings: Settings, begin: int, end: int | None) -> list[int]:
    reading = read_between(aiokafka_settings(settings.kafka), settings.topics.requests, 0, begin, end)
    return [record.offset async for records in reading for record in records]


async def test_a_piece_is_read_once_in_its_order_and_no_more(make_settings: MakeSettings) -> None:
    settings = make_settings(topics={"partitions": 1})
    assert await offsets(settings, 0, None) == []
    replay([b'{"tenant_id":"t"}'] * 500, settings)
    assert await offsets(settings, 0, None) == list(range(500))
    assert await offsets(settings, 100, 300) == list(range(100, 300))
    assert await offsets(settings, 600, None) == []


async def test_a_broker_that_dies_on_the_way_is_waited_for_and_no_record_is_missed_or_doubled(
    make_settings: MakeSettings, kafka: LocalKafka
) -> None:
    settings = make_settings(topics={"partitions": 1})
    noise = random.Random(1).randbytes  # what does not compress takes several answers of the broker
    replay((b'{"tenant_id":"t","prompt":"%s"}' % noise(5000).hex().encode() for _ in range(RECORDS)), settings)
    reading = read_between(aiokafka_settings(settings.kafka), settings.topics.requests, 0)
    seen = [record.offset for record in await anext(reading)]
    assert len(seen) < RECORDS
    kafka.kill()
    start = threading.Timer(3.0, kafka.start)
    start.start()
    seen += [record.offset async for records in reading for record in records]
    start.join()
    assert seen == list(range(RECORDS))
