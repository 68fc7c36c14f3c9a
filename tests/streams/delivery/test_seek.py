"""Where a partition is read on after a rebalance."""

from collections import defaultdict
from typing import Any

import pytest
from faust.transport.drivers import aiokafka as stock
from faust.types import TP

from streams.delivery.consumer import Consumer

WITH, WITHOUT = TP("requests", 0), TP("requests", 1)


async def test_a_partition_of_which_nothing_is_committed_is_read_from_its_beginning_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was fetched and not delivered would be missing: a client that is not told otherwise goes on behind it."""
    sought: dict[TP, int] = {}

    async def seek_to_committed(consumer: Any) -> None:
        consumer._read_offset.update({WITH: 40, WITHOUT: None})

    async def earliest(_: Any, *partitions: TP) -> dict[TP, int]:
        return dict.fromkeys(partitions, 7)

    async def seek(_: Any, places: dict[TP, int]) -> None:
        sought.update(places)

    monkeypatch.setattr(stock.Consumer, "perform_seek", seek_to_committed)
    monkeypatch.setattr(Consumer, "assignment", lambda _: {WITH, WITHOUT})
    monkeypatch.setattr(Consumer, "earliest_offsets", earliest)
    monkeypatch.setattr(Consumer, "seek_wait", seek)
    consumer = Consumer.__new__(Consumer)
    consumer._read_offset = defaultdict(lambda: None)
    await consumer.perform_seek()
    assert sought == {WITHOUT: 7}
