"""What leaves the judgement: dead letters, alerts and rows, each accepted by Kafka before anything is called safe."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from models.partition import DeadLetter
from schemas import ocsf
from schemas.finding import Finding
from schemas.rows import FindingRow, Row, TenantWindow, encode_row
from schemas.signal import Message, Signal, encode_message
from streams.batches import BatchSender
from streams.deadletter import dead_letter_headers
from streams.settings import TopicSettings
from streams.telemetry import Telemetry

Sent = asyncio.Future[Any]


class Publisher:
    """Sends, and hands back what to wait for: a future is done when Kafka has accepted the record."""

    def __init__(self, topics: TopicSettings, producer: Callable[[], Any], telemetry: Telemetry) -> None:
        self._topics, self._producer, self._telemetry = topics, producer, telemetry
        self._batches = BatchSender(producer)

    async def dead_letter(self, record: Any, letter: DeadLetter) -> Sent:
        """The record's original bytes and key, with the reason in its headers."""
        self._telemetry.dead_letters.labels(letter.reason).inc()
        return await self._send(self._topics.dead, record.key, record.value, dead_letter_headers(record, letter))

    async def finding(self, partition: int, version: int, finding: Finding) -> list[Sent]:
        """The alert for the SOC, and the row that keeps what it said."""
        self._telemetry.finding(finding)
        alert = await self._send(self._topics.alerts, ocsf.key(finding), ocsf.alert(finding), ocsf.headers(finding))
        row = FindingRow(line_uid=finding.line_uid, source_partition=partition, version=version, finding=finding)
        producer = self._producer()
        return [alert, await producer.send(self._topics.rows, encode_row(row), key=_row_key(row), partition=partition)]

    async def rows(self, partition: int, rows: list[TenantWindow]) -> None:
        """The rows of one source partition, in order; returns when Kafka has accepted them."""
        await self._batches.send(self._topics.rows, partition, ((_row_key(row), encode_row(row)) for row in rows))
        self._telemetry.rows_published.inc(len(rows))

    async def messages(self, messages: list[Message]) -> None:
        """What a partition tells the search for campaigns, in order; returns when Kafka has accepted it."""
        await self._batches.send(
            self._topics.signals, 0, ((_message_key(one), encode_message(one)) for one in messages)
        )

    async def _send(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]
    ) -> Sent:
        sent: Sent = await self._producer().send(topic, value, key=key, headers=list(headers))
        return sent


def _row_key(row: Row) -> bytes:
    return (row.tenant if isinstance(row, TenantWindow) else row.finding.tenant).encode()


def _message_key(message: Message) -> bytes:
    return message.tenant.encode() if isinstance(message, Signal) else str(message.partition).encode()
