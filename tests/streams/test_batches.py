"""Whole batches to one partition of a real topic."""

from aiokafka import AIOKafkaProducer

from streams.batches import BatchSender
from streams.kafka_client import aiokafka_settings
from streams.tail import read_topic
from tests.conftest import MakeSettings


async def test_records_arrive_in_their_order_with_their_headers_or_none_however_many_batches_they_take(
    make_settings: MakeSettings,
) -> None:
    settings = make_settings(topics={"partitions": 1})
    topic = settings.topics.rows
    producer = AIOKafkaProducer(**aiokafka_settings(settings.kafka), enable_idempotence=True, max_batch_size=5000)
    await producer.start()
    try:
        sender = BatchSender(lambda: producer)
        await sender.send(topic, 0, [(b"%d" % n, bytes(1000)) for n in range(20)])
        await sender.send(topic, 0, [(b"%d" % n, None) for n in range(20, 40)], (("position", b"7"),))
    finally:
        await producer.stop()
    records = read_topic(settings, topic)
    assert [record.key for record in records] == [b"%d" % n for n in range(40)]
    assert [list(record.headers) for record in records] == [[]] * 20 + [[("position", b"7")]] * 20
