"""So many copies in this process, and their traffic, judged and packed as a worker does it; without Kafka and ClickHouse."""

import gc
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import thread_time
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from models.campaigns.correlator import Correlator
from models.mind import Mind
from models.partition import Partition
from models.shelf import MemoryShelf
from models.snapshot import pack, unpack_tenant
from schemas.partitioner import partition_of
from schemas.rows import encode_row
from schemas.signal import Watermark, decode_message, encode_message
from streams.capacity.growth import copy_name, resident_bytes, signal_of
from streams.configuration import campaign_config
from streams.judging import is_due, judged
from streams.settings import Settings
from streams.telemetry import Telemetry
from tests.benchmarks.tenants.cast import NOW_MS, Cast
from tests.streams.fakes import Record

Numbers = np.ndarray[Any, np.dtype[np.int64]]

PARTITIONS, TOPIC_ID = 8, "a-million-of-tenants-1"
#: Of so many requests the last ones say who is awake at first.
HEARD, TOGETHER = 4_000_000, 10_000
STAGES = ("decode", "judge", "checkpoint", "rows", "campaigns")


class Asked(Struct, frozen=True, kw_only=True):
    """How many tenants, who of them sends (`uniform`, or `zipf` with exponent 1), and how many a second by their own clocks.

    At most `awake` are unpacked after a pass; `checkpoint_seconds` and `checkpoint_bytes` of a partition say when it passes. `events`
    are measured. Before them `warm` ones are judged, and before those one of each tenant that would be awake by now.
    """

    tenants: int
    spread: str
    rate: int
    events: int
    warm: int
    awake: int
    checkpoint_seconds: float
    checkpoint_bytes: int


class Load(Struct, frozen=True, kw_only=True):
    """What came of it: bytes of the process a tenant, and CPU microseconds, tenants and bytes an event."""

    bytes_asleep: float
    bytes_in_search: float
    bytes_per_tenant: float
    resident_mb: float
    peak_mb: float
    awake: int
    packed_per_event: float
    woken_per_event: float
    snapshot_bytes_per_event: float
    epoch_seconds: float
    stages: dict[str, float]


class CountingShelf(MemoryShelf):
    """Counts those that are woken."""

    woken = 0

    def get(self, unit: tuple[str, str]) -> bytes | None:
        packed = super().get(unit)
        self.woken += packed is not None
        return packed


