"""How much of a topic a consumer group has not made safe yet."""

from kafka import TopicPartition
from kafka.admin import OffsetSpec

from streams.settings import Settings
from streams.topics import admin, topic_identity


def end_offsets(settings: Settings, topic: str) -> dict[int, int]:
    """The end of each partition's log. Raises `RetryLater` or `RefusedToStart` as `streams.topics.admin` does."""
    partitions = topic_identity(settings, topic)[1]
    wanted = {TopicPartition(topic, index): OffsetSpec.LATEST for index in range(partitions)}
    with admin(settings.kafka) as client:
        found = client.list_partition_offsets(wanted)
    return {tp.partition: offset.offset for tp, offset in found.items()}


def committed_offsets(settings: Settings, group: str) -> dict[int, int]:
    """Where a group goes on in each partition of the requests topic; 0 where it never was."""
    topic = settings.topics.requests
    wanted = [TopicPartition(topic, index) for index in range(topic_identity(settings, topic)[1])]
    with admin(settings.kafka) as client:
        found = client.list_group_offsets({group: wanted})[group]
    return {tp.partition: max(0, offset.offset) for tp, offset in found.items()}


def records_left(settings: Settings, group: str, topic: str) -> int:
    """Records of `topic` that `group` has not committed: 0 when everything is processed and safe."""
    ends = end_offsets(settings, topic)
    with admin(settings.kafka) as client:
        committed = client.list_group_offsets({group: [TopicPartition(topic, index) for index in ends]})[group]
    at = {tp.partition: max(0, found.offset) for tp, found in committed.items()}
    return sum(end - at.get(index, 0) for index, end in ends.items())
