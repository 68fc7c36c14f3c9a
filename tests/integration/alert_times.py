"""How long alerts took, by the timestamps that records of the topics bear."""

from array import array
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from schemas.rows import FindingRow, decode_row
from streams.settings import Settings
from streams.tail import Tail

_OFFSET = (1 << 48) - 1


def alert_times(settings: Settings) -> list[tuple[int, int]]:
    """Of each line about a tenant: when its cause was appended (epoch ms), and how many ms later its first alert was."""
    stamps: defaultdict[int, array[int]] = defaultdict(lambda: array("q"))
    for record in _whole(settings, settings.topics.requests):
        stamps[record.partition].append(record.timestamp)
    causes: dict[str, int] = {}
    for record in _whole(settings, settings.topics.rows):
        row = decode_row(record.value)
        if isinstance(row, FindingRow):
            causes.setdefault(row.line_uid, stamps[row.source_partition][row.version & _OFFSET])
    taken = []
    for record in _whole(settings, settings.topics.alerts):
        cause_ms = causes.pop(dict(record.headers)["ce_id"].decode(), None)  # the first time that it was told
        if cause_ms is not None:
            taken.append((cause_ms, record.timestamp - cause_ms))
    return taken


def _whole(settings: Settings, topic: str) -> Iterator[Any]:
    """One record after the other: a long run's requests are more than memory is for."""
    tail = Tail(settings, topic, from_beginning=True)
    try:
        yield from tail.whole()
    finally:
        tail.close()
