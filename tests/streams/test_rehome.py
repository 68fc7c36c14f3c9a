"""What re-homing makes of state, without Kafka: where each tenant is known, where it is counted, and which state counts."""

import msgspec

from models.adoptions import Adoption
from models.packed import STATE_FORM, PackedAssessor
from models.snapshot import FORM, Forgotten, PartitionState, TenantState, pack, unpack_tenant
from models.window import Window
from schemas.control import Control
from schemas.partitioner import partition_of
from streams.checkpoint_records import ADOPTED, tenant_key
from streams.checkpoints import Kept
from streams.rehome_plan import Home, Plan, adoptions, is_foreign, plan

HOME = Home("new", 6)
BLANK, YOUNG, KNOWN = (
    PackedAssessor(STATE_FORM, "k", requests, 0, 0.0, b"", b"", None, None, b"learned") for requests in (0, 3, 40)
)
MOVES = next(
    name for name in map("org_{}".format, range(99)) if partition_of(name, 4) == 1 and partition_of(name, 6) == 5
)


def tenant(
    name: str, applied: int, *, topic_id: str = "old", position: int = 7, assessor: PackedAssessor = KNOWN
) -> TenantState:
    return TenantState(
        form=FORM,
        topic_id=topic_id,
        tenant=name,
        subject="",
        position=position,
        clock_ms=applied,
        applied=applied,
        duplicates=1,
        late=0,
        key_id="k",
        ids=b"",
        windows=(msgspec.Raw(msgspec.msgpack.encode(Window(start_ms=0, version=7, stored=7, requests=applied))),),
        fold_requests=3,
        fold_first_ms=1,
        fold_output_tokens=2,
        fold_model="m",
        cases=0,
        case=None,
        assessor=assessor,
    )


def mark(partition: int, *, partitions: int = 4, topic_id: str = "old", generation: int = 0) -> PartitionState:
    return PartitionState(
        form=FORM,
        topic_id=topic_id,
        partition=partition,
        partitions=partitions,
        position=9,
        generation=generation,
        times_ms=(5,),
        dead_letters={"empty": 2},
    )


def kept(one: PartitionState | None, *tenants: TenantState, generation: int = 0) -> Kept:
    newest = {tenant_key(generation, (state.tenant, "")): bytes(8) + pack(state) for state in tenants}
    if one is not None:
        newest[b"mark" + one.generation.to_bytes(2, "big")] = bytes(8) + pack(one)
    return Kept(newest)


def planned(aim: Plan, partition: int, name: str) -> TenantState:
    return unpack_tenant(aim.tenants[partition][name, ""])


def test_a_moved_tenant_is_known_at_its_new_home_and_stays_counted_at_the_old_one() -> None:
    state = tenant(MOVES, 40)
    aim = plan({1: kept(mark(1), state)}, HOME, BLANK)
    there, here = planned(aim, 5, MOVES), planned(aim, 1, MOVES)
    assert (there.position, there.applied, there.windows, there.assessor, there.fold_requests) == (
        -1,
        0,
        (),
        KNOWN,
        3,
    )
    assert (here.position, here.applied, here.windows, here.assessor, here.fold_requests) == (
        -1,
        40,
        state.windows,
        BLANK,
        0,
    )
    assert (aim.moved, aim.generation, sorted(aim.marks)) == (1, 1, [0, 1, 2, 3, 4, 5])
    assert aim.marks[1] == PartitionState(
        form=FORM,
        topic_id="new",
        partition=1,
        partitions=6,
        position=-1,
        generation=1,
        times_ms=(5,),
        dead_letters={"empty": 2},
    )


def test_in_a_topic_that_only_grew_positions_are_kept() -> None:
    aim = plan({1: kept(mark(1), tenant(MOVES, 40))}, Home("old", 6), BLANK)
    assert (planned(aim, 1, MOVES).position, planned(aim, 5, MOVES).position) == (7, -1)
    assert (aim.marks[1].position, aim.marks[5].position) == (9, -1)


def test_what_was_counted_at_the_new_home_before_is_not_forgotten() -> None:
    misplaced = tenant(MOVES, 3, assessor=YOUNG)
    aim = plan({1: kept(mark(1), tenant(MOVES, 40)), 5: kept(mark(5, partitions=6), misplaced)}, Home("old", 6), BLANK)
    there = planned(aim, 5, MOVES)
    assert (there.position, there.applied, there.windows, there.assessor, there.clock_ms) == (
        7,
        3,
        misplaced.windows,
        KNOWN,
        40,
    )
    assert planned(aim, 1, MOVES).applied == 40


