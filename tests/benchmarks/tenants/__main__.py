"""Memory of a tenant and CPU of an event with many tenants in one process; without Kafka and ClickHouse.

    .venv/bin/python -m tests.benchmarks.tenants [--tenants 1000,100000,1000000] [--spread uniform,zipf] [--json FILE]

Copies of the tenants of simulated traffic, or of `--from EVENTS.jsonl`, each with a name and a packed state of its own, all of them grown,
one in a hundred under a finding; all of one process, in eight partitions, with the search for campaigns. `--rate` events come a second by
their own clocks, which decides how many a checkpoint covers. What is measured is a steady state: first those send a request each who would
be awake by now, then come `--warm` events, then the `--events` that count. Each line is a process of its own, which a hundred tenants have
warmed up before: bytes a tenant are what it grows by with the others. A million takes 5 GB and some ten minutes. Settings are those of a
worker, from the environment.
"""

import argparse
import importlib
import subprocess
import sys
from pathlib import Path

import msgspec
from msgspec.structs import replace

from streams.configuration import mind_of
from streams.files import RecordFile
from streams.garbage import rarely_collect
from streams.settings import Settings, WorkerSettings
from streams.simulation import Simulation, simulate
from tests.benchmarks.tenants.cast import Cast
from tests.benchmarks.tenants.crowd import Asked, Crowd, Load
from tests.benchmarks.tenants.page import Measured, bounds, head, line

SECRET = b"what is measured is kept nowhere, so any key does"
SIMULATION = Simulation(days=2, tenants=60, attackers=8, seed=11)
#: Copies of every original, and enough events of theirs that a process takes no more when they go on.
FEW, FEW_EVENTS = 100, 60_000


def measured(asked: Asked, cast: Cast) -> Load:
    """Measure in this process, which should be a fresh one: what was freed before is used again and not seen to grow.

    A small crowd goes through the same before, and stays: code that runs for the first time, what is remembered of texts and the buffers of
    batches are the process's and not the tenants'.
    """
    importlib.import_module("streams.worker")  # a worker's code takes memory too
    rarely_collect()  # and collects so
    settings = Settings()
    mind = mind_of(settings.judgement, SECRET)
    few = Crowd(mind, settings, cast, replace(asked, tenants=FEW, events=FEW_EVENTS, warm=0))
    few.run()
    return Crowd(mind, settings, cast, asked).run()


def _in_a_process(asked: Asked, cast: bytes) -> Load:
    command = [sys.executable, "-m", "tests.benchmarks.tenants", "--one", msgspec.json.encode(asked).decode()]
    out = subprocess.run(command, input=cast, stdout=subprocess.PIPE, check=True).stdout
    return msgspec.json.decode(out, type=Load)


def _cast(source: str | None) -> bytes:
    mind = mind_of(Settings().judgement, SECRET)
    return msgspec.msgpack.encode(Cast.of(mind, RecordFile(source) if source else simulate(SIMULATION)[0]))


def _asked(arguments: argparse.Namespace, settings: WorkerSettings, spread: str, tenants: int) -> Asked:
    return Asked(
        tenants=tenants,
        spread=spread,
        rate=arguments.rate,
        events=arguments.events,
        warm=arguments.warm,
        awake=arguments.awake,
        checkpoint_seconds=settings.checkpoint_seconds,
        checkpoint_bytes=settings.checkpoint_bytes,
    )


def main() -> None:
    """Measure one after the other, and print each as it comes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenants", default="1000,100000,1000000")
    parser.add_argument("--spread", default="uniform,zipf")
    settings = Settings().worker
    parser.add_argument("--awake", type=int, default=settings.hydrated_tenants, help="kept unpacked, at most")
    parser.add_argument("--rate", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--warm", type=int, default=600_000, help="judged before those that are measured: what a pass waits for at least")
    parser.add_argument("--from", dest="source")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        cast = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Cast)
        load = measured(msgspec.json.decode(arguments.one, type=Asked), cast)
        print(msgspec.json.encode(load).decode())
        return
    made = _cast(arguments.source)
    print(f"{bounds(settings)}; {arguments.rate:,} events a second; {arguments.warm:,} judged, then {arguments.events:,} measured.\n")
    print(head(), flush=True)
    results: list[Measured] = []
    for spread in arguments.spread.split(","):
        first: Measured | None = None
        for tenants in map(int, arguments.tenants.split(",")):
            asked = _asked(arguments, settings, spread, tenants)
            results.append(Measured(asked, _in_a_process(asked, made)))
            first = first or results[-1]
            print(line(results[-1], first), flush=True)
    if arguments.json:
        arguments.json.write_bytes(msgspec.json.format(msgspec.json.encode(results)))


if __name__ == "__main__":
    main()
