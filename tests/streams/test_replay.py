"""Replay to the real broker: byte for byte, in the right partitions, every outcome known."""

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka import KafkaConsumer, TopicPartition

from schemas.errors import RefusedToStart, RetryLater
from schemas.partitioner import partition_of
from streams.batch_producer import BatchProducer
from streams.local.kafka import LocalKafka
from streams.local.ports import free_ports
from streams.replay import Addresses, replay
from streams.settings import KafkaSettings, Settings
from streams.topics import create_topics, topic_identity
from tests.conftest import MakeSettings

Arrived = dict[int, list[tuple[bytes | None, bytes]]]


def event(tenant: str, number: int, ts: int = 1_790_000_000_000) -> bytes:
    return b'{"event_id":"e%d", "ts":%d ,"tenant_id":"%s","prompt":"\xc3\xa4"}' % (number, ts, tenant.encode())


def arrived(settings: Settings, count: int) -> Arrived:
    """The first `count` records of the requests topic as (key, value) by partition; fails when there are more or less."""
    topic = settings.topics.requests
    consumer = KafkaConsumer(bootstrap_servers=settings.kafka.bootstrap_servers, max_partition_fetch_bytes=4_000_000)
    parts = [TopicPartition(topic, p) for p in range(topic_identity(settings, topic)[1])]
    consumer.assign(parts)
    consumer.seek_to_beginning(*parts)
    assert sum(consumer.end_offsets(parts).values()) == count
    out: Arrived = defaultdict(list)
    while sum(map(len, out.values())) < count:
        for part, records in consumer.poll(timeout_ms=5000).items():
            out[part.partition] += [(record.key, record.value) for record in records]
    consumer.close()
    return out


def test_events_arrive_byte_for_byte_in_the_partition_and_order_of_their_tenant(make_settings: MakeSettings) -> None:
    settings = make_settings()
    lines = [event(f"org_{n % 37}", n) for n in range(5000)]
    heard: list[int] = []
    result = replay(iter(lines), settings, speed=None, on_progress=heard.append)
    assert (result.sent, result.failed, result.error) == (5000, 0, None)
    assert heard[-1] == 5000
    found = arrived(settings, 5000)
    for partition in range(4):
        mine = [n for n in range(5000) if partition_of(f"org_{n % 37}", 4) == partition]
        assert found[partition] == [(f"org_{n % 37}".encode(), lines[n]) for n in mine]


def test_lines_that_are_no_events_are_sent_untouched_without_a_key(make_settings: MakeSettings) -> None:
    settings = make_settings()
    broken = [b"nonsense", b"\xff\xfe\x00", b"{}", b'{"tenant_id":7}', b'{"tenant_id":""}', b'{"tenant_id":"t"', b" \r"]
    assert replay(broken, settings).sent == len(broken)
    found = arrived(settings, len(broken))
    assert sorted(value for records in found.values() for _, value in records) == sorted(broken)
    assert {key for records in found.values() for key, _ in records} == {None}
    assert len(found) == 4  # in turn, not all in one place


def test_a_tenants_line_with_a_wrong_time_still_goes_to_the_tenants_partition() -> None:
    addresses = Addresses(8)
    for ts in (b'"soon"', b"null", b"[1]", b"true"):
        key, partition, ts_ms = addresses.of(b'{"tenant_id":"org_1","ts":%s}' % ts)
        assert (key, partition, ts_ms) == (b"org_1", partition_of("org_1", 8), None)
    assert addresses.of(b'{"tenant_id":"org_1","ts":12}')[2] == 12.0


@given(st.binary(max_size=60))
def test_no_line_whatsoever_stops_the_addressing(line: bytes) -> None:
    assert Addresses(3).of(line)[1] in range(3)


def test_twice_in_a_row_means_each_record_followed_by_itself(make_settings: MakeSettings) -> None:
    settings = make_settings(topics={"partitions": 1})
    assert replay([event("a", 1), event("b", 2)], settings, repeat=2).sent == 4
    values = [value for _, value in arrived(settings, 4)[0]]
    assert values == [event("a", 1)] * 2 + [event("b", 2)] * 2


