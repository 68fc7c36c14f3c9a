"""A pipeline whose outside is played by small fakes."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from models.adoptions import Adoption
from models.canary_key import CanaryKey
from models.partition import Checkpoint
from models.shelf import Shelf
from models.snapshot import PartitionState, unpack_partition
from schemas.rows import TenantWindow
from schemas.signal import Message
from streams.controls import Controls
from streams.delivery import Offsets
from streams.pipeline import Pipeline
from streams.settings import WorkerSettings
from streams.telemetry import Telemetry
from tests.models.events import MINUTE_MS, SECRET, START_MS, event, mind
from tests.streams.fakes import Batch, Record


class Tp:
    """A topic partition as a message names it."""

    def __init__(self, partition: int) -> None:
        self.partition = partition


class Delivered(Batch):
    """A batch with the message that brought it."""

    def __init__(self, records: list[Record], partition: int = 0) -> None:
        super().__init__(records)
        self.message = self
        self.tp = Tp(partition)


class Log:
    """A checkpoint topic in memory, told when to fail."""

    def __init__(self) -> None:
        self.mark: bytes | None = None
        self.tenants: dict[Any, bytes] = {}
        self.failing = False
        self.told: list[str] = []
        self.adoptions: list[Adoption] = []

    async def write(self, partition: int, checkpoint: Checkpoint) -> int:
        del partition
        if self.failing:
            self.failing = False
            raise ConnectionError("the topic is away")
        self.told.append("state")
        self.tenants.update(checkpoint.tenants)
        self.mark = checkpoint.mark
        return 1

    async def write_adoptions(self, partition: int, generation: int, adoptions: list[Adoption]) -> None:
        del partition, generation
        self.told.append("adoption")
        self.adoptions = list(adoptions)

    async def read(self, partition: int, shelf: Shelf) -> tuple[PartitionState | None, list[Adoption]]:
        del partition
        for unit, packed in self.tenants.items():
            shelf.put(unit, packed)
        mark = unpack_partition(self.mark) if self.mark else None
        return mark, list(self.adoptions)


class Out:
    """A publisher that remembers."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.dead: list[bytes | None] = []
        self.requests: dict[int, int] = {}
        self.messages_told: list[Message] = []
        self.canaries: list[tuple[int, Any, float | None]] = []

    async def dead_letter(self, record: Any, letter: Any) -> Any:
        del letter
        self.dead.append(record.value)
        sent = asyncio.get_running_loop().create_future()
        sent.set_result(None)
        return sent

    async def finding(self, partition: int, version: int, finding: Any) -> list[Any]:
        del partition, version, finding
        return []

    async def canary(self, partition: int, finding: Any, lag_seconds: float | None) -> Any:
        self.canaries.append((partition, finding, lag_seconds))
        sent = asyncio.get_running_loop().create_future()
        sent.set_result(None)
        return sent

    async def messages(self, messages: list[Message]) -> None:
        self.log.told.append("signals")
        self.messages_told += messages

    async def rows(self, partition: int, rows: list[TenantWindow]) -> None:
        del partition
        self.log.told.append("rows")
        self.requests |= {row.window_start_ms: row.requests for row in rows}


Made = tuple[Pipeline, Out, list[float]]


def made(
    log: Log,
    committed: int | None = None,
    controls: Controls | None = None,
    end: list[int] | None = None,
    partitions: int = 1,
    wall: Callable[[], float] = lambda: 0.0,
) -> Made:
    """A pipeline that owns some partitions, what it published, and its clock, which a test moves."""
    out, now = Out(log), [0.0]
    pipeline = Pipeline(
        mind=replace(mind(), canary_key=CanaryKey(SECRET)),
        settings=WorkerSettings(checkpoint_seconds=1.0),
        identity=("topic-id", partitions),
        checkpoints=log,  # type: ignore[arg-type]
        publisher=out,  # type: ignore[arg-type]
        telemetry=Telemetry(),
        offsets=lambda _: Offsets(committed, end[0] if end else 1000),
        monotonic=lambda: now[0],
        wall=wall,
        past={},
        controls=controls or Controls(),
        read_controls=_nothing,
    )
    pipeline.take(range(partitions))
    return pipeline, out, now


async def _nothing() -> None:
    """Read nothing more."""


def delivered(begin: int, end: int) -> Delivered:
    """A batch of events a minute apart, of one tenant."""
    return Delivered([Record(n, msgspec.json.encode(event(n, START_MS + n * MINUTE_MS))) for n in range(begin, end)])


async def settle(pipeline: Pipeline, now: list[float]) -> None:
    """Let a checkpoint become due, and run to its end."""
    now[0] += 1.5
    await pipeline.tick()
    for _ in range(20):
        await asyncio.sleep(0)
