"""How long a worker takes to start with many tenants, on a real Kafka: from the start of its process to the first judged requests.

    .venv/bin/python -m tests.benchmarks.start [--tenants 100000] [--passes 5]

The checkpoint topic is written as a worker writes it, with copies of the tenants of simulated traffic under names of their own: once
each, which is what compaction leaves, and `--passes` times each, of which none is compacted yet. One in a hundred has an open finding.
Requests of two hundred tenants wait, in every partition. The last start is a warm one (`worker.warm_start`), on the uncompacted topic: the
worker before it was killed when its copies were up to date, and has written of those two hundred since.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer
from msgspec.structs import replace

from models.partition import Checkpoint, Partition, Unit
from models.snapshot import FORM, PartitionState, TenantState, pack, unpack_tenant
from schemas.codec import decode_event
from schemas.partitioner import partition_of
from streams.batches import BatchSender
from streams.checkpoints import CheckpointLog
from streams.configuration import mind_of
from streams.kafka_client import aiokafka_settings
from streams.local.kafka import LocalKafka, default_jars
from streams.local.ports import free_ports
from streams.replay import replay
from streams.settings import Settings
from streams.simulation import Simulation, simulate
from streams.topics import create_topics, topic_identity
from tests.benchmarks.worker_cost import metrics
from tests.integration.drill import WorkerProcess, wait_until
from tests.models.events import event

SECRET = "a secret for the benchmark"  # noqa: S105 - it protects nothing
#: One of so many tenants has an open finding; of the simulated ones it is one in three.
SUSPECT_EVERY = 100
WAITING = 200
PARTITIONS = 8


def originals(settings: Settings) -> list[TenantState]:
    """The tenants of a simulated day, as they rest."""
    mind = mind_of(settings.judgement, SECRET.encode())
    partition = Partition(mind, 0, 1)
    for offset, record in enumerate(simulate(Simulation(days=1, tenants=20, seed=1))[0]):
        partition.apply(offset, decode_event(record))
    return [unpack_tenant(packed) for _, packed in partition.checkpoint().tenants]


def copies(settings: Settings, tenants: int) -> dict[int, list[tuple[Unit, bytes]]]:
    """So many tenants at rest, by their partition, and each a copy of one that was made."""
    topic_id, partitions = topic_identity(settings, settings.topics.requests)
    made: dict[int, list[tuple[Unit, bytes]]] = {index: [] for index in range(partitions)}
    states = originals(settings)
    honest, suspect = ([one for one in states if (one.case is not None) is yes] for yes in (False, True))
    for number in range(tenants):
        name, some = name_of(number), honest if number % SUSPECT_EVERY else suspect
        copy = replace(some[number % len(some)], tenant=name, topic_id=topic_id, position=-1)
        made[partition_of(name, partitions)].append(((name, ""), pack(copy)))
    return made


def name_of(number: int) -> str:
    return f"org_{number:010x}"


async def write(settings: Settings, tenants: int, passes: int) -> int:
    """Write the passes of every partition; the bytes of them."""
    topic_id, partitions = topic_identity(settings, settings.topics.requests)
    producer = AIOKafkaProducer(
        **aiokafka_settings(settings.kafka), acks="all", enable_idempotence=True, max_batch_size=524_288, compression_type="zstd"
    )
    await producer.start()
    log, size = CheckpointLog(settings.topics.checkpoints, BatchSender(lambda: producer), {}), 0
    try:
        for index, packed in copies(settings, tenants).items():
            mark = PartitionState(
                form=FORM,
                topic_id=topic_id,
                partition=index,
                partitions=partitions,
                position=-1,
                generation=0,
                times_ms=(),
                dead_letters={},
            )
            one = Checkpoint(generation=0, position=-1, rows=[], tenants=packed, mark=pack(mark))
            for _ in range(passes):
                size += await log.write(index, one)
    finally:
        await producer.stop()
    return size


class Start(NamedTuple):
    """Settings of a broker with everything on it, and the seconds of a start of theirs."""

    settings: Settings
    place: Path
    next_ms: int

    def measured(self, until: Callable[[WorkerProcess], bool] = lambda _: True) -> dict[str, float]:
        """Send requests, start a worker, and wait until it has judged them, and until it is so; then kill it."""
        begun_with = int(time.time())
        requests = [event(begun_with + number, self.next_ms, name_of(number)) for number in range(WAITING)]
        replay([msgspec.json.encode(each) for each in requests], self.settings)
        begun = time.monotonic()
        worker = WorkerProcess(self.settings, self.place / f"worker-{begun_with}.log", "--role", "judge")
        wait_until(lambda: "worker is up" in worker.text(), worker)
        up = time.monotonic() - begun
        wait_until(lambda: _applied(self.settings.watch.port) >= WAITING, worker, seconds=600)
        judged = time.monotonic() - begun
        now = metrics(self.settings.watch.port)
        wait_until(lambda: until(worker), worker, seconds=1200)
        worker.kill()
        cpu, resident = now["process_cpu_seconds_total"], now["process_resident_memory_bytes"]
        return {"up_seconds": up, "judging_seconds": judged, "cpu_seconds": cpu, "resident_mb": resident / 1e6}


@contextmanager
def ground(tenants: int, passes: int) -> Iterator[tuple[Start, float]]:
    """A broker whose checkpoint topic holds so many tenants so many times; and its megabytes."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        first = free_ports(3)
        kafka = LocalKafka(place, first, jars=default_jars(Path(".distillwatch").absolute()))
        stack.callback(kafka.stop)
        kafka.start()
        settings = Settings(
            kafka={"bootstrap_servers": kafka.address},
            worker={"secret": SECRET, "state_directory": place / "state", "instance": "start"},
            watch={"port": first + 2},
            local={"directory": place / "local"},
        )
        create_topics(settings)
        size = asyncio.run(write(settings, tenants, passes))
        next_ms = max(state.clock_ms for state in originals(settings)) + 60_000
        yield Start(settings, place, next_ms), size / 1e6


def _is_copied(worker: WorkerProcess) -> bool:
    return worker.text().count("the local copy is up to date") >= PARTITIONS


def _applied(port: int) -> float:
    try:
        return metrics(port)["distillwatch_events_applied_total"]
    except OSError:  # too busy to answer
        return 0.0


def main() -> None:
    """Print them as a table and as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenants", type=int, default=100_000)
    parser.add_argument("--passes", type=int, default=5)
    arguments = parser.parse_args()
    results: dict[str, dict[str, float]] = {}

    def told(name: str, result: dict[str, float], size_mb: float) -> None:
        results[name] = result = result | {"tenants": arguments.tenants, "topic_mb": size_mb}
        if len(results) == 1:
            print(f"| topic | {' | '.join(result)} |\n|{'---|' * (1 + len(result))}")
        print(f"| {name} | {' | '.join(f'{value:,.1f}' for value in result.values())} |", flush=True)

    with ground(arguments.tenants, 1) as (start, size_mb):
        told("compacted", start.measured(), size_mb)
    with ground(arguments.tenants, arguments.passes) as (start, size_mb):
        told("uncompacted", start.measured(), size_mb)
        worker = start.settings.worker.model_copy(update={"warm_start": True})
        warm = start._replace(settings=start.settings.model_copy(update={"worker": worker}))
        warm.measured(_is_copied)
        told("warm", warm.measured(), size_mb)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
