"""Rekey on the real broker: whoever placed a record and however, it arrives where its tenant is judged."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

from schemas.errors import RefusedToStart, RetryLater
from schemas.partitioner import partition_of
from streams.commands.rekey import said
from streams.lag import records_left
from streams.local.kafka import LocalKafka
from streams.local.ports import free_ports
from streams.rekey import RekeyResult, rekey
from streams.settings import KafkaSettings, Settings
from streams.tail import read_topic
from streams.topics import admin, create_topics
from tests.conftest import MakeSettings
from tests.integration.drill import environment, wait_until

COMMAND = """
import sys
import typer
from streams.commands.rekey import register
from streams.settings import load_settings

app = typer.Typer()
register(app)
app(sys.argv[1:], obj=load_settings(), standalone_mode=False)
"""
Record = tuple[int, bytes | None, bytes | None, list[tuple[str, bytes]]]


def source_of(settings: Settings, partitions: int = 3) -> str:
    """A topic of raw records beside the requests topic."""
    name = settings.topics.requests + ".raw"
    configs = {"max.message.bytes": "8000000"}
    with admin(settings.kafka) as client:
        client.create_topics({name: {"num_partitions": partitions, "replication_factor": 1, "configs": configs}})
        client.wait_for_topics([name])
    return name


def send(settings: Settings, topic: str, records: list[Record]) -> None:
    producer = KafkaProducer(bootstrap_servers=settings.kafka.bootstrap_servers, max_request_size=8_000_000)
    for partition, key, value, headers in records:
        producer.send(topic, value, key=key, partition=partition, headers=headers)
    producer.flush()
    producer.close()


def event(tenant: str, number: int) -> bytes:
    return b'{"event_id":"e%d", "ts":1790000000000 ,"tenant_id":"%s","prompt":"\xc3\xa4"}' % (number, tenant.encode())


def contents(records: list[Any]) -> Counter[tuple[bytes | None, tuple[tuple[str, bytes], ...]]]:
    return Counter((record.value, tuple(record.headers)) for record in records)


def test_records_keyed_wrongly_arrive_byte_for_byte_in_the_partition_of_their_tenant(
    make_settings: MakeSettings,
) -> None:
    settings = make_settings()
    source = source_of(settings)
    records: list[Record] = [
        (
            n % 3,
            None if n % 2 else b"request-%d" % n,
            event(f"org_{n % 17}", n),
            [("trace", b"%d" % n), ("trace", b"\x00\xff")],
        )
        for n in range(3000)
    ]
    send(settings, source, records)
    heard: list[int] = []
    result = rekey(settings, source, once=True, on_progress=heard.append)
    assert result == RekeyResult(copied=3000, without_tenant=0, too_large=0)
    assert heard[-1] == 3000
    arrived = read_topic(settings, settings.topics.requests)
    assert contents(arrived) == contents(read_topic(settings, source))
    for record in arrived:
        assert record.partition == partition_of(record.key.decode(), 4)
        assert b'"tenant_id":"%s"' % record.key in record.value


def test_records_of_one_source_partition_stay_in_their_order(make_settings: MakeSettings) -> None:
    settings = make_settings()
    source = source_of(settings, 1)
    lines = [event(f"org_{n % 5}", n) for n in range(2000)]
    send(settings, source, [(0, None, line, []) for line in lines])
    rekey(settings, source, once=True)
    arrived = read_topic(settings, settings.topics.requests)
    for tenant in range(5):
        mine = [record.value for record in arrived if record.key == b"org_%d" % tenant]
        assert mine == lines[tenant::5]


def test_records_without_a_readable_tenant_keep_their_key_and_are_spread(make_settings: MakeSettings) -> None:
    settings = make_settings()
    source = source_of(settings, 1)
    broken: list[tuple[bytes | None, bytes | None]] = [
        (b"k1", b"nonsense"),
        (None, b"\xff\xfe"),
        (b"\x00", b"{}"),
        (b"k2", None),
        (b"", b""),
        (b"k3", b'{"tenant_id":7}'),
        (b"k4", b'{"tenant_id":""}'),
        (b"k5", b'{"tenant_id":"\\ud800"}'),
    ]
    send(settings, source, [(0, key, value, []) for key, value in broken])
    assert rekey(settings, source, once=True).without_tenant == len(broken)
    arrived = read_topic(settings, settings.topics.requests)
    assert Counter((record.key, record.value) for record in arrived) == Counter(broken)
    assert {record.partition for record in arrived} == {0, 1, 2, 3}


def test_it_goes_on_where_it_was_and_copies_nothing_twice(make_settings: MakeSettings) -> None:
    settings = make_settings()
    source = source_of(settings)
    send(settings, source, [(n % 3, None, event("a", n), []) for n in range(500)])
    assert rekey(settings, source, once=True).copied == 500
    assert rekey(settings, source, once=True).copied == 0
    send(settings, source, [(n % 3, None, event("b", n), []) for n in range(500)])
    assert rekey(settings, source, once=True).copied == 500
    assert len(read_topic(settings, settings.topics.requests)) == 1000


def test_nothing_is_committed_when_kafka_has_not_accepted_it(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings()
    source = source_of(settings)
    send(settings, source, [(n % 3, None, event("a", n), []) for n in range(100)])

    async def refuses(*_: object) -> None:
        raise InterruptedError

    with monkeypatch.context() as patch:
        patch.setattr("streams.rekey.Rekeying._send", refuses)
        with pytest.raises(InterruptedError):
            rekey(settings, source, once=True)
    assert records_left(settings, settings.worker.group + "-rekey", source) == 100
    assert rekey(settings, source, once=True).copied == 100


def test_a_record_larger_than_the_topic_takes_stays_behind_and_stops_nobody(make_settings: MakeSettings) -> None:
    settings = make_settings()
    source = source_of(settings, 1)
    large = b'{"tenant_id":"a","prompt":"' + os.urandom(700_000).hex().encode() + b'"}'
    huge = os.urandom(3_000_000)
    send(
        settings,
        source,
        [(0, None, event("a", 1), []), (0, None, large, []), (0, None, huge, []), (0, None, event("a", 2), [])],
    )
    assert rekey(settings, source, once=True) == RekeyResult(copied=3, without_tenant=1, too_large=1)
    values = [record.value for record in read_topic(settings, settings.topics.requests)]
    assert values == [event("a", 1), large, event("a", 2)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_with_everything_so_far_committed(
    make_settings: MakeSettings, tmp_path: Path, number: signal.Signals
) -> None:
    settings = make_settings()
    source = source_of(settings)
    send(settings, source, [(n % 3, None, event(f"org_{n % 7}", n), []) for n in range(300)])
    out = tmp_path / "out"
    process = started(settings, source, out)
    wait_until(lambda: records_left(settings, settings.worker.group + "-rekey", source) == 0, seconds=60)
    process.send_signal(number)
    assert process.wait(60) == 0, out.read_text()
    assert "300 records copied, 0 without a readable tenant" in out.read_text()


def test_a_signal_ends_it_also_when_the_broker_is_gone(jars: Path, tmp_path: Path) -> None:
    broker = LocalKafka(tmp_path, free_ports(2), jars=jars)
    broker.start()
    settings = Settings(kafka=KafkaSettings(bootstrap_servers=broker.address))
    create_topics(settings)
    source = source_of(settings)
    send(settings, source, [(0, None, event("a", 1), [])])
    process = started(settings, source, tmp_path / "out")
    wait_until(lambda: _left(settings, source) == 0, seconds=60)
    broker.kill()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0, (tmp_path / "out").read_text()


def started(settings: Settings, source: str, out: Path) -> "subprocess.Popen[bytes]":
    with out.open("wb") as stream:
        return subprocess.Popen(
            [sys.executable, "-c", COMMAND, source], env=environment(settings), stdout=stream, stderr=stream
        )


def _left(settings: Settings, source: str) -> int | None:
    try:
        return records_left(settings, settings.worker.group + "-rekey", source)
    except RetryLater:  # a young broker has no coordinator yet
        return None


def test_the_requests_topic_itself_and_a_missing_one_are_refused(make_settings: MakeSettings) -> None:
    settings = make_settings()
    with pytest.raises(RefusedToStart, match="is the requests topic itself"):
        rekey(settings, settings.topics.requests, once=True)
    with pytest.raises(RefusedToStart, match=r"topic no\.such is missing: there is nothing to copy from"):
        rekey(settings, "no.such", once=True)


def test_an_empty_source_ends_at_once(make_settings: MakeSettings) -> None:
    settings = make_settings()
    assert said(rekey(settings, source_of(settings), once=True)) == "0 records copied, 0 without a readable tenant"


def test_a_broker_that_is_away_is_told(make_settings: MakeSettings) -> None:
    settings = make_settings(create=False, kafka={"bootstrap_servers": f"127.0.0.1:{free_ports()}"})
    with pytest.raises(RetryLater, match="is it running"):
        rekey(settings, "raw")
