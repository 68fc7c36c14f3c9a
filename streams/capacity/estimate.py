"""From what was measured to what it means for so many tenants at such a rate."""

from collections.abc import Sequence
from math import ceil
from statistics import median

from msgspec import Struct

from streams.capacity.load import Load
from streams.capacity.memory import Memory
from streams.capacity.rounds import Costs
from streams.capacity.traffic import Traffic
from streams.judging import AVERAGE_STATE_BYTES
from streams.settings import WorkerSettings

GIB = 1 << 30
#: The rate of a busy core and the packing at that rate depend on each other; after so many steps they agree.
STEPS = 20

Stages = dict[str, float]


class Asked(Struct, frozen=True, kw_only=True):
    """What the user wants to know: tenants, and requests a second of all of them together; None: as many as a core does."""

    tenants: int
    events_per_second: float | None = None


class Need(Struct, frozen=True, kw_only=True):
    """What the asked load needs. `cores` are those of judging; `workers` and `partitions` the least that carry them, each of one core.

    `gib` is the memory of all these workers, `awake` the tenants that they keep unpacked, `on_disk` those over `worker.tenants_in_memory`;
    `restore_seconds` the CPU time in which one worker alone unpacks all tenants at its start. `packed_per_event` and
    `woken_per_event` count tenants.
    """

    tenants: int
    awake: int
    on_disk: int
    gib: float
    events_per_second: float
    cores: float
    workers: int
    partitions: int
    packed_per_event: float
    woken_per_event: float
    restore_us_per_tenant: float
    restore_seconds: float


class Capacity(Struct, frozen=True):
    """The answer. `stages` are microseconds of CPU an event and add up to `cpu_us_per_event`; `bytes_per_tenant` is process memory.

    `spread` is the least and the greatest round of each stage, and of their sum, `total`.
    """

    cpu_us_per_event: float
    events_per_second_per_core: float
    bytes_per_tenant: float
    stages: Stages
    spread: dict[str, tuple[float, float]]
    memory: Memory
    need: Need


def estimate(
    costs: Sequence[Costs], memory: Memory, traffic: Traffic, settings: WorkerSettings, asked: Asked
) -> Capacity:
    """Put the figures together: of each stage the median of the rounds.

    Tenants are packed as the worker's bounds say, `checkpoint_seconds` and `checkpoint_bytes` of a partition, at the asked rate, or at
    the rate of a core that does nothing else.
    """
    load = Load(traffic.pauses(), asked.tenants)
    most_packed = ceil(settings.checkpoint_bytes / AVERAGE_STATE_BYTES) * traffic.partitions
    stored = load.woken_per_event(settings.tenants_in_memory)
    rate = asked.events_per_second or 1e6 / median(one.judged_us for one in costs)
    workers, partitions = 1, traffic.partitions
    for _ in range(STEPS):
        most_awake = workers * settings.hydrated_tenants
        woken = load.woken_per_event(most_awake)
        packed = load.packed_per_event(rate, settings.checkpoint_seconds, most_packed)
        rounds = [_stages(one, packed, woken, stored) for one in costs]
        stages = {stage: median(each[stage] for each in rounds) for stage in rounds[0]}
        cpu_us = sum(stages.values())
        rate = asked.events_per_second or 1e6 / cpu_us
        workers, partitions = _workers(rate * cpu_us / 1e6, traffic.partitions)
    awake = min(asked.tenants, most_awake)
    on_disk = max(0, asked.tenants - workers * settings.tenants_in_memory)
    held_bytes = _held_bytes(memory, asked.tenants, on_disk, awake)
    restore_us = median(one.us("restore", "states") for one in costs)
    need = Need(
        tenants=asked.tenants,
        awake=awake,
        on_disk=on_disk,
        gib=(workers * memory.process + held_bytes) / GIB,
        events_per_second=rate,
        cores=rate * cpu_us / 1e6,
        workers=workers,
        partitions=partitions,
        packed_per_event=packed,
        woken_per_event=woken,
        restore_us_per_tenant=restore_us,
        restore_seconds=restore_us * asked.tenants / 1e6,
    )
    per_core, per_tenant = 1e6 / cpu_us, held_bytes / asked.tenants
    return Capacity(cpu_us, per_core, per_tenant, stages, _spread(rounds), memory, need)


def _held_bytes(memory: Memory, tenants: int, on_disk: int, awake: int) -> float:
    """What tenants take in all processes together, the one that searches for campaigns included."""
    searched = memory.signalling * memory.campaigns * tenants
    return memory.asleep * (tenants - on_disk) + searched + memory.awake * awake


def _stages(one: Costs, packed: float, woken: float, stored: float) -> Stages:
    """Microseconds an event by stage when so many tenants are packed, woken, and woken out of the store an event.

    A tenant that is packed gives one row: between two passes of a live stream it has requests of one window. Who is woken is packed at
    once, so as often as that at least. What only the end of a fold changes is packed again, or unpacked, once a fold at most.
    """
    folds = one.done["folds"] / one.done["records"]
    return {
        "decode": one.us("decode"),
        "judge": one.us("judge"),
        "wake": woken * one.us("wake", "states") + min(woken, folds) * one.us("thaw", "states"),
        "store": stored * one.us("store", "states"),
        "campaigns": one.us("campaigns"),
        "alerts": one.us("alerts"),
        "rows": packed * one.us("rows", "rows"),
        "checkpoints": max(packed, woken) * (one.us("repack", "states") + one.us("row", "states"))
        + min(packed, folds) * one.learned_us,
    }


def _spread(rounds: list[Stages]) -> dict[str, tuple[float, float]]:
    summed = [each | {"total": sum(each.values())} for each in rounds]
    return {stage: (min(each[stage] for each in summed), max(each[stage] for each in summed)) for stage in summed[0]}


def _workers(cores: float, partitions: int) -> tuple[int, int]:
    """The fewest workers of one core each that carry the load, the busiest with its whole partitions; and the partitions they need.

    >>> _workers(0.4, 8), _workers(2.6, 8), _workers(11.5, 8)
    ((1, 8), (3, 8), (12, 12))
    """
    least = max(1, ceil(cores - 1e-9))
    for workers in range(least, partitions + 1):
        if ceil(partitions / workers) * cores / partitions <= 1 + 1e-9:
            return workers, partitions
    return least, ceil(partitions / least) * least
