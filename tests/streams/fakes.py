"""Small stand-ins for what the event loop hands to the parts."""

from typing import Any, NamedTuple


class Record(NamedTuple):
    """A Kafka record as far as the parts look at it."""

    offset: int
    value: bytes | None
    key: bytes | None = b"org_a"
    topic: str = "api.requests"
    partition: int = 0
    timestamp: int = 1_800_000_000_000
    headers: tuple[tuple[str, bytes], ...] = ()


class Batch:
    """A delivered batch that notes whether it was acknowledged."""

    def __init__(self, records: list[Record]) -> None:
        self.value: list[Any] = records
        self.acked = False

    def ack(self) -> None:
        self.acked = True