def test_a_tenant_that_its_producer_misplaces_stays_where_it_arrives() -> None:
    state = tenant(MOVES, 40)
    aim = plan({3: kept(mark(3), state)}, HOME, BLANK)
    assert (aim.moved, planned(aim, 3, MOVES).assessor) == (0, KNOWN)
    assert [len(aim.tenants[index]) for index in range(6)] == [0, 0, 0, 1, 0, 0]


def test_state_whose_marks_were_never_written_counts_for_nothing() -> None:
    whole = {1: kept(mark(1), tenant(MOVES, 40))}
    orphan = {tenant_key(1, (MOVES, "")): bytes(8) + pack(tenant(MOVES, 99, topic_id="new"))}
    aim = plan({1: Kept(whole[1].newest | orphan), 5: Kept(orphan)}, HOME, BLANK)
    assert aim.generation == 2
    assert aim.tenants == plan(whole | {5: Kept({})}, HOME, BLANK).tenants


def test_state_of_which_one_mark_was_written_is_whole() -> None:
    first = plan({1: kept(mark(1), tenant(MOVES, 40)), 5: Kept({})}, HOME, BLANK)
    moved, left = planned(first, 5, MOVES), planned(first, 1, MOVES)
    unmarked = kept(None, left, generation=1).newest | kept(mark(1), tenant(MOVES, 40)).newest
    second = plan({1: Kept(unmarked), 5: kept(first.marks[5], moved, generation=1)}, HOME, BLANK)
    assert second.tenants == first.tenants
    assert [msgspec.structs.replace(one, generation=1) for one in second.marks.values()] == list(first.marks.values())


def test_state_of_todays_topic_is_not_foreign_and_any_other_is() -> None:
    home, state = Home("old", 4), tenant(MOVES, 40)
    assert not is_foreign({0: Kept({}), 1: kept(mark(1), state)}, home)
    assert not is_foreign({1: kept(None, state)}, home)
    assert is_foreign({1: kept(None, state)}, Home("new", 4))
    assert is_foreign({1: kept(mark(1))}, Home("old", 6))
    assert is_foreign({1: kept(mark(1), tenant(MOVES, 40, topic_id="older"))}, home)
    assert is_foreign({0: kept(mark(0)), 1: kept(mark(1, generation=1), state, generation=1)}, home)
    assert is_foreign({1: kept(None, state, generation=1)}, home)


def judging_by(one: Kept, *adopted: Adoption) -> Kept:
    return Kept(one.newest | {ADOPTED + bytes(2): bytes(8) + msgspec.msgpack.encode(adopted)})


def test_a_partition_that_stays_keeps_its_adoptions_and_any_other_judges_by_the_newest_record_from_its_beginning() -> (
    None
):
    one, two = Control(number=1, made_ms=0), Control(number=2, made_ms=0)
    grown = {
        0: judging_by(kept(mark(0, topic_id="new")), Adoption(3, one), Adoption(8, two)),
        1: judging_by(kept(mark(1, topic_id="new")), Adoption(5, one)),
        2: Kept({}),
    }
    assert adoptions(grown, Home("new", 3)) == {
        0: [Adoption(3, one), Adoption(8, two)],
        1: [Adoption(5, one)],
        2: [Adoption(0, two)],
    }
    assert adoptions(grown, Home("newer", 2)) == {0: [Adoption(0, two)], 1: [Adoption(0, two)]}
    assert adoptions({0: kept(mark(0))}, HOME) == {}


def test_what_forgotten_tenants_accounted_for_stays_in_the_mark_and_who_is_counted_there_is_not_moved() -> None:
    old = msgspec.structs.replace(
        mark(1), forgotten=Forgotten(tenants=3, applied=70, duplicates=2), forgetting=((MOVES, ""),), position=9
    )
    aim = plan({1: kept(old, tenant(MOVES, 40))}, HOME, BLANK)
    assert (aim.marks[1].forgotten, aim.marks[1].forgetting) == (old.forgotten, ())
    assert (aim.moved, aim.tenants[1], aim.tenants[5]) == (0, {}, {})
