"""A few records to a topic from the command line."""

import asyncio

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from schemas.errors import RetryLater
from streams.batches import BatchSender
from streams.kafka_client import aiokafka_settings
from streams.settings import Settings
from streams.topics import topic_identity


def send(settings: Settings, topic: str, records: list[tuple[bytes, bytes]]) -> None:
    """Send (key, value) pairs to partition 0, in order; returns when Kafka has accepted all.

    Raises `RefusedToStart` when the topic is missing, `RetryLater` when Kafka is away: some may have been sent then.
    """
    topic_identity(settings, topic)
    try:
        asyncio.run(_send(settings, topic, records))
    except KafkaError as error:
        raise RetryLater(f"Kafka went away ({type(error).__name__}); send it again, a repetition changes nothing") from None


async def _send(settings: Settings, topic: str, records: list[tuple[bytes, bytes]]) -> None:
    producer = AIOKafkaProducer(**aiokafka_settings(settings.kafka), acks="all", enable_idempotence=True)
    await producer.start()
    try:
        await BatchSender(lambda: producer).send(topic, 0, records)
    finally:
        await producer.stop()
