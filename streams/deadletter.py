"""Dead letters: what goes with a record that is not an event, and when there are too many of them."""

from collections import deque
from hashlib import sha256
from typing import Any

from models.partition import DeadLetter
from schemas.errors import Stopped
from streams.settings import WorkerSettings
from streams.topic_limits import BESIDES_BYTES

Headers = list[tuple[str, bytes]]


def dead_letter_headers(record: Any, letter: DeadLetter) -> Headers:
    """Where the record came from and why it is here."""
    return [
        ("dw_topic", record.topic.encode()),
        ("dw_partition", str(record.partition).encode()),
        ("dw_offset", str(record.offset).encode()),
        ("dw_timestamp_ms", str(record.timestamp).encode()),
        ("dw_reason", letter.reason.encode()),
        ("dw_detail", letter.detail.encode()),
    ]


def cut(record: Any, most_bytes: int) -> tuple[bytes | None, bytes | None, Headers]:
    """Key, value and own headers of a record, as far as `most_bytes` allow; what was cut off is told by further headers.

    `dw_bytes` and `dw_sha256` are those of the whole value (of a key that is too long: `dw_key_bytes`, `dw_key_sha256`), `dw_headers_bytes`
    those of headers that were left out.
    """
    key, value, headers, told = record.key, record.value, list(record.headers or ()), list[tuple[str, bytes]]()
    headers_bytes = sum(len(name) + len(content or b"") + 10 for name, content in headers)
    if headers_bytes > BESIDES_BYTES // 2:
        told.append(("dw_headers_bytes", str(headers_bytes).encode()))
        headers, headers_bytes = [], 0
    if key is not None and len(key) > BESIDES_BYTES // 4:
        told += _whole("key_", key)
        key = key[: BESIDES_BYTES // 4]
    if value is not None and len(value) > most_bytes:
        told += _whole("", value)
        value = value[:most_bytes]
    return key, value, [*headers, *told]


def _whole(what: str, content: bytes) -> Headers:
    return [
        (f"dw_{what}bytes", str(len(content)).encode()),
        (f"dw_{what}sha256", sha256(content).hexdigest().encode()),
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
