"""Who is forgotten: a rule that reads a partition's own records and nothing else, and the dropping of what nobody needs any more."""

from collections.abc import Mapping

from .accounts import Unit
from .mind import Mind
from .shelf import Shelf
from .snapshot import Forgotten, PartitionState, TenantState, unpack_tenant
from .tenant import Tenant

#: Of how many at rest a pass asks whether they are forgotten, at most; 15 us each.
LOOKED_AT = 1_000
TOGETHER = 64
_NEVER = -(1 << 62)


class Forgetting:
    """Lets the tenants of one partition be forgotten; owned by it.

    The rule: a tenant without an open case begins anew when its next record comes after the partition has passed an epoch that is
    `forget_ms` later than both the tenant's clock and the epoch at its last record. Epochs never go back and are in the mark, so the rule
    is a function of the partition's records, in a file as in a stream. Dropping the state of those who would begin anew anyway
    (`drop`) changes no judgement, whenever it is done. What they accounted for moves into the mark. A tenant that comes back while its
    state is still here keeps what it accounts for, for a crash may come between its state and the mark.

    The tombstones of those dropped are written after the mark that counts them: before it, a crash would have lost them. The mark names
    them, so that who restores it knows whom it counts, if the crash came between mark and tombstones; and drops them again.

    One thing is lost: a record of a window from before it was forgotten, of a tenant that comes back with it, replaces that window's row.
    """

    def __init__(self, mind: Mind, shelf: Shelf, awake: Mapping[Unit, Tenant]) -> None:
        self._after_ms, self._shelf, self._awake = mind.config.forget_ms, shelf, awake
        self._again: list[Unit] = []
        self._looked_ms = _NEVER
        #: Who was not seen since, is forgotten; epoch milliseconds.
        self.horizon_ms = _NEVER
        self.forgotten = Forgotten()

    def resume(self, mark: PartitionState) -> None:
        """Go on from a mark, with what was restored on the shelf: those that the mark counts already are dropped again."""
        self.forgotten = mark.forgotten
        self.go_on(mark.watermark_ms)
        self._shelf.fetch(mark.forgetting)
        for unit in mark.forgetting:
            packed = self._shelf.get(unit)
            if packed is None or mark.counts(unpack_tenant(packed)):
                self._shelf.drop([unit])
                self._again.append(unit)

    def go_on(self, watermark_ms: int) -> None:
        """Note that the partition has passed an epoch."""
        if watermark_ms >= 0:
            self.horizon_ms = watermark_ms - self._after_ms

    def has(self, tenant: Tenant | TenantState) -> bool:
        """Whether a tenant that has a past has it no longer."""
        return (
            tenant.clock_ms <= self.horizon_ms
            and tenant.seen_ms <= self.horizon_ms
            and tenant.case is None
            and tenant.applied + tenant.duplicates > 0
        )

    def drop(self) -> list[Unit]:
        """Drop from the shelf, on which all are as of now, who is forgotten, some at a time; hands out whose state may go."""
        dropped, self._again = [unit for unit in self._again if self._shelf.get(unit) is None], []
        if self.horizon_ms <= self._looked_ms:
            return dropped
        looked = 0
        while looked < LOOKED_AT and (oldest := self._shelf.oldest(TOGETHER)):
            states = [(unit, packed, self._awake.get(unit) or unpack_tenant(packed)) for unit, packed in oldest]
            gone = [(unit, state) for unit, _, state in states if self.has(state)]
            for unit, packed, state in states:
                # Who is held by a clock ahead of the partition's, or a case, must not stand before all the others.
                if state.seen_ms <= self.horizon_ms and not self.has(state):
                    self._shelf.put(unit, packed, suspect=state.case is not None)
            self._shelf.drop(unit for unit, _ in gone)
            dropped += [unit for unit, _ in gone]
            for _, state in gone:
                self.forgotten = self.forgotten.and_also(state)
            looked += len(states)
            if len(gone) < len(states):
                self._looked_ms = self.horizon_ms
                break
        return dropped

    def begin_anew(self, tenant: Tenant, mind: Mind) -> Tenant:
        """The tenant as if it had never been seen, but for what it accounts for."""
        young = Tenant(mind, tenant.tenant, tenant.subject)
        young.position, young.applied, young.duplicates = tenant.position, tenant.applied, tenant.duplicates
        young.late, young.applied_before = tenant.late, tenant.applied
        return young

