"""The judgement of one partition: records in their order, one after the other, whoever brings them."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from heapq import heappop, heappush

from msgspec.structs import replace

from schemas.canary import PREFIX
from schemas.control import Control
from schemas.errors import BadRecord
from schemas.event import Event
from schemas.finding import Finding
from schemas.rows import TenantWindow
from schemas.signal import Message, Watermark

from .accounts import DUPLICATE, LATE, Checkpoint, DeadLetter, Totals, Unit
from .adoptions import Adoption, Adoptions
from .canaries import Canaries
from .clock import RobustClock
from .epochs import Epochs
from .forgetting import Forgetting
from .home import Home
from .mind import Mind
from .roster import Roster
from .shelf import MemoryShelf, Shelf
from .snapshot import PartitionState, TenantState, first_version, pack, unpack_tenant
from .tenant import Tenant
from .window import Window

__all__ = ["Checkpoint", "DeadLetter", "Partition", "Totals", "Unit"]


class Partition:
    """Owns the tenants of one partition: awake ones as objects, the others as bytes on a shelf.

    A tenant that is touched wakes up; a checkpoint packs every tenant that changed and puts those to sleep that are over
    `most_awake`. Nothing here reads a wall clock or another partition.
    """

    def __init__(
        self,
        mind: Mind,
        index: int,
        partitions: int,
        topic_id: str = "",
        most_awake: int = 20_000,
        shelf: Shelf | None = None,
        form: int = 0,
    ) -> None:
        self._mind, self.index, self._home = mind, index, Home(index, partitions, topic_id)
        self.shelf = MemoryShelf() if shelf is None else shelf
        self._clock = RobustClock()
        self.roster = Roster(self.shelf, most_awake, form)
        self._forgetting = Forgetting(mind, self.shelf, self.roster.awake)
        self._awake, self._changed = self.roster.awake, self.roster.changed
        self._misplaced, self._generation, self._first_version = set[str](), 0, first_version(0)
        self._closing, self._rows = list[tuple[int, Unit]](), list[TenantWindow]()
        self._epochs, self._adoptions = Epochs(mind.config.epoch_ms), Adoptions()
        self.position, self.totals = -1, Totals()
        self.findings, self.dead = list[tuple[int, Finding]](), list[DeadLetter]()
        self.canaries = Canaries()
        #: For the search for campaigns, in order; whoever passes them on takes them out.
        self.messages: list[Message] = []

    def apply(self, offset: int, event: Event | BadRecord) -> None:
        """Account for one record: judge an event, make a dead letter of anything else; one accounted for before is skipped.

        Findings are appended to `findings`, dead letters to `dead`; whoever publishes them takes them out.
        """
        if offset >= self._adoptions.due:
            self._adopt(self._adoptions.at(offset))
        if offset <= self.position:
            self.totals.replayed += 1
        elif isinstance(event, BadRecord):
            self._refuse(offset, event)
        else:
            self._judge(offset, event)

    def fetch(self, tenants: Iterable[str]) -> None:
        """Wake who rests of these tenants, before their records are applied; those may rest again whom the last ones woke."""
        self._rows += self.roster.let_rest(self._home.topic_id, self.index)
        woken = self.roster.fetch(tenants, self._mind)
        self._misplaced.update(tenant for tenant, _ in woken if not self._home.has(tenant))

    def adopt(self, adoptions: Iterable[Adoption]) -> None:
        """Judge by these control records, each from its offset on; they are durable, and their offsets come after all others."""
        self._adoptions.add(adoptions)

    def adoptions_since(self, durable: int) -> list[Adoption]:
        """The adoptions that whoever judges again from behind the offset `durable` on has to know."""
        return self._adoptions.since(durable)

    @property
    def newest_control(self) -> Control | None:
        """The control record that was adopted last; it may be in force from a later offset on."""
        return self._adoptions.newest

    def checkpoint(self) -> Checkpoint:
        """Hand out what changed since the last call; the caller makes it durable, or crashes."""
        rows, self._rows = self._rows + self.roster.rows(self.index), []
        tenants = self.roster.pack(self._home.topic_id)
        forgotten = self._forgetting.drop()
        asleep = self.roster.put_to_sleep(self._home.topic_id, forgotten)
        self._misplaced.difference_update(unit[0] for unit in asleep)
        mark, position, generation = pack(self._mark(forgotten)), self.position, self._generation
        return Checkpoint(
            generation=generation, position=position, rows=rows, tenants=tenants, mark=mark, forgotten=forgotten
        )

    def restore(self, mark: PartitionState | None, states: Iterable[bytes]) -> None:
        """Take over what another worker, or this one before it died, made durable.

        Raises `ForeignState` when it was written for another topic or another number of partitions.
        """
        self.roster.found(mark.form if mark is not None else 0)
        for packed in states:
            state = unpack_tenant(packed)
            if mark is None or not mark.counts(state):
                self.shelf.put((state.tenant, state.subject), packed, suspect=state.case is not None)
                self._count(state)
        self.resume(mark)

    def resume(self, mark: PartitionState | None) -> None:
        """Go on from a mark: `restore` for whoever has put the tenants on the shelf already, and calls `recount` next."""
        if mark is None:
            return
        self._home.require(mark.topic_id, mark.partitions)
        self.roster.found(mark.form)
        self.position, self._generation, self._first_version = mark.position, mark.generation, first_version(mark.generation)
        self._clock = RobustClock(mark.times_ms, mark.times_of)
        self._epochs = Epochs(self._mind.config.epoch_ms, mark.watermark_ms)
        self.totals.dead_letters = Counter(mark.dead_letters)
        self._forgetting.resume(mark)
        self.totals.add(mark.forgotten)

    def recount(self) -> Iterator[None]:
        """Count what the tenants on the shelf account for, and expect their Closes: some hundred with each step."""
        suspects = []
        for number, (unit, packed) in enumerate(self.shelf):
            state = unpack_tenant(packed)
            self._count(state)
            if state.case is not None:
                suspects.append((unit, packed))
            if number % 200 == 199:
                yield
        for unit, packed in suspects:
            self.shelf.put(unit, packed, suspect=True)

    def version_of(self, offset: int) -> int:
        """The version of a row that the record at this offset causes."""
        return self._first_version + offset

    @property
    def generation(self) -> int:
        """The home that its state belongs to."""
        return self._generation

    @property
    def tenants(self) -> int:
        """How many tenants are held."""
        return self.roster.tenants

    @property
    def hydrated(self) -> Collection[Unit]:
        """Those of them who are awake."""
        return self._awake.keys()

    @property
    def changed(self) -> int:
        """How many of them changed since the last checkpoint."""
        return len(self._changed)

    @property
    def watermark_ms(self) -> int:
        """The last epoch that the partition has passed; -1 before the first."""
        return self._epochs.watermark_ms

    @property
    def time_ms(self) -> int | None:
        """The partition's clock, in event time."""
        return self._clock.time_ms

    def _adopt(self, control: Control) -> None:
        """Change the mind; rows tell by which one their window was judged last."""
        self._rows += self.roster.rows(self.index)
        self._mind = self._mind.adopting(control)
        for tenant in self._awake.values():
            tenant.adopt(self._mind)

    def _refuse(self, offset: int, error: BadRecord) -> None:
        self.position = offset
        self.totals.dead_letters[error.reason] += 1
        self.dead.append(DeadLetter(offset, error.reason, str(error)))

    def _judge(self, offset: int, event: Event) -> None:
        if event.tenant_id[:7] == PREFIX and self.canaries.take(self._mind, offset, event):
            self.position = offset
            self.totals.canaries += 1
            return
        clock, skew_ms = self._clock, self._mind.config.skew_ms
        future = event.ts > clock.least_ms + skew_ms and clock.is_ahead(event.ts, skew_ms)
        # The Closes that were due before this record: by the clock as it was then, if more than a few say so.
        if self._closing and not future and clock.has_passed(self._closing[0][0]) and clock.is_agreed:
            self._close_quiet(offset)
        # An epoch is never taken back: it is not left to the first few records to say which one it is.
        if clock.most_ms >= self._epochs.due_ms and clock.has_passed(self._epochs.due_ms) and clock.is_agreed:
            self._epochs.go_on(clock.time_ms or 0)
            self._forgetting.go_on(self._epochs.watermark_ms)
            self.messages.append(Watermark(self.index, self._epochs.watermark_ms))
        clock.see(event.ts, event.tenant_id)
        if future:
            self._refuse(offset, BadRecord("future", "too far ahead of the partition's clock"))
            return
        self.position = offset
        unit = (event.tenant_id, "")
        tenant = self._awake.get(unit) or self._wake(unit)
        if event.tenant_id in self._misplaced:
            self.totals.misplaced += 1
        if offset <= tenant.position:  # accounted for in a snapshot newer than the partition's mark
            self.totals.replayed += 1
            return
        if tenant.clock_ms <= self._forgetting.horizon_ms and self._forgetting.has(tenant):
            self._rows += tenant.rows(self.index)
            tenant = self._awake[unit] = self._forgetting.begin_anew(tenant, self._mind)
        self._apply(offset, event, unit, tenant)

    def _pass_on(self, tenant: Tenant) -> None:
        """Take over what a tenant tells the search for campaigns."""
        for signal in tenant.signals:
            self.messages.append(replace(signal, partition=self.index, epoch_ms=self._epochs.counts_ms(signal)))
        tenant.signals.clear()

    def _apply(self, offset: int, event: Event, unit: Unit, tenant: Tenant) -> None:
        found: list[Finding] = []
        gone: list[Window] = []
        tenant.seen_ms = self._epochs.watermark_ms
        fate = tenant.apply(offset, self._first_version + offset, event, found, gone)
        self._changed[unit] = None
        if fate is DUPLICATE:
            self.totals.duplicates += 1
            return
        self.totals.applied += 1
        if fate is LATE:
            self.totals.late += 1
        if tenant.signals:
            self._pass_on(tenant)
        if gone:
            self._rows += [tenant.row(window, self.index) for window in gone]
        if found:
            self.findings += [(offset, finding) for finding in found]
            self._expect_close(unit, tenant)

    def _expect_close(self, unit: Unit, tenant: Tenant) -> None:
        if (closes_ms := tenant.closes_ms()) is not None:
            heappush(self._closing, (closes_ms, unit))

    def _close_quiet(self, offset: int) -> None:
        """Release the Closes that the partition's clock has passed: their content was settled before."""
        now_ms = self._clock.time_ms or 0
        while self._closing and self._closing[0][0] <= now_ms:
            _, unit = heappop(self._closing)
            tenant = self._awake.get(unit) or self._wake(unit)
            closes_ms = tenant.closes_ms()
            if closes_ms is not None and closes_ms <= now_ms:
                found: list[Finding] = []
                tenant.settle(now_ms, self.version_of(offset), found)
                self._pass_on(tenant)
                self._changed[unit] = None
                self.findings += [(offset, finding) for finding in found]
            self._expect_close(unit, tenant)

    def _wake(self, unit: Unit) -> Tenant:
        tenant = self.roster.wake(unit, self._mind)
        if not self._home.has(unit[0]):
            self._misplaced.add(unit[0])
        return tenant

    def _mark(self, forgotten: list[Unit]) -> PartitionState:
        return PartitionState(
            form=self.roster.form,
            topic_id=self._home.topic_id,
            partition=self.index,
            partitions=self._home.partitions,
            position=self.position,
            generation=self._generation,
            times_ms=self._clock.times_ms,
            dead_letters=dict(self.totals.dead_letters),
            watermark_ms=self._epochs.watermark_ms,
            times_of=self._clock.tenants,
            forgotten=self._forgetting.forgotten,
            forgetting=tuple(forgotten),
        )

    def _count(self, state: TenantState) -> None:
        self._home.require(state.topic_id)
        self.totals.add(state)
        self.roster.see(state)
        if state.case is not None:
            heappush(self._closing, (state.case.closes_ms(self._mind.config), (state.tenant, state.subject)))
