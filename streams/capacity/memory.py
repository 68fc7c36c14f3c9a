"""Memory a tenant: asked of a process of its own (`streams.capacity.growth`), which holds copies of the file's tenants."""

import subprocess
import sys
from collections import deque

import msgspec
from msgspec import Struct

from models.config import Config
from models.snapshot import unpack_tenant
from schemas.codec import read_event
from schemas.errors import RefusedToStart
from schemas.event import Event
from schemas.signal import Signal
from streams.capacity.rounds import Costs
from streams.capacity.traffic import Traffic

#: How many tenants are held when the process is looked at first, and then.
ASLEEP, AWAKE = (4_000, 20_000), (500, 2_500)
#: Requests that a tenant has had since it was woken: a fold, as one of which nothing is waiting.
WOKEN_BY = 16


class Copies(Struct, frozen=True, kw_only=True):
    """What to make copies of: packed states as the measured traffic left them, the last requests of each, and the newest signals."""

    config: Config
    states: list[bytes]
    requests: list[list[Event]]
    signals: list[Signal]
    asleep: tuple[int, int] = ASLEEP
    awake: tuple[int, int] = AWAKE

    @classmethod
    def of(cls, config: Config, costs: Costs, traffic: Traffic) -> "Copies":
        """The tenants as a round left them."""
        last: dict[str, deque[Event]] = {}
        for _, records in traffic.batches:
            for event in map(read_event, records):
                if isinstance(event, Event):
                    last.setdefault(event.tenant_id, deque(maxlen=WOKEN_BY)).append(event)
        requests = [list(last[unpack_tenant(packed).tenant]) for packed in costs.states]
        return cls(config=config, states=costs.states, requests=requests, signals=costs.signals)


class Memory(Struct, frozen=True, kw_only=True):
    """Bytes a tenant. `packed_*` is its snapshot; the others are growth of the process.

    `asleep` is every tenant, `awake` what comes on top while it is unpacked, `campaigns` what the search holds of one that gives signals,
    of which `signalling` is the share. `process` is the worker without any tenant.
    """

    packed_mean: float
    packed_p99: float
    packed_most: int
    asleep: float
    awake: float
    campaigns: float
    signalling: float
    process: int


def measure_memory(copies: Copies) -> Memory:
    """Measure in a fresh process; raises `RefusedToStart` when it dies, as of too little memory (it needs some 500 MB)."""
    done = subprocess.run(
        [sys.executable, "-m", "streams.capacity.growth"],
        input=msgspec.msgpack.encode(copies),
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise RefusedToStart(
            f"the process that measures memory ended with code {done.returncode}: it needs Linux and some 500 MB to spare"
        )
    return msgspec.msgpack.decode(done.stdout, type=Memory)
