"""A file of events as a worker gets it: batches of raw records, each of one partition."""

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from schemas.codec import read_event
from schemas.errors import RefusedToStart
from schemas.event import Event
from schemas.partitioner import partition_of
from streams.capacity.load import Pauses

Batch = tuple[int, list[bytes]]


class Traffic(Struct, frozen=True, kw_only=True):
    """The records that are measured, held in memory; `batches` in the order in which their last records came.

    `bad` of the `records` are no events. `times_ms` are those of each tenant's events, in their order, by their own clocks. `cut` says that
    the file goes on.
    """

    batches: list[Batch]
    partitions: int
    records: int
    bad: int
    times_ms: dict[str, list[int]]
    cut: bool

    @classmethod
    def of(cls, records: Iterable[bytes], partitions: int, batch_records: int, most: int) -> "Traffic":
        """Read `most` records at most; raises `RefusedToStart` when there is no event among them.

        A batch is full, `batch_records` of one partition, as for a worker that is saturated; the last ones are what is left.
        """
        left, times_ms, homes = iter(records), dict[str, list[int]](), dict[str, int]()
        waiting, batches, bad = dict[int, list[bytes]](), list[Batch](), 0
        for record in islice(left, most):
            event, home = read_event(record), 0
            if isinstance(event, Event):
                tenant = event.tenant_id
                home = homes[tenant] if tenant in homes else homes.setdefault(tenant, partition_of(tenant, partitions))
                times_ms.setdefault(tenant, []).append(event.ts)
            else:
                bad += 1
            batch = waiting.setdefault(home, [])
            batch.append(record)
            if len(batch) == batch_records:
                batches.append((home, waiting.pop(home)))
        if not times_ms:
            raise RefusedToStart(f"there is no event to measure: {bad:,} records were read, none of them is one")
        return cls(
            batches=batches + sorted(waiting.items()),
            partitions=partitions,
            records=bad + sum(map(len, times_ms.values())),
            bad=bad,
            times_ms=times_ms,
            cut=next(left, None) is not None,
        )

    @property
    def tenants(self) -> int:
        """How many tenants sent the events."""
        return len(self.times_ms)

    @property
    def events(self) -> int:
        """How many of the records are events."""
        return self.records - self.bad

    @property
    def span_ms(self) -> int:
        """The time between the first event and the last; 1 when there is none."""
        return max(1, max(map(max, self.times_ms.values())) - min(map(min, self.times_ms.values())))

    @property
    def largest(self) -> float:
        """The share of the busiest tenant in the events."""
        return max(map(len, self.times_ms.values())) / self.events

    def pauses(self) -> Pauses:
        """The times between the requests of each tenant in shares of the span; from its last one it goes on to its first."""
        span_ms = self.span_ms
        parts = [
            np.diff(times, append=times[0] + span_ms) / span_ms
            for times in (np.sort(np.array(each, dtype=float)) for each in self.times_ms.values())
        ]
        return np.concatenate(parts)

    def first(self, records: int) -> "Traffic":
        """The first batches, `records` or somewhat more: to warm up with."""
        return replace(self, batches=list(self._first(records)), records=records, cut=True)

    def _first(self, records: int) -> Iterator[Batch]:
        taken = 0
        for batch in self.batches:
            if taken >= records:
                return
            taken += len(batch[1])
            yield batch
