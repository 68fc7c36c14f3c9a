"""The sink: rows from their topic into ClickHouse, each block acknowledged after it was accepted."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from schemas.errors import BadRecord, RetryLater
from schemas.rows import Row, decode_row
from streams.logs import logger
from streams.settings import ClickHouseSettings
from streams.telemetry import Telemetry

log = logger(__name__)

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.2, 10.0


class Store(Protocol):
    """Where rows go; blocking, called in a thread."""

    def insert(self, rows: list[Row]) -> None:
        """Accept all of the rows or raise; `RetryLater` asks to be called again with the same rows."""


class Sink:
    """Gathers rows until there are `batch_rows` of them or the oldest has waited `batch_seconds`, and inserts them as a block.

    A store that is away is tried again for ever, with longer and longer waits: meanwhile no more is fetched, the membership stays,
    and nothing is acknowledged. A row that cannot be read goes to `dead` with its bytes.
    """

    def __init__(
        self,
        settings: ClickHouseSettings,
        store: Store,
        telemetry: Telemetry,
        dead: Callable[[Any, BadRecord], Any],
        monotonic: Callable[[], float],
    ) -> None:
        self._settings, self._store, self._telemetry = settings, store, telemetry
        self._dead, self._monotonic = dead, monotonic
        self._rows: list[Row] = []
        self._batches: deque[Any] = deque()
        self._oldest = 0.0
        self._inserting = asyncio.Lock()
        self.trouble: str | None = None

    async def handle(self, batch: Any) -> None:
        """Take in a batch of records; returns after an insert when the block was full."""
        if not self._batches:
            self._oldest = self._monotonic()
        for record in batch.value:
            try:
                self._rows.append(decode_row(record.value))
            except BadRecord as error:
                await self._dead(record, error)
                self._telemetry.sink_bad_rows.inc()
        self._batches.append(batch)
        if len(self._rows) >= self._settings.batch_rows:
            await self.flush()

    async def tick(self) -> None:
        """Called often: inserts what has waited long enough."""
        if (
            self._batches
            and self._monotonic() - self._oldest >= self._settings.batch_seconds
            and not self._inserting.locked()
        ):
            await self.flush()

    async def flush(self) -> None:
        """Insert what is gathered, however long it takes, and acknowledge it."""
        async with self._inserting:
            rows, self._rows = self._rows, []
            batches, self._batches = self._batches, deque()
            if rows:
                await self._insert(rows)
            for batch in batches:
                batch.ack()

    async def _insert(self, rows: list[Row]) -> None:
        wait = FIRST_WAIT_SECONDS
        while True:
            started = self._monotonic()
            try:
                with self._telemetry.waiting("sink"):
                    await asyncio.to_thread(self._store.insert, rows)
            except RetryLater as error:
                self.trouble = str(error)
                self._telemetry.sink_retries.inc()
                log.warning(
                    "ClickHouse did not accept a block; trying again",
                    rows=len(rows),
                    wait_seconds=wait,
                    reason=str(error),
                )
                await asyncio.sleep(wait)
                wait = min(LONGEST_WAIT_SECONDS, wait * 2)
                continue
            self.trouble = None
            self._telemetry.sink_insert_seconds.observe(self._monotonic() - started)
            self._telemetry.sink_rows.inc(len(rows))
            return
