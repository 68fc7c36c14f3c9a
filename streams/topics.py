"""The topics on the broker: made once, looked at, and recognised again."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import kafka.errors
from kafka.admin import KafkaAdminClient
from msgspec import Struct

from schemas.errors import RefusedToStart, RetryLater
from schemas.topics import TOPICS, Topic
from streams.kafka_client import bootstrap_servers, kafka_python_settings
from streams.settings import KafkaSettings, Settings, TopicSettings

ANSWER_MS = 10_000
CONNECT_MS = 5_000
SMALL_PARTITIONS = 4  # of the topics that carry little: dead letters and alerts


class TopicState(Struct, frozen=True, kw_only=True):
    """A topic as it is now; `topic_id` is None and `partitions` 0 when it is missing."""

    role: str
    name: str
    purpose: str
    topic_id: str | None
    partitions: int


def name_of(role: str, topics: TopicSettings) -> str:
    """The name that the settings give to a role of `schemas.topics.TOPICS`."""
    name: str = getattr(topics, role)
    return name


def create_topics(settings: Settings) -> list[str]:
    """Create the topics that are missing; the names of those.

    The topics kept like the requests topic get as many partitions as it has, which is the setting only when it is new.
    Safe to repeat, and at the same time elsewhere. Raises `RetryLater` when Kafka is away, `RefusedToStart` when it
    refuses a topic or one is there with another partition count than it must have.
    """
    with admin(settings.kafka) as client:
        before = _describe(client, settings.topics)
        requests = next(state for state in before if state.role == "requests")
        partitions = requests.partitions or settings.topics.partitions
        missing = {state.role for state in before if not state.partitions}
        wanted = [topic for topic in TOPICS if topic.role in missing]
        created = [name for topic in wanted if (name := _create(client, topic, settings.topics, partitions))]
        client.wait_for_topics([name_of(topic.role, settings.topics) for topic in wanted])
        verify(_describe(client, settings.topics))
    return created


def describe(settings: Settings) -> list[TopicState]:
    """Every topic as it is now, in the order of `schemas.topics.TOPICS`. Raises `RetryLater` when Kafka is away."""
    with admin(settings.kafka) as client:
        return _describe(client, settings.topics)


def verify(states: list[TopicState]) -> None:
    """Raise `RefusedToStart` when a topic is missing or has another partition count than it must have."""
    requests = next(state for state in states if state.role == "requests")
    alike = {topic.role for topic in TOPICS if topic.keyed_like_requests}
    for state in states:
        if not state.partitions:
            raise RefusedToStart(_missing(state.name))
        if state.role in alike and state.partitions != requests.partitions:
            raise RefusedToStart(
                f"topic {state.name} has {state.partitions} partitions but {requests.name} has {requests.partitions}: "
                f"they must have the same; name another topic in topics.{state.role}"
            )


def topic_identity(settings: Settings, name: str) -> tuple[str, int]:
    """The topic's id (a UUID; a topic made anew under the same name has another) and its number of partitions.

    Raises `RetryLater` when Kafka is away and `RefusedToStart` when the topic is missing.
    """
    with admin(settings.kafka) as client:
        topic = _looked_up(client, [name])[name]
    if topic is None:
        raise RefusedToStart(_missing(name))
    return str(topic["topic_id"]), len(topic["partitions"])


@contextmanager
def admin(settings: KafkaSettings) -> Iterator[KafkaAdminClient]:
    """An admin client for the block; what goes wrong in the block with Kafka is raised as an error of ours."""
    where = settings.bootstrap_servers
    _reach(settings)
    try:
        client = KafkaAdminClient(
            **kafka_python_settings(settings), bootstrap_timeout_ms=CONNECT_MS, request_timeout_ms=ANSWER_MS
        )
        try:
            yield client
        finally:
            client.close()
    except (kafka.errors.AuthorizationError, kafka.errors.SaslAuthenticationFailedError) as error:
        raise RefusedToStart(f"Kafka at {where} does not let us in: {error}") from None
    except kafka.errors.RetriableError as error:
        answered = isinstance(error, kafka.errors.BrokerResponseError)
        what = "cannot do it now" if answered else "does not answer"
        raise RetryLater(
            f"Kafka at {where} {what} ({type(error).__name__}){'' if answered else '; is it running?'}"
        ) from None
    except kafka.errors.KafkaError as error:
        raise RefusedToStart(f"Kafka at {where}: {type(error).__name__}: {error}") from None


def _reach(settings: KafkaSettings) -> None:
    """Raise `RetryLater` at once when nobody listens; the client would try as long as it may, and its thread for ever."""
    said = ""
    for server in bootstrap_servers(settings):
        host, _, port = server.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_MS / 1000).close()
        except OSError as error:
            said = error.strerror or str(error)
        else:
            return
    raise RetryLater(f"Kafka at {settings.bootstrap_servers} does not answer ({said}); is it running?")


def _create(client: KafkaAdminClient, topic: Topic, names: TopicSettings, partitions: int) -> str | None:
    """Create one topic; its name, or None when somebody else has just done it."""
    name = name_of(topic.role, names)
    options = {
        "num_partitions": 1
        if topic.single
        else partitions
        if topic.keyed_like_requests
        else min(partitions, SMALL_PARTITIONS),
        "replication_factor": names.replication_factor,
        "configs": topic.settings,
    }
    answer = client.create_topics({name: options}, raise_errors=False)["topics"][0]
    error = kafka.errors.for_code(answer["error_code"])
    if error is kafka.errors.TopicAlreadyExistsError:
        return None
    if error is not kafka.errors.NoError:
        raise RefusedToStart(f"Kafka does not create topic {name}: {answer['error_message'] or error.__name__}")
    return name


def _describe(client: KafkaAdminClient, names: TopicSettings) -> list[TopicState]:
    found = _looked_up(client, [name_of(topic.role, names) for topic in TOPICS])
    return [_state(topic, name_of(topic.role, names), found[name_of(topic.role, names)]) for topic in TOPICS]


def _state(topic: Topic, name: str, found: dict[str, Any] | None) -> TopicState:
    topic_id = str(found["topic_id"]) if found else None
    partitions = len(found["partitions"]) if found else 0
    return TopicState(role=topic.role, name=name, purpose=topic.purpose, topic_id=topic_id, partitions=partitions)


def _looked_up(client: KafkaAdminClient, names: list[str]) -> dict[str, dict[str, Any] | None]:
    """What the broker's metadata says of each name; None for a topic that does not exist."""
    out: dict[str, dict[str, Any] | None] = dict.fromkeys(names)
    for topic in client.describe_topics(names):
        error = kafka.errors.for_code(topic["error_code"])
        if error is kafka.errors.NoError:
            out[topic["name"]] = topic
        elif error is not kafka.errors.UnknownTopicOrPartitionError:
            raise error(f"topic {topic['name']}")
    return out


def _missing(name: str) -> str:
    return f"topic {name} is missing; run `distillwatch topics`"
