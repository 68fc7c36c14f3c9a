"""State as it is handed over to be packed: of a tenant, and of the partition that vouches for it."""

from msgspec import Raw, Struct

from .accounts import Counted
from .case import Case
from .packed import PackedAssessor


class TenantState(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A tenant at rest; its case is packed by `packed_case`. `form` is that in which it was written, or shall be.

    `position` is the last offset of (`topic_id`, partition) that is accounted for in it, `ids` the packed hashes of its last
    events, keyed by `key_id`; `fold_*` are the requests since the last judgement. `folds` counts judgements, `first_ms` and
    `output_tokens` count since its first request; `told_*` is its last signal. `seen_ms` is the last epoch that its partition had passed
    when its last record came; `applied_before` are those of `applied` that came before it was forgotten last. `assessor` stays the last
    field: it ends with what is compressed already.
    """

    form: int
    topic_id: str
    tenant: str
    subject: str
    position: int
    clock_ms: int
    applied: int
    duplicates: int
    late: int
    key_id: str
    ids: bytes
    windows: tuple[Raw, ...]
    fold_requests: int
    fold_first_ms: int
    fold_output_tokens: int
    fold_model: str
    cases: int
    case: Case | None
    folds: int = 0
    first_ms: int = -1
    output_tokens: int = 0
    told_ms: int = -1
    told_p_value: float = 1.0
    seen_ms: int = -1
    applied_before: int = 0
    assessor: PackedAssessor


class Forgotten(Struct, frozen=True, kw_only=True, array_like=True):
    """What tenants accounted for whose state was dropped; who came back counts again."""

    tenants: int = 0
    applied: int = 0
    duplicates: int = 0
    late: int = 0

    def and_also(self, state: Counted) -> "Forgotten":
        """The same, and one more."""
        return Forgotten(
            tenants=self.tenants + 1,
            applied=self.applied + state.applied,
            duplicates=self.duplicates + state.duplicates,
            late=self.late + state.late,
        )


class PartitionState(Struct, frozen=True, kw_only=True, array_like=True):
    """The mark that ends a checkpoint pass: every tenant's state up to `position` is durable before it.

    `times_ms` is the partition's clock and `times_of` whose times those are (absent in older marks), `watermark_ms` the last epoch it
    has passed; `dead_letters` counts by reason. `forgotten` are the tenants dropped so far; those dropped in this pass are `forgetting`,
    whose tombstones follow the mark.
    `generation` counts how often the state was re-homed: versions of rows are `first_version(generation)` and the offset, so
    that they rise although the offsets of a new topic begin at 0 again.
    """

    form: int
    topic_id: str
    partition: int
    partitions: int
    position: int
    generation: int
    times_ms: tuple[int, ...]
    dead_letters: dict[str, int]
    watermark_ms: int = -1
    times_of: tuple[int, ...] = ()
    forgotten: Forgotten = Forgotten()
    forgetting: tuple[tuple[str, str], ...] = ()

    def counts(self, state: TenantState) -> bool:
        """Whether what a tenant's state accounts for is in `forgotten` already: it was dropped, and is here by a crash only."""
        return (state.tenant, state.subject) in self.forgetting and state.position <= self.position