def test_a_record_of_two_megabytes_is_taken_and_larger_ones_are_counted_as_failed(make_settings: MakeSettings) -> None:
    settings = make_settings()
    large = os.urandom(2_000_000)
    result = replay([large, event("a", 1), os.urandom(2_500_000), event("a", 2), b"x" * 16_000_001], settings)
    assert (result.sent, result.failed) == (3, 2)
    assert result.error
    values = [value for records in arrived(settings, 3).values() for _, value in records]
    assert sorted(values) == sorted([large, event("a", 1), event("a", 2)])


def test_events_are_paced_by_their_own_clock(make_settings: MakeSettings) -> None:
    settings = make_settings()
    lines = [event("a", n, ts=1_790_000_000_000 + n * 6_000) for n in range(6)]  # half a minute
    assert replay(lines, settings, speed=60).seconds >= 0.5
    assert replay(lines, settings, rate=10).seconds >= 0.5


def test_what_a_slow_source_has_given_so_far_is_not_held_back(make_settings: MakeSettings) -> None:
    settings = make_settings(topics={"partitions": 1})
    seen: list[bytes] = []

    def trickle() -> Iterator[bytes]:
        yield event("a", 1)
        end = TopicPartition(settings.topics.requests, 0)
        consumer = KafkaConsumer(bootstrap_servers=settings.kafka.bootstrap_servers)
        consumer.assign([end])
        consumer.seek_to_beginning(end)
        while not seen:
            seen.extend(record.value for records in consumer.poll(timeout_ms=500).values() for record in records)
        consumer.close()
        yield event("a", 2)

    assert replay(trickle(), settings).sent == 2
    assert seen == [event("a", 1)]


def test_an_error_of_the_source_ends_the_replay_and_leaves_no_thread_behind(make_settings: MakeSettings) -> None:
    settings = make_settings()

    def breaks() -> Iterator[bytes]:
        yield event("a", 1)
        raise RefusedToStart("the file is cut off")

    with pytest.raises(RefusedToStart, match="cut off"):
        replay(breaks(), settings)
    with BatchProducer(settings.kafka, settings.topics.requests, 4) as producer:
        producer.send(0, None, b"another producer is fine after it")
        producer.flush()
    assert producer.sent == 1


def test_a_missing_topic_is_refused_before_anything_is_read(make_settings: MakeSettings) -> None:
    settings = make_settings(create=False)
    with pytest.raises(RefusedToStart, match="run `distillwatch topics`"):
        replay(iter(()), settings)


def test_nothing_to_replay_is_nothing_sent(make_settings: MakeSettings) -> None:
    assert replay([], make_settings()).sent == 0


def test_a_broker_that_is_away_is_told_at_once(make_settings: MakeSettings) -> None:
    settings = make_settings(create=False, kafka={"bootstrap_servers": f"127.0.0.1:{free_ports()}"})
    with pytest.raises(RetryLater, match="is it running"):
        replay([event("a", 1)], settings)


def test_a_broker_that_dies_on_the_way_is_told_with_what_was_sent(tmp_path: Path, jars: Path) -> None:
    broker = LocalKafka(tmp_path, free_ports(2), jars=jars)
    broker.start()
    settings = Settings(kafka=KafkaSettings(bootstrap_servers=broker.address))
    create_topics(settings)

    def dies() -> Iterator[bytes]:
        for n in range(1_000_000):
            if n == 5000:
                broker.kill()
            yield event("a", n)

    with pytest.raises(RetryLater, match=r"went away: \d+ records were accepted, the rest were not"):
        replay(dies(), settings, patience_seconds=3)


def test_a_producer_without_a_broker_ends_with_one_line(kafka: LocalKafka, make_settings: MakeSettings) -> None:
    settings = make_settings(create=False, kafka={"bootstrap_servers": f"127.0.0.1:{free_ports()}"})
    with pytest.raises(RetryLater, match="is it running"), BatchProducer(settings.kafka, "any", 1):
        pass
    assert kafka.answers()
