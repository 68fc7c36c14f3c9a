"""The tenants of a partition: who is awake, who changed, and who rests packed."""

from collections.abc import Iterable
from itertools import islice

from schemas.rows import TenantWindow

from .accounts import Unit
from .mind import Mind
from .restating import Restating
from .shelf import Shelf
from .snapshot import FORM, TenantState, unpack_tenant
from .tenant import Tenant


class Roster:
    """The tenants of one partition, owned by it: awake ones as objects, the others packed on a shelf.

    A tenant that is touched wakes up, and changes. After a pass every tenant is on the shelf as well, and at most `most_awake` stay
    awake: those that did nothing for longest are put to sleep first, suspects last, whoever else comes by.

    Where not all may be awake, who was woken is packed again at once (`let_rest`), but for suspects; who comes back before the next pass
    stays awake. Most of a million tenants send one request between two passes: packed while the processor has it at hand a tenant
    costs a third of what it costs a minute later, and no memory meanwhile.

    Where all may be awake nobody is put to sleep, and what was packed of them would lie there until the next pass and never be read: the
    shelf keeps their places only (`b""`), 2.5 KB less a tenant. Who is put to sleep later, because more came, is packed for it.
    """

    __slots__ = (
        "_fresh",
        "_restating",
        "_resting",
        "_shelf",
        "_told_form",
        "_woken",
        "awake",
        "changed",
        "form",
        "most_awake",
    )

    def __init__(self, shelf: Shelf, most_awake: int, form: int = 0) -> None:
        self._shelf = shelf
        #: A limit for the next pass; whoever holds several partitions deals what he has room for.
        self.most_awake = most_awake
        self._told_form, self._restating = form, Restating(shelf)
        #: The form that state is written in: as told; else (0) as it was found, and the newest where there was none.
        self.form = form or FORM
        #: By their last pass, in it those first that changed last; then in the order in which they woke.
        self.awake: dict[Unit, Tenant] = {}
        #: Since the last pass; ordered, so that a pass is the same in every run.
        self.changed: dict[Unit, None] = {}
        self._fresh: set[Unit] = set()
        # Woken since the last `let_rest`; and those who changed since the last pass and lie packed on the shelf, as they lie there.
        self._woken, self._resting = list[Unit](), dict[Unit, bytes]()

    @property
    def tenants(self) -> int:
        """How many there are."""
        return self._shelf.tenants + len(self._fresh)

    @property
    def restating(self) -> int:
        """How many rest in another form, and are still to be written anew."""
        return len(self._restating)

    def found(self, form: int) -> None:
        """Note in which form state was found (0: there is none), before `see`."""
        self.form = self._told_form or form or self.form

    def see(self, state: TenantState) -> None:
        """Note a tenant that rests on the shelf as it was read."""
        if state.form != self.form:
            self._restating.add((state.tenant, state.subject))

    def fetch(self, tenants: Iterable[str], mind: Mind) -> list[Unit]:
        """Wake those of these who rest, all in one go, which takes two thirds of what it does one by one; hands out who was woken."""
        if len(self.awake) >= self.tenants:
            return []
        asleep = [unit for unit in dict.fromkeys((tenant, "") for tenant in tenants) if unit not in self.awake]
        if self._shelf.far:
            self._shelf.fetch(asleep)
        packed = [(unit, packed) for unit in asleep if (packed := self._shelf.get(unit)) is not None]
        states = [unpack_tenant(packed) for _, packed in packed]
        for (unit, _), state in zip(packed, states, strict=True):
            self._take(unit, Tenant(mind, *unit, state))
        return [unit for unit, _ in packed]

    def wake(self, unit: Unit, mind: Mind) -> Tenant:
        """The tenant as it was packed last, or a new one."""
        packed = self._shelf.get(unit)
        if packed is None:
            self._fresh.add(unit)
        return self._take(unit, Tenant(mind, *unit, unpack_tenant(packed) if packed is not None else None))

    def _take(self, unit: Unit, tenant: Tenant) -> Tenant:
        if self._resting.pop(unit, None) is None:
            self._woken.append(unit)
        self.awake[unit] = tenant
        return tenant

    def rows(self, source_partition: int) -> list[TenantWindow]:
        """The windows that changed, and were not handed out yet, of those who changed since the last pass."""
        changed = (self.awake[unit] for unit in self.changed if unit in self.awake)
        return [row for tenant in changed for row in tenant.rows(source_partition)]

    def let_rest(self, topic_id: str, source_partition: int) -> list[TenantWindow]:
        """Pack those who were woken since the last call, where there are more tenants than may be awake; hands out their rows."""
        rows = list[TenantWindow]()
        if self.tenants > self.most_awake:
            for unit in self._woken:
                tenant = self.awake.get(unit)
                if tenant is None or tenant.case is not None:
                    continue
                if unit in self.changed:
                    rows += tenant.rows(source_partition)
                    data = self._resting[unit] = tenant.pack(topic_id, self.form)
                    self._shelf.put(unit, data)
                    self._fresh.discard(unit)
                if unit not in self._fresh:
                    del self.awake[unit]
        self._woken.clear()
        return rows

    def pack(self, topic_id: str) -> list[tuple[Unit, bytes]]:
        """Pack every tenant that changed, and some that rest in another form; hands out what was packed."""
        packed, all_stay = [], self.tenants <= self.most_awake
        for unit in reversed(self.changed):  # who sends most changes first, and is to be put to sleep last
            data = self._resting.get(unit)
            if data is None:
                tenant = self.awake[unit] = self.awake.pop(unit)
                data = tenant.pack(topic_id, self.form)
                self._shelf.put(unit, b"" if all_stay else data, suspect=tenant.case is not None)
            packed.append((unit, data))
        packed += self._restating.take(self.form)
        self.changed.clear()
        self._fresh.clear()
        self._woken.clear()
        return packed

    def put_to_sleep(self, topic_id: str, forgotten: Iterable[Unit] = ()) -> list[Unit]:
        """Let go of those awake that are forgotten or too many, after a pass; hands out who sleeps since the last one."""
        idle = [unit for unit in forgotten if unit in self.awake]
        for unit in idle:
            del self.awake[unit]
        surplus = len(self.awake) - self.most_awake
        too_many: list[Unit] = []
        if surplus > 0:
            too_many += islice((unit for unit, tenant in self.awake.items() if tenant.case is None), surplus)
            left = surplus - len(too_many)
            too_many += islice((unit for unit, tenant in self.awake.items() if tenant.case is not None), left)
        for unit in too_many:
            tenant = self.awake.pop(unit)
            if not self._shelf.get(unit):
                self._shelf.put(unit, tenant.pack(topic_id, self.form), suspect=tenant.case is not None)
        self._shelf.settle()
        resting, self._resting = self._resting, {}
        return [*idle, *too_many, *resting]
