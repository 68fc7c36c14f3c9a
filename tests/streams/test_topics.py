"""Topics on the real broker."""

import uuid

import pytest
from kafka.admin import ConfigResource, KafkaAdminClient

from schemas.errors import RefusedToStart, RetryLater
from schemas.topics import CHECKPOINTS, TOPICS
from streams.local.kafka import LocalKafka
from streams.local.ports import LOOPBACK, free_ports
from streams.settings import KafkaSettings, Settings
from streams.topic_limits import BESIDES_BYTES, most_dead_bytes
from streams.topics import admin, create_topics, describe, name_of, topic_identity, verify
from tests.conftest import MakeSettings
from tests.integration.drill import wait_until


def test_every_topic_is_created_once_with_its_partitions_and_settings(
    make_settings: MakeSettings, kafka: LocalKafka
) -> None:
    settings = make_settings(create=False, topics={"partitions": 6})
    names = [name_of(topic.role, settings.topics) for topic in TOPICS]
    assert create_topics(settings) == names
    assert create_topics(settings) == []
    states = {state.role: state for state in describe(settings)}
    for topic in TOPICS:
        assert states[topic.role].partitions == (1 if topic.single else 6 if topic.keyed_like_requests else 4)
    with KafkaAdminClient(bootstrap_servers=kafka.address) as client:
        kept = client.describe_configs([ConfigResource("TOPIC", settings.topics.checkpoints)])
    set_to = kept["topic"][settings.topics.checkpoints]
    assert {name: set_to[name]["value"] for name in CHECKPOINTS} == CHECKPOINTS


def test_a_topic_that_went_missing_is_made_again_with_as_many_partitions_as_the_requests_topic_has(
    make_settings: MakeSettings, kafka: LocalKafka
) -> None:
    settings = make_settings(topics={"partitions": 3})
    with KafkaAdminClient(bootstrap_servers=kafka.address) as client:
        client.delete_topics([settings.topics.rows])
    other_default = settings.model_copy(update={"topics": settings.topics.model_copy(update={"partitions": 5})})
    assert create_topics(other_default) == [settings.topics.rows]
    assert topic_identity(settings, settings.topics.rows)[1] == 3


def test_a_topic_with_other_partitions_than_the_requests_topic_is_refused(
    make_settings: MakeSettings, kafka: LocalKafka
) -> None:
    settings = make_settings(create=False, topics={"partitions": 3})
    with KafkaAdminClient(bootstrap_servers=kafka.address) as client:
        client.create_topics({settings.topics.checkpoints: {"num_partitions": 2}}, wait_for_metadata=True)
    with pytest.raises(RefusedToStart, match=r"has 2 partitions but .* has 3"):
        create_topics(settings)


def test_a_missing_topic_names_the_command_that_makes_it(make_settings: MakeSettings) -> None:
    settings = make_settings(create=False)
    message = f"^topic {settings.topics.requests} is missing; run `distillwatch topics`$"
    with pytest.raises(RefusedToStart, match=message):
        topic_identity(settings, settings.topics.requests)
    with pytest.raises(RefusedToStart, match=message):
        verify(describe(settings))


def test_a_topic_made_anew_under_the_same_name_has_another_id(make_settings: MakeSettings, kafka: LocalKafka) -> None:
    settings = make_settings()
    name = settings.topics.requests
    first, partitions = topic_identity(settings, name)
    assert topic_identity(settings, name) == (first, partitions) == (str(uuid.UUID(first)), 4)
    with KafkaAdminClient(bootstrap_servers=kafka.address) as client:
        client.delete_topics([name])
    create_topics(settings)
    assert topic_identity(settings, name)[0] != first


def test_a_name_that_kafka_refuses_is_told_in_its_words(make_settings: MakeSettings) -> None:
    settings = make_settings(create=False, topics={"requests": "not/a/topic"})
    with pytest.raises(RefusedToStart, match=r"^Kafka .*topic"):
        create_topics(settings)


def test_a_broker_that_is_away_means_to_try_again_later() -> None:
    settings = Settings(kafka=KafkaSettings(bootstrap_servers=f"{LOOPBACK}:{free_ports()}"))
    with pytest.raises(RetryLater, match=r"does not answer \(Connection refused\); is it running\?"):
        describe(settings)


def test_an_error_of_the_broker_inside_the_block_is_one_of_ours(kafka: LocalKafka) -> None:
    where = KafkaSettings(bootstrap_servers=kafka.address)
    with pytest.raises(RetryLater, match=r"cannot do it now \(UnknownTopicOrPartitionError\)$"), admin(where) as client:
        client.delete_topics(["never-there"])
    with pytest.raises(RefusedToStart, match="InvalidTopicError"), admin(where) as client:
        client.create_topics({"not/a/topic": {"num_partitions": 1}})


def test_topics_as_they_are_made_take_all_that_a_worker_sends(make_settings: MakeSettings) -> None:
    assert most_dead_bytes(make_settings()) == 2_162_688 - BESIDES_BYTES


@pytest.mark.parametrize(
    ("role", "setting", "value", "said"),
    [
        ("checkpoints", "cleanup.policy", "delete", "cleanup.policy delete, but compact is needed"),
        ("requests", "cleanup.policy", "compact", "cleanup.policy compact, but delete is needed"),
        ("rows", "max.message.bytes", "100000", "max.message.bytes 100000, but at least 589824 is needed"),
        ("dead", "max.message.bytes", "100000", "max.message.bytes 100000, but at least 589824 is needed"),
    ],
)
def test_a_topic_kept_so_that_records_would_be_lost_is_refused_by_the_name_of_its_setting(
    make_settings: MakeSettings, role: str, setting: str, value: str, said: str
) -> None:
    settings = make_settings()
    name = name_of(role, settings.topics)
    with admin(settings.kafka) as client:
        client.alter_configs([ConfigResource("TOPIC", name, {setting: value})])
    wait_until(lambda: _refused(settings) is not None)
    text = _refused(settings) or ""
    assert text.startswith(f"topic {name} has {said}")
    assert f"--entity-name {name} --add-config {setting}=" in text


def _refused(settings: Settings) -> str | None:
    try:
        most_dead_bytes(settings)
    except RefusedToStart as error:
        return str(error)
    return None
