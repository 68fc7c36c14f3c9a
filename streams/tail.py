"""Reading a topic as it grows, or as it stands, without a group."""

from collections.abc import Iterator
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from streams.kafka_client import kafka_python_settings
from streams.lag import end_offsets
from streams.settings import Settings


class Tail:
    """The records of a topic, from its beginning or from its end on; close it after use."""

    def __init__(self, settings: Settings, topic: str, *, from_beginning: bool) -> None:
        self._ends = end_offsets(settings, topic)
        self._partitions = [TopicPartition(topic, index) for index in self._ends]
        self._consumer = KafkaConsumer(**kafka_python_settings(settings.kafka), enable_auto_commit=False, group_id=None)
        self._consumer.assign(self._partitions)
        for tp in self._partitions:
            if from_beginning:
                self._consumer.seek_to_beginning(tp)
            else:
                self._consumer.seek(tp, self._ends[tp.partition])

    def poll(self, timeout_seconds: float) -> list[Any]:
        """The records that are there, or that come within the time, in the order of each partition."""
        polled = self._consumer.poll(timeout_ms=round(timeout_seconds * 1000))
        return [record for records in polled.values() for record in records]

    def whole(self) -> Iterator[Any]:
        """Every record up to where the topic ended when this object was made."""
        while any(self._consumer.position(tp) < self._ends[tp.partition] for tp in self._partitions):
            yield from self.poll(1.0)

    def close(self) -> None:
        """Close the connections."""
        self._consumer.close()


def read_topic(settings: Settings, topic: str) -> list[Any]:
    """Every record of a topic as it stands."""
    tail = Tail(settings, topic, from_beginning=True)
    try:
        return list(tail.whole())
    finally:
        tail.close()
