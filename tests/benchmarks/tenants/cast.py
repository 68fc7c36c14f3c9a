"""Who the tenants of the benchmark are copies of: some days of a few, told as if all had just sent their last request."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from models.look import looking
from models.mind import Mind
from models.partition import Partition
from models.snapshot import unpack_tenant
from schemas.codec import read_event
from schemas.event import Event
from schemas.signal import Signal

#: The last requests of a tenant, which its copies send; those before make it what it is.
HELD_BACK = 48
LEAST_BEFORE = 64
#: One copy in so many has an open finding.
SUSPECT_EVERY = 100
#: When the past ends: a quarter past an hour, so that what follows for some minutes is of one window, as most of traffic is.
NOW_MS = 1_800_000_000_000 - 1_800_000_000_000 % 3_600_000 + 900_000


class Original(Struct, frozen=True):
    """A packed tenant, at `NOW_MS` by its own clock, the requests that it sends next, over and over again, and what it told last."""

    packed: bytes
    requests: list[Event]
    signal: Signal | None


class Cast(Struct, frozen=True):
    """The originals; copies of the honest ones and of the suspects are told apart, for real traffic has few of these."""

    honest: list[Original]
    suspect: list[Original]

    @classmethod
    def of(cls, mind: Mind, records: Iterable[bytes]) -> "Cast":
        """Judge the records, each tenant's moved in time so that all that is judged of it ends now."""
        by_tenant = defaultdict[str, list[Event]](list)
        for event in map(read_event, records):
            if isinstance(event, Event):
                by_tenant[event.tenant_id].append(event)
        grown = [events for events in by_tenant.values() if len(events) >= LEAST_BEFORE + HELD_BACK]
        before = chain.from_iterable(_until_now(events[:-HELD_BACK]) for events in grown)
        judge = _judged(mind, sorted(before, key=lambda event: event.ts))
        signals = {told.tenant: told for told in judge.messages if isinstance(told, Signal)}
        states, cast = dict(judge.checkpoint().tenants), cls([], [])
        for events in grown:
            name = events[0].tenant_id
            one = Original(states[name, ""], events[-HELD_BACK:], signals.get(name))
            is_suspect = unpack_tenant(one.packed).case is not None
            (cast.suspect if is_suspect else cast.honest).append(one)
        return cast

    def original(self, number: int) -> Original:
        """Whose copy the tenant with this number is."""
        some = self.honest if number % SUSPECT_EVERY or not self.suspect else self.suspect
        return some[number % len(some)]


def _until_now(events: list[Event]) -> list[Event]:
    ahead_ms = NOW_MS - max(event.ts for event in events)
    return [replace(event, ts=event.ts + ahead_ms) for event in events]


def _judged(mind: Mind, events: list[Event]) -> Partition:
    judge = Partition(mind, 0, 1)
    with looking(events, mind.hasher):
        for offset, event in enumerate(events):
            judge.apply(offset, event)
    return judge
