"""How high honest tenants come when they are judged as a worker judges them."""

from collections.abc import Container, Iterable
from itertools import islice

from schemas.event import Event
from schemas.rows import TenantWindow

from .gathering import READ_AT_ONCE
from .look import looking
from .mind import Mind
from .own_null import TenantDay
from .own_rates import DAY_MS
from .partition import Partition
from .peers import PEER_GROUPS

WRITTEN_AFTER = 100_000


def judged_days(events: Iterable[Event], honest: Container[str], mind: Mind) -> list[TenantDay]:
    """The highest level of each honest tenant in each of its peer groups on each day; costs 25 us an event.

    The events are judged together, by one partition, so whoever is suspect is learned from no more, as in a worker.
    """
    partition, highest = Partition(mind, 0, 1), dict[tuple[str, int, str], float]()

    def keep() -> None:
        for row in partition.checkpoint().rows:
            if isinstance(row, TenantWindow) and row.tenant in honest and row.peer_group in PEER_GROUPS:
                key = row.tenant, row.window_start_ms // DAY_MS, row.peer_group
                highest[key] = max(highest.get(key, row.level), row.level)

    waiting, offset = iter(events), 0
    while batch := list(islice(waiting, READ_AT_ONCE)):
        with looking(batch, mind.hasher):
            for event in batch:
                partition.apply(offset, event)
                offset += 1
        if offset % WRITTEN_AFTER < READ_AT_ONCE:
            keep()
    keep()
    return [TenantDay(*key, level) for key, level in highest.items()]
