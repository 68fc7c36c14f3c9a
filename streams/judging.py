"""A batch through the judgement of its partition."""

from typing import Any

from models.hashing import Hasher
from models.look import looking
from models.partition import Partition
from schemas.codec import read_event
from schemas.errors import BadRecord
from schemas.event import Event
from streams.telemetry import Telemetry

#: Records are decoded and judged so many at a time, so that they are still in the processor's cache when they are judged.
TOGETHER = 64
AVERAGE_STATE_BYTES = 2500


def judged(judge: Partition, records: list[Any], hasher: Hasher, telemetry: Telemetry) -> list[Event | BadRecord]:
    """Decode records and judge them in their order; returns the last of what they were, at most 64."""
    events: list[Event | BadRecord] = []
    for begin in range(0, len(records), TOGETHER):
        together = records[begin : begin + TOGETHER]
        with telemetry.stage("decode"):
            events = [read_event(record.value) for record in together]
        with telemetry.stage("judge"), looking(events, hasher):
            judge.fetch(event.tenant_id for event in events if isinstance(event, Event))
            for record, event in zip(together, events, strict=True):
                judge.apply(record.offset, event)
    return events


def is_due(judge: Partition, checkpoint_bytes: int) -> bool:
    """Whether a pass is due however little time has gone by: so much state has changed, or twice as many are awake as may be.

    Who was woken a second time stays awake until the pass, so tenants in turn are packed before they fill the memory.
    """
    return (
        judge.changed >= checkpoint_bytes // AVERAGE_STATE_BYTES or len(judge.hydrated) >= 2 * judge.roster.most_awake
    )
