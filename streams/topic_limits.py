"""How the topics are kept, as far as a worker depends on it: looked at before it starts."""

from typing import Any

from kafka.admin import ConfigResource

from schemas.errors import RefusedToStart
from schemas.topics import TOPICS
from streams.settings import Settings
from streams.topics import admin, name_of

#: What a producer of ours packs into one batch, and what the batch itself takes.
LEAST_BYTES = 524_288 + 65_536
#: A producer of ours sends no record larger than this.
MOST_REQUEST_BYTES = 4_194_304
#: Room for what goes with a dead letter besides its value.
BESIDES_BYTES = 65_536

_POLICY, _BYTES = "cleanup.policy", "max.message.bytes"
_CURE = "kafka-configs.sh --alter --entity-type topics --entity-name {name} --add-config {setting}={value}"


def most_dead_bytes(settings: Settings) -> int:
    """How many bytes of a bad record the dead-letter topics take; more of it is cut off.

    Raises `RefusedToStart` where a topic is kept so that records would be lost, or is too small for a worker's batches; the text names
    topic, setting and cure. A topic whose settings we may not read is taken to be as `distillwatch topics` makes it.
    """
    names = {topic.role: name_of(topic.role, settings.topics) for topic in TOPICS}
    resources = [ConfigResource("TOPIC", name, [_POLICY, _BYTES]) for name in names.values()]
    with admin(settings.kafka) as client:
        found = client.describe_configs(resources, config_filter="all").get("topic", {})
    most = MOST_REQUEST_BYTES
    for topic in TOPICS:
        name = names[topic.role]
        _require_policy(name, topic.settings.get(_POLICY, "delete"), _value(found, name, _POLICY))
        size = int(_value(found, name, _BYTES) or topic.settings.get(_BYTES) or LEAST_BYTES)
        if topic.role in {"dead", "rows_dead"}:
            most = min(most, size)
        if topic.role != "requests" and size < LEAST_BYTES:
            raise RefusedToStart(_wrong(name, _BYTES, str(size), str(LEAST_BYTES)))
    return most - BESIDES_BYTES


def _require_policy(name: str, wanted: str, found: str | None) -> None:
    if found is not None and found != wanted:
        raise RefusedToStart(_wrong(name, _POLICY, found, wanted))


def _wrong(name: str, setting: str, found: str, wanted: str) -> str:
    need = f"at least {wanted} is" if setting == _BYTES else f"{wanted} is"
    cure = _CURE.format(name=name, setting=setting, value=wanted)
    return f"topic {name} has {setting} {found}, but {need} needed, or records would be lost or refused; run: {cure}"


def _value(found: dict[str, Any], name: str, setting: str) -> str | None:
    value = found.get(name, {}).get(setting, {}).get("value")
    return None if value is None else str(value)
