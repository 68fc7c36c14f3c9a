"""What leaves the judgement: dead letters, alerts and rows, each accepted by Kafka before anything is called safe."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from models.partition import DeadLetter
from schemas import ocsf
from schemas.campaign import CampaignFinding
from schemas.control import Control, encode_control
from schemas.errors import BadRecord
from schemas.finding import Finding
from schemas.ocsf.health import canary_alert, canary_headers
from schemas.rows import CampaignMemberRow, FindingRow, Row, TenantWindow, encode_row
from schemas.signal import Message, Signal, encode_message
from streams.batches import BatchSender
from streams.deadletter import cut, dead_letter_headers
from streams.settings import TopicSettings
from streams.telemetry import Telemetry

Sent = asyncio.Future[Any]


class Publisher:
    """Sends, and hands back what to wait for: a future is done when Kafka has accepted the record.

    Of a bad record the dead-letter topics get `most_dead_bytes` at most.
    """

    def __init__(
        self, topics: TopicSettings, producer: Callable[[], Any], telemetry: Telemetry, most_dead_bytes: int
    ) -> None:
        self._topics, self._producer, self._telemetry = topics, producer, telemetry
        self._most_dead_bytes = most_dead_bytes
        self._batches = BatchSender(producer)

    async def dead_letter(self, record: Any, letter: DeadLetter) -> Sent:
        """The record's original bytes and key, as far as the topic takes them, with the reason in its headers."""
        self._telemetry.dead_letters.labels(letter.reason).inc()
        key, value, headers = cut(record, self._most_dead_bytes)
        return await self._send(self._topics.dead, key, value, [*headers, *dead_letter_headers(record, letter)])

    async def finding(self, partition: int, version: int, finding: Finding) -> list[Sent]:
        """The alert for the SOC, and the row that keeps what it said."""
        self._telemetry.finding(finding)
        alert = await self._send(self._topics.alerts, ocsf.key(finding), ocsf.alert(finding), ocsf.headers(finding))
        row = FindingRow(line_uid=finding.line_uid, source_partition=partition, version=version, finding=finding)
        producer = self._producer()
        return [alert, await producer.send(self._topics.rows, encode_row(row), key=_row_key(row), partition=partition)]

    async def canary(self, partition: int, finding: Finding, lag_seconds: float | None) -> Sent:
        """The line of a canary that was found, key = its partition; no row keeps it. `lag_seconds` says how far behind the partition is."""
        headers = canary_headers(finding, partition, None if lag_seconds is None else round(1000 * lag_seconds))
        alert = canary_alert(finding, partition)
        return await self._send(self._topics.alerts, f"canary.{partition}".encode(), alert, headers)

    async def campaigns(self, findings: list[CampaignFinding]) -> None:
        """The alerts of campaigns, in order, and a row for each member they name; returns when Kafka has accepted all."""
        topic = self._topics.alerts
        await asyncio.gather(
            *[await self._send(topic, ocsf.key(one), ocsf.alert(one), ocsf.headers(one)) for one in findings]
        )
        rows = [row for finding in findings for row in _member_rows(finding)]
        await self._batches.send(self._topics.rows, 0, ((_row_key(row), encode_row(row)) for row in rows))
        for finding in findings:
            self._telemetry.finding(finding)

    async def bad_signal(self, record: Any, error: BadRecord) -> None:
        """The bytes of a signal that cannot be read, to the dead letters of rows; returns when Kafka has accepted it."""
        await self._bad(record, error)
        self._telemetry.bad_signals.inc()

    async def bad_feedback(self, record: Any, error: BadRecord) -> None:
        """The bytes of a verdict that cannot be used, to the same place."""
        await self._bad(record, error)
        self._telemetry.bad_feedback.labels(error.reason).inc()

    async def control(self, control: Control) -> None:
        """A control record, key = its number; returns when Kafka has accepted it."""
        key = str(control.number).encode()
        await self._batches.send(self._topics.control, 0, [(key, encode_control(control))])

    async def rows(self, partition: int, rows: list[TenantWindow]) -> None:
        """The rows of one source partition, in order; returns when Kafka has accepted them."""
        await self._batches.send(self._topics.rows, partition, ((_row_key(row), encode_row(row)) for row in rows))
        self._telemetry.rows_published.inc(len(rows))

    async def messages(self, messages: list[Message]) -> None:
        """What a partition tells the search for campaigns, in order; returns when Kafka has accepted it."""
        await self._batches.send(
            self._topics.signals, 0, ((_message_key(one), encode_message(one)) for one in messages)
        )

    async def _bad(self, record: Any, error: BadRecord) -> None:
        key, value, headers = cut(record, self._most_dead_bytes)
        headers += [
            ("dw_topic", record.topic.encode()),
            ("dw_offset", str(record.offset).encode()),
            ("dw_reason", error.reason.encode()),
            ("dw_detail", str(error).encode()),
        ]
        await (await self._send(self._topics.rows_dead, key, value, headers))

    async def _send(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]
    ) -> Sent:
        sent: Sent = await self._producer().send(topic, value, key=key, headers=list(headers))
        return sent


def _row_key(row: Row) -> bytes:
    if isinstance(row, TenantWindow):
        return row.tenant.encode()
    return (row.finding.tenant if isinstance(row, FindingRow) else row.member.tenant).encode()


def _member_rows(finding: CampaignFinding) -> list[CampaignMemberRow]:
    return [
        CampaignMemberRow(
            campaign_uid=finding.uid,
            named_ms=finding.time_ms,
            version=finding.sequence,
            member=member,
            versions=finding.versions,
        )
        for member in finding.members
    ]


def _message_key(message: Message) -> bytes:
    return message.tenant.encode() if isinstance(message, Signal) else str(message.partition).encode()
