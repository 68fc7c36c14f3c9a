"""How high honest tenants come when they are judged as a worker judges them."""

from collections.abc import Container, Iterable, Iterator
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


def highest_levels(rows: Iterable[TenantWindow]) -> list[TenantDay]:
    """The highest level of each tenant (of each of its subjects) in each of its peer groups on each day."""
    highest: dict[tuple[str, int, str], float] = {}
    for row in rows:
        if row.peer_group in PEER_GROUPS:
            key = unit_of(row.tenant, row.subject), row.window_start_ms // DAY_MS, row.peer_group
            highest[key] = max(highest.get(key, row.level), row.level)
    return [TenantDay(*key, level) for key, level in highest.items()]


def unit_of(tenant: str, subject: str) -> str:
    r"""Who is judged, as one name.

    >>> unit_of("org_1", ""), unit_of("org_1", "user_2")
    ('org_1', 'org_1\x00user_2')
    """
    return f"{tenant}\x00{subject}" if subject else tenant


def judged_days(events: Iterable[Event], honest: Container[str], mind: Mind) -> list[TenantDay]:
    """The highest levels of the honest tenants among these events; costs 25 us an event.

    All are judged together, by one partition, so whoever is suspect is learned from no more, as in a worker.
    """
    return highest_levels(row for row in _windows(events, mind) if row.tenant in honest)


def _windows(events: Iterable[Event], mind: Mind) -> Iterator[TenantWindow]:
    partition, waiting, offset = Partition(mind, 0, 1), iter(events), 0
    while batch := list(islice(waiting, READ_AT_ONCE)):
        with looking(batch, mind.hasher):
            for event in batch:
                partition.apply(offset, event)
                offset += 1
        if offset % WRITTEN_AFTER < READ_AT_ONCE:
            yield from _newest(partition)
    yield from _newest(partition)


def _newest(partition: Partition) -> Iterator[TenantWindow]:
    return (row for row in partition.checkpoint().rows if isinstance(row, TenantWindow))
