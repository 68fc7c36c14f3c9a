import asyncio
from typing import Any

import pytest

from schemas.errors import BadRecord, RefusedToStart, RetryLater
from schemas.rows import Row, encode_row
from streams.settings import ClickHouseSettings
from streams.sink import Sink
from streams.telemetry import Telemetry
from tests.schemas.test_rows import WINDOW
from tests.streams.fakes import Batch, Record


class Store:
    """Fails as often as it is told, then keeps what it gets."""

    def __init__(self, failures: int = 0, error: type[Exception] = RetryLater) -> None:
        self.failures, self.error = failures, error
        self.blocks: list[list[Row]] = []

    def insert(self, rows: list[Row]) -> None:
        if self.failures:
            self.failures -= 1
            raise self.error("away")
        self.blocks.append(list(rows))


class Dead:
    """The dead letters of rows."""

    def __init__(self) -> None:
        self.letters: list[tuple[Any, str]] = []

    async def __call__(self, record: Any, error: BadRecord) -> None:
        self.letters.append((record.value, error.reason))


def sink(store: Store, **settings: float) -> tuple[Sink, Dead, list[float]]:
    dead, now = Dead(), [0.0]
    return Sink(ClickHouseSettings(**settings), store, Telemetry(), dead, lambda: now[0]), dead, now


def batch(count: int) -> Batch:
    return Batch([Record(offset, encode_row(WINDOW)) for offset in range(count)])


async def test_rows_wait_for_company_and_are_acknowledged_after_the_insert() -> None:
    store = Store()
    part, _, now = sink(store, batch_rows=5, batch_seconds=1.0)
    small, more = batch(2), batch(3)
    await part.handle(small)
    await part.tick()
    assert (store.blocks, small.acked) == ([], False)
    await part.handle(more)
    assert ([len(block) for block in store.blocks], small.acked, more.acked) == ([5], True, True)
    late = batch(1)
    await part.handle(late)
    now[0] = 1.5
    await part.tick()
    assert ([len(block) for block in store.blocks], late.acked) == ([5, 1], True)


async def test_a_store_that_is_away_is_tried_again_and_nothing_is_acknowledged_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("streams.sink.FIRST_WAIT_SECONDS", 0.001)
    store = Store(failures=4)
    part, _, _ = sink(store, batch_rows=1)
    one = batch(1)
    await part.handle(one)
    assert (len(store.blocks), one.acked) == (1, True)
    assert part.trouble is None


async def test_an_error_that_is_not_to_be_retried_leaves_the_batch_unacknowledged() -> None:
    part, _, _ = sink(Store(failures=1, error=RefusedToStart), batch_rows=1)
    one = batch(1)
    with pytest.raises(RefusedToStart):
        await part.handle(one)
    assert not one.acked


async def test_a_row_that_cannot_be_read_goes_to_the_dead_letters_and_the_others_are_stored() -> None:
    store = Store()
    part, dead, _ = sink(store, batch_rows=2)
    mixed = Batch([Record(0, encode_row(WINDOW)), Record(1, b"{"), Record(2, encode_row(WINDOW))])
    await part.handle(mixed)
    assert dead.letters == [(b"{", "not_a_row")]
    assert [len(block) for block in store.blocks] == [2]


async def test_a_cancelled_insert_acknowledges_nothing() -> None:
    part, _, _ = sink(Store(failures=10**9), batch_rows=1)
    one = batch(1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(part.handle(one), 0.05)
    assert not one.acked