class Crowd:
    """The partitions of a worker that holds all of them, and the search for campaigns."""

    def __init__(self, mind: Mind, settings: Settings, cast: Cast, asked: Asked) -> None:
        self._mind, self._settings, self._cast, self._asked = mind, settings, cast, asked
        self._shelves = [CountingShelf() for _ in range(PARTITIONS)]
        awake = max(1, asked.awake // PARTITIONS)
        self._judges = [
            Partition(mind, index, PARTITIONS, TOPIC_ID, awake, shelf) for index, shelf in enumerate(self._shelves)
        ]
        self._search = Correlator(campaign_config(settings.campaigns, mind), mind.versions, PARTITIONS)
        self._homes = np.zeros(asked.tenants, np.uint8)
        self._sent = np.zeros(asked.tenants, np.uint32)
        self._random = np.random.default_rng(7)
        self._offsets = [0] * PARTITIONS
        self._judged, self._ms = 0, NOW_MS
        self._passed_ms = self._spread_passes()
        self._telemetry = Telemetry()
        self._seconds = defaultdict[str, float](float)
        self._packed = self._bytes = 0
        if asked.spread == "zipf":
            self._shares = np.cumsum(1.0 / np.arange(1, asked.tenants + 1))

    def run(self) -> Load:
        """Restore, warm up, measure."""
        before = resident_bytes()
        self._restore()
        asleep = resident_bytes()
        self._tell()
        search = resident_bytes() - asleep
        gc.freeze()
        self._wake_those_heard_last()
        self._send(self._asked.warm)
        begun = self._figures()
        self._send(self._asked.events)
        ended = {name: (now - begun[name]) / self._asked.events for name, now in self._figures().items()}
        resident, tenants = resident_bytes(), self._asked.tenants
        return Load(
            bytes_asleep=(asleep - before) / tenants,
            bytes_in_search=search / tenants,
            bytes_per_tenant=(resident - before) / tenants,
            resident_mb=resident / 1e6,
            peak_mb=_peak_kb() / 1e3,
            awake=sum(len(judge.hydrated) for judge in self._judges),
            packed_per_event=ended["packed"],
            woken_per_event=ended["woken"],
            snapshot_bytes_per_event=ended["bytes"],
            epoch_seconds=self._seconds["epoch"],
            stages={stage: ended[stage] * 1e6 for stage in STAGES},
        )

    def _figures(self) -> dict[str, float]:
        name = "distillwatch_stage_cpu_seconds_total"
        told = {stage: self._telemetry.value(name, stage=stage) for stage in ("decode", "judge")}
        counted = {"packed": float(self._packed), "bytes": float(self._bytes)}
        woken = float(sum(shelf.woken for shelf in self._shelves))
        return dict.fromkeys(STAGES, 0.0) | self._seconds | told | counted | {"woken": woken}

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        begun = thread_time()
        yield
        self._seconds[name] += thread_time() - begun

    def _restore(self) -> None:
        for number in range(self._asked.tenants):
            state = unpack_tenant(self._cast.original(number).packed)
            copy = replace(state, tenant=copy_name(number), topic_id=TOPIC_ID, position=-1)
            home = self._homes[number] = partition_of(copy.tenant, PARTITIONS)
            self._judges[home].restore(None, [pack(copy)])
        for shelf in self._shelves:
            shelf.woken = 0

    def _tell(self) -> None:
        """Let all have told the search of themselves, an hour ago and just now, as tenants do that send something every hour."""
        epoch_ms = NOW_MS - NOW_MS % self._mind.config.epoch_ms
        for at_ms in (epoch_ms, epoch_ms + self._mind.config.epoch_ms):
            for number in range(self._asked.tenants):
                if (told := self._cast.original(number).signal) is not None:
                    self._search.take(signal_of(told, number, at_ms))
            if at_ms == epoch_ms:
                with self._stage("epoch"):
                    for index in range(PARTITIONS):
                        self._search.take(Watermark(index, epoch_ms))

    def _wake_those_heard_last(self) -> None:
        """Let those send one request each whom a worker that runs for long would have awake, the one heard last at the end.

        So the first waking of everybody is not in what is measured.
        """
        heard: dict[int, None] = {}
        for _ in range(HEARD // TOGETHER):  # backwards from now
            heard.update(dict.fromkeys(self._drawn(TOGETHER).tolist()))
            if len(heard) >= self._asked.awake:
                break
        self._judge(np.array(list(heard)[: self._asked.awake][::-1]))
        for judge in self._judges:
            self._pass(judge)
        self._passed_ms = self._spread_passes()

    def _send(self, events: int) -> None:
        """Batches of each partition, as full as those of a saturated worker."""
        left, size = events, self._settings.worker.batch_records * PARTITIONS
        while left > 0:
            numbers = self._drawn(min(size, left))
            left -= len(numbers)
            self._judge(numbers)

    def _judge(self, numbers: Numbers) -> None:
        records: list[list[Record]] = [[] for _ in range(PARTITIONS)]
        for number in numbers.tolist():
            home = int(self._homes[number])
            records[home].append(Record(self._offsets[home], self._request(number)))
            self._offsets[home] += 1
        for judge, some in zip(self._judges, records, strict=True):
            judged(judge, some, self._mind.hasher, self._telemetry)
            judge.findings.clear()
            self._pass_when_due(judge)

    def _drawn(self, size: int) -> Numbers:
        if self._asked.spread == "uniform":
            return self._random.integers(0, self._asked.tenants, size)
        ranks: Numbers = np.searchsorted(self._shares, self._random.random(size) * self._shares[-1])
        return ranks * 7919 % self._asked.tenants  # busy tenants are copies of all originals

    def _request(self, number: int) -> bytes:
        requests = self._cast.original(number).requests
        event = requests[self._sent[number] % len(requests)]
        self._sent[number] += 1
        self._judged += 1
        self._ms = NOW_MS + self._judged * 1000 // self._asked.rate
        again = replace(event, tenant_id=copy_name(number), event_id=f"evt_{self._judged:020x}", ts=self._ms)
        return msgspec.json.encode(again)

    def _spread_passes(self) -> list[int]:
        """When each partition passed last: spread over the interval, as a worker does it."""
        every_ms = self._asked.checkpoint_seconds * 1000
        return [self._ms - int(every_ms * index / PARTITIONS) for index in range(PARTITIONS)]

    def _pass_when_due(self, judge: Partition) -> None:
        due_ms = self._passed_ms[judge.index] + self._asked.checkpoint_seconds * 1000
        if self._ms >= due_ms or is_due(judge, self._asked.checkpoint_bytes):
            self._pass(judge)

    def _pass(self, judge: Partition) -> None:
        self._passed_ms[judge.index] = self._ms
        messages, judge.messages = judge.messages, []
        with self._stage("checkpoint"):
            checkpoint = judge.checkpoint()
        with self._stage("rows"):
            for row in checkpoint.rows:
                encode_row(row)
        with self._stage("campaigns"):
            for message in messages:
                self._search.take(decode_message(encode_message(message)))
        self._packed += len(checkpoint.tenants)
        self._bytes += len(checkpoint.mark) + sum(len(packed) for _, packed in checkpoint.tenants)


def _peak_kb() -> int:
    """The most memory that this process ever had in use."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])
