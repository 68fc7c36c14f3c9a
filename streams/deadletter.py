"""Dead letters: what goes with a record that is not an event, and when there are too many of them."""

from collections import deque
from typing import Any

from models.partition import DeadLetter
from schemas.errors import Stopped
from streams.settings import WorkerSettings

Headers = list[tuple[str, bytes]]


def dead_letter_headers(record: Any, letter: DeadLetter) -> Headers:
    """Where the record came from and why it is here, after the headers it came with; its bytes stay as they are."""
    return [
        *(record.headers or ()),
        ("dw_topic", record.topic.encode()),
        ("dw_partition", str(record.partition).encode()),
        ("dw_offset", str(record.offset).encode()),
        ("dw_timestamp_ms", str(record.timestamp).encode()),
        ("dw_reason", letter.reason.encode()),
        ("dw_detail", letter.detail.encode()),
    ]


class DeadLetterLimit:
    """Stops a worker instead of dead-lettering everything, after a bad deploy of the gateway say.

    Over the last `window` records of a partition it asks for two things at once: more than `ratio` of them bad, and the bad ones
    from more than `keys` distinct record keys. One customer's rubbish has one key, so it never stops the worker; records without
    a key count as one key together.
    """

    def __init__(self, settings: WorkerSettings, past_offset: int = -1) -> None:
        self._ratio, self._keys = settings.dead_letter_ratio, settings.dead_letter_keys
        self._recent: deque[tuple[bool, bytes | None]] = deque(maxlen=settings.dead_letter_window)
        self._past_offset = past_offset

    def check(self, records: list[Any], letters: list[DeadLetter]) -> None:
        """Take in a batch and what was refused of it; raises `Stopped` when the limit is passed."""
        refused = {letter.offset for letter in letters}
        self._recent.extend((record.offset in refused, record.key) for record in records)
        if not letters or records[-1].offset <= self._past_offset or len(self._recent) < (self._recent.maxlen or 0):
            return
        bad = [key for is_bad, key in self._recent if is_bad]
        if len(bad) > self._ratio * len(self._recent) and len(set(bad)) > self._keys:
            last = records[-1]
            raise Stopped(
                f"{len(bad)} of the last {len(self._recent)} records of {last.topic} partition {last.partition} are no events "
                f"({letters[-1].reason}: {letters[-1].detail}), from {len(set(bad))} keys; stopped at offset {last.offset}. Mend the "
                f"producer; to go on past them: distillwatch worker --past {last.partition}:{last.offset}"
            )
