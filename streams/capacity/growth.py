"""The process that measures memory: it holds copies of tenants, and reads from the system how much it grew.

`python -m streams.capacity.growth` reads a `Copies` from standard input and writes a `Memory`. Growth between two numbers of tenants is
what a tenant costs, whatever the process took before.
"""

import gc
import importlib
import resource
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace

from models.campaigns.config import CampaignConfig
from models.campaigns.correlator import Correlator
from models.mind import Mind
from models.partition import Partition
from models.snapshot import pack, unpack_tenant
from schemas.signal import Message, Signal, Watermark, decode_message, encode_message
from streams.capacity.memory import Copies, Memory
from streams.capacity.rounds import SECRET, TOPIC_ID

_STATM = Path("/proc/self/statm")


def measured(copies: Copies) -> Memory:
    """Measure in this process, which should be a fresh one: what was freed before is used again and not seen to grow."""
    importlib.import_module("streams.worker")  # a worker's code takes memory too
    mind = Mind.of(copies.config, SECRET)
    process, sizes = resident_bytes(), np.array([len(packed) for packed in copies.states])
    partition = Partition(mind, 0, 1, TOPIC_ID, copies.awake[1])
    asleep, awake = _growth_of_tenants(copies, partition)
    return Memory(
        packed_mean=float(sizes.mean()),
        packed_p99=float(np.percentile(sizes, 99)),
        packed_most=int(sizes.max()),
        asleep=asleep,
        awake=awake,
        campaigns=_growth_of_search(copies, mind) if copies.signals else 0.0,
        signalling=len(copies.signals) / len(copies.states),
        process=process,
    )


def resident_bytes() -> int:
    """Memory that this process has in use now, in RAM."""
    gc.collect()
    return int(_STATM.read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def _growth_of_tenants(copies: Copies, partition: Partition) -> tuple[float, float]:
    """Of a tenant that is restored, and of one of those that is then woken by requests."""
    originals = [unpack_tenant(packed) for packed in copies.states]
    last_ms = max(state.clock_ms for state in originals)
    offsets = count()

    def restore(number: int) -> None:
        copy = replace(originals[number % len(originals)], tenant=copy_name(number), position=-1)
        partition.restore(None, [pack(copy)])

    def wake(number: int) -> None:
        for event in copies.requests[number % len(originals)]:
            offset = next(offsets)
            again = replace(event, tenant_id=copy_name(number), event_id=f"evt_{offset:020x}", ts=last_ms)
            partition.apply(offset, again)
        partition.messages.clear()
        partition.findings.clear()

    return _growth(copies.asleep, restore), _growth(copies.awake, wake)


def _growth_of_search(copies: Copies, mind: Mind) -> float:
    """Of a search for campaigns, by the tenants that it holds."""
    first, last = copies.asleep
    small = _search_of(copies, mind, first)
    before = resident_bytes()
    large = _search_of(copies, mind, last - first)
    return max(0.0, (resident_bytes() - before) / large.tenants) if small.tenants else 0.0


def _search_of(copies: Copies, mind: Mind, tenants: int) -> Correlator:
    """A search in which each tenant has given a signal at the last epoch, and one that waits for the next."""
    search = Correlator(CampaignConfig(epoch_ms=mind.config.epoch_ms), mind.versions)
    epoch_ms = max(signal.epoch_ms for signal in copies.signals)
    for at_ms in (epoch_ms, epoch_ms + mind.config.epoch_ms):
        for number in range(tenants):
            search.take(signal_of(copies.signals[number % len(copies.signals)], number, at_ms))
        if at_ms == epoch_ms:
            search.take(Watermark(0, epoch_ms))
    return search


def signal_of(original: Signal, number: int, epoch_ms: int) -> Message:
    """The signal of the copy with this number, as it is read from the topic: its hashes are other ones than those of other copies."""

    def others(hashes: tuple[int, ...]) -> tuple[int, ...]:
        return tuple((each + number * 0x9E3779B1) & 0xFFFFFFFF for each in hashes)

    copy = replace(
        original,
        tenant=copy_name(number),
        partition=0,
        epoch_ms=epoch_ms,
        at_ms=epoch_ms,
        heads=others(original.heads),
        tails=others(original.tails),
        origins=others(original.origins),
        networks=others(original.networks),
        payments=others(original.payments),
    )
    return decode_message(encode_message(copy))


def _growth(sizes: tuple[int, int], make: Callable[[int], Any]) -> float:
    """Bytes that the process grows by for each that is made between the two sizes."""
    first, last = sizes
    for number in range(first):
        make(number)
    before = resident_bytes()
    for number in range(first, last):
        make(number)
    return max(0.0, (resident_bytes() - before) / (last - first))


def copy_name(number: int) -> str:
    """What the copy with this number is called."""
    return f"org_{number:010x}"


if __name__ == "__main__":
    copies_in = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Copies)
    sys.stdout.buffer.write(msgspec.msgpack.encode(measured(copies_in)))
