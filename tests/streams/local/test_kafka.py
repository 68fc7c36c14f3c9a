"""The embedded broker, for real."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient

from schemas.errors import RefusedToStart
from streams.local.kafka import LocalKafka, answers_as_kafka
from streams.local.ports import LOOPBACK, free_ports


@pytest.fixture
def broker(tmp_path: Path, jars: Path) -> Iterator[LocalKafka]:
    own = LocalKafka(tmp_path / "own directory, with a comma", free_ports(2), heap_mb=192, jars=jars)
    yield own
    own.kill()


def listeners_of(pid: int) -> set[str]:
    """The addresses, in hexadecimal, on which a process listens."""
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        target = str(link.readlink())
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    ]
    return {row[1] for row in rows if row[3] == "0A" and row[9] in inodes}


def test_it_starts_once_keeps_its_data_over_a_stop_and_a_kill_and_ends_clean(broker: LocalKafka) -> None:
    assert broker.start()
    assert not broker.start()
    status = broker.status()
    assert status.answers
    assert status.pid is not None
    assert status.memory_bytes > 50_000_000
    with KafkaAdminClient(bootstrap_servers=broker.address) as client:
        client.create_topics({"kept": {"num_partitions": 1}}, wait_for_metadata=True)
    with KafkaProducer(bootstrap_servers=broker.address) as producer:
        producer.send("kept", b"one").get(20)
    assert broker.stop()
    assert broker.start()
    with KafkaProducer(bootstrap_servers=broker.address) as producer:
        producer.send("kept", b"two").get(20)
    assert broker.kill()
    assert not broker.answers()
    assert broker.start()
    consumer = KafkaConsumer(
        "kept", bootstrap_servers=broker.address, auto_offset_reset="earliest", consumer_timeout_ms=20_000
    )
    records = iter(consumer)
    assert [next(records).value for _ in range(2)] == [b"one", b"two"]
    consumer.close()
    assert broker.stop()
    assert not broker.stop()
    assert broker.status().pid is None


def test_it_listens_on_loopback_only(kafka: LocalKafka) -> None:
    pid = kafka.process.pid()
    assert pid is not None
    hosts = {address.rpartition(":")[0] for address in listeners_of(pid)}
    assert hosts <= {"0100007F", "0000000000000000FFFF00000100007F"}
    assert len(listeners_of(pid)) == 2


def test_a_topic_with_a_mistyped_name_fails_instead_of_appearing(kafka: LocalKafka) -> None:
    with KafkaAdminClient(bootstrap_servers=kafka.address) as client:
        client.describe_topics(["mistyped"])
        assert "mistyped" not in client.list_topics()


@pytest.mark.parametrize("offset", [0, 1], ids=["the broker's port", "the controller's port"])
def test_a_taken_port_is_refused_before_anything_is_launched(broker: LocalKafka, offset: int) -> None:
    with socket.create_server((LOOPBACK, broker.port + offset)):
        with pytest.raises(RefusedToStart, match=f"port {broker.port + offset} is taken by another process"):
            broker.start()
        assert not broker.process.log_file.exists()


def test_a_broker_that_runs_elsewhere_is_told_from_one_that_answers_here(broker: LocalKafka, kafka: LocalKafka) -> None:
    moved = LocalKafka(kafka.directory, broker.port, jars=kafka.jars)
    with pytest.raises(RefusedToStart, match="but does not answer at"):
        moved.start()
    assert kafka.answers()


def test_a_broker_that_cannot_start_says_why_in_one_line(broker: LocalKafka) -> None:
    broker.heap_mb = 1
    with pytest.raises(RefusedToStart) as refused:
        broker.start()
    assert "\n" not in str(refused.value)
    assert broker.status().pid is None


def test_whoever_listens_there_but_is_no_kafka_does_not_count_as_ready() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(100)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        assert not answers_as_kafka(LOOPBACK, port)
        thread.join()
