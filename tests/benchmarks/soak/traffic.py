"""Simulated traffic of any length, in a file: two days after two days, each of tenants of its own."""

from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import orjson

from streams.simulation import Simulation, simulate
from streams.simulation.rhythm import DAY_MS
from streams.simulation.scene import DEFAULT_START_MS
from tests.integration.ending import with_an_end

DAYS, TENANTS, ATTACKERS = 2, 40, 10


def write(file: Path, records: int, seed: int) -> int:
    """Write so many records, and an end after which nothing is pending; how many there are in all."""
    newest = b""
    with file.open("wb") as out:
        for record in islice(_endless(seed), records):
            out.write(record + b"\n")
            newest = record
        end = with_an_end([newest])[1:]
        out.writelines(record + b"\n" for record in end)
    return records + len(end)


def read(file: Path) -> Iterator[bytes]:
    """The records, one after the other."""
    with file.open("rb") as source:
        yield from map(bytes.rstrip, source)


class Feed:
    """The records, as many as are asked for until it is stopped."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stopped = False
        self.handed_out = 0

    def stop(self) -> None:
        """Hand out no further one."""
        self._stopped = True

    def __iter__(self) -> Iterator[bytes]:
        """Hand them out."""
        for record in read(self._file):
            if self._stopped:
                return
            self.handed_out += 1
            yield record


def _endless(seed: int) -> Iterator[bytes]:
    for block in count():
        start_ms = DEFAULT_START_MS + block * DAYS * DAY_MS
        config = Simulation(days=DAYS, tenants=TENANTS, attackers=ATTACKERS, seed=seed + block, start_ms=start_ms)
        for record in simulate(config)[0]:
            event = orjson.loads(record)
            event["tenant_id"] += f"_{block}"
            event["event_id"] += f"_{block}"
            yield orjson.dumps(event)
