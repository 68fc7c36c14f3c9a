"""What state must look like in its new home: pure, from what is kept to what is to be written."""

import msgspec
from msgspec import Struct

from models.adoptions import Adoption
from models.packed import PackedAssessor
from models.partition import Unit
from models.snapshot import FORM, Forgotten, PartitionState, TenantState, pack, unpack_tenant
from schemas.partitioner import partition_of
from streams.checkpoints import Kept

NEVER = -1  # the position before the first record


class Home(Struct, frozen=True):
    """The requests topic as it is today."""

    topic_id: str
    partitions: int


class Plan(Struct, frozen=True, kw_only=True):
    """The state as it must be: packed tenants and mark of each partition, all of a generation that was never there."""

    generation_before: int
    generation: int
    partitions_before: int
    moved: int
    tenants: dict[int, dict[Unit, bytes]]
    marks: dict[int, PartitionState]


def is_foreign(kept: dict[int, Kept], home: Home) -> bool:
    """Whether a worker of today's topic would refuse some of this state."""
    newest = max((one.generation for one in kept.values()), default=0)
    return any(_is_foreign(one, newest, home) for one in kept.values() if one.newest)


def _is_foreign(one: Kept, newest: int, home: Home) -> bool:
    mark = one.mark
    if one.generation != newest or (mark is None and one.beside(0)):
        return True
    if mark is not None and (mark.topic_id, mark.partitions) != (home.topic_id, home.partitions):
        return True
    return any(unpack_tenant(packed).topic_id != home.topic_id for packed in one.states(newest))


def plan(kept: dict[int, Kept], home: Home, blank: PackedAssessor) -> Plan:
    """The state for today's topic; `blank` is the packed assessor of a tenant of which nothing is known.

    Where a tenant was counted its counts stay, for its rows bear that partition, and what was not judged yet there adds to
    them. What was learned of it, its open case and its clock go to the partition where its new requests arrive. A tenant
    that was misplaced by its producer before stays where it is.
    """
    marks = {index: one.mark for index, one in kept.items()}
    newest = max((one.generation for one in kept.values()), default=0)
    before = min((mark.partitions for mark in marks.values() if mark and mark.generation == newest), default=len(kept))
    tenants: dict[int, dict[Unit, bytes]] = {index: {} for index in range(home.partitions)}
    movers: list[tuple[int, TenantState]] = []
    for index, one in kept.items():
        then, packed_states = _as_counted(one, newest, before)
        for packed in packed_states:
            state = _addressed(unpack_tenant(packed), home)
            tenants[index][state.tenant, state.subject] = pack(state)
            if index == partition_of(state.tenant, then) != partition_of(state.tenant, home.partitions):
                movers.append((index, state))
    for index, state in movers:
        _move(state, tenants[index], tenants[partition_of(state.tenant, home.partitions)], blank)
    generation = max((number for one in kept.values() for number in one.generations), default=0) + 1
    form = min((mark.form for mark in marks.values() if mark), default=FORM)  # as it is found, until a worker is told otherwise
    return Plan(
        generation_before=newest,
        generation=generation,
        partitions_before=before,
        moved=len(movers),
        tenants=tenants,
        marks={index: _mark(marks.get(index), index, home, generation, form) for index in range(home.partitions)},
    )


def adoptions(kept: dict[int, Kept], home: Home) -> dict[int, list[Adoption]]:
    """By which control records each partition is to judge: as before where it is the same one, by the newest of all where it is not."""
    known = {index: one.adoptions(one.generation) for index, one in kept.items()}
    newest = max((held[-1].control for held in known.values() if held), key=lambda one: one.number, default=None)
    if newest is None:
        return {}
    same = {index for index, one in kept.items() if one.mark and one.mark.topic_id == home.topic_id and known[index]}
    return {index: known[index] if index in same else [Adoption(0, newest)] for index in range(home.partitions)}


def _as_counted(one: Kept, newest: int, before: int) -> tuple[int, list[bytes]]:
    """The states of a partition that count, and the number of partitions that they were written for.

    One mark of a generation, on whichever partition, means that all states of that generation are there.
    """
    mark, packed_states = one.mark, one.states(newest)
    if mark is None or (packed_states and mark.generation != newest):
        return before, packed_states or one.states(0)
    return mark.partitions, packed_states or one.states(mark.generation)


def _addressed(state: TenantState, home: Home) -> TenantState:
    position = state.position if state.topic_id == home.topic_id else NEVER
    return msgspec.structs.replace(state, topic_id=home.topic_id, position=position)


def _move(state: TenantState, source: dict[Unit, bytes], target: dict[Unit, bytes], blank: PackedAssessor) -> None:
    """What is known of the tenant goes to the target, what was counted stays in the source."""
    unit = (state.tenant, state.subject)
    there = unpack_tenant(target[unit]) if unit in target else None
    target[unit] = pack(
        msgspec.structs.replace(
            state,
            position=there.position if there else NEVER,
            clock_ms=max(state.clock_ms, there.clock_ms if there else NEVER),
            applied=there.applied if there else 0,
            duplicates=there.duplicates if there else 0,
            late=there.late if there else 0,
            applied_before=there.applied_before if there else 0,
            windows=there.windows if there else (),
        )
    )
    source[unit] = pack(
        msgspec.structs.replace(
            state, fold_requests=0, fold_first_ms=0, fold_output_tokens=0, fold_model="", case=None, assessor=blank
        )
    )


def _mark(old: PartitionState | None, index: int, home: Home, generation: int, form: int) -> PartitionState:
    same_topic = old is not None and old.topic_id == home.topic_id
    return PartitionState(
        form=form,
        topic_id=home.topic_id,
        partition=index,
        partitions=home.partitions,
        position=old.position if old and same_topic else NEVER,
        generation=generation,
        times_ms=old.times_ms if old else (),
        times_of=old.times_of if old else (),
        dead_letters=old.dead_letters if old else {},
        forgotten=old.forgotten if old else Forgotten(),
    )
