"""The partitioner: where Kafka's own clients put a key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2 as kafka_murmur2

from schemas.partitioner import murmur2, partition_of


@given(st.binary(max_size=300))
def test_the_hash_is_kafkas(data: bytes) -> None:
    assert murmur2(data) == kafka_murmur2(data) & 0xFFFFFFFF


@given(st.text(max_size=256), st.integers(1, 4096))
def test_the_partition_is_the_one_kafka_python_chooses(key: str, partitions: int) -> None:
    assert partition_of(key, partitions) == (kafka_murmur2(key.encode()) & 0x7FFFFFFF) % partitions


@pytest.mark.parametrize(
    ("data", "signed"),
    # The vectors of Kafka's own UtilsTest.
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_the_hash_is_that_of_the_java_client(data: bytes, signed: int) -> None:
    assert murmur2(data) == signed & 0xFFFFFFFF


def test_tenants_spread_over_the_partitions() -> None:
    counts = [0] * 8
    for number in range(8000):
        counts[partition_of(f"org_{number}", 8)] += 1
    assert min(counts) > 850
    assert max(counts) < 1150
