"""A change of version and its way back: what the version before wrote is read, and what it shall read is written."""

from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import replace

from models.accounts import Checkpoint
from models.compression import restored
from models.mind import Mind
from models.packed_case import PackedCase
from models.partition import Partition
from models.previous_form import PREVIOUS_FORM
from models.restating import AT_ONCE, Restating
from models.sealed import opened
from models.shelf import MemoryShelf
from models.snapshot import FORM, FORMS, form_of, pack, unpack_partition, unpack_tenant
from models.state import TenantState
from schemas.errors import ForeignState
from schemas.finding import Finding
from streams.settings import WorkerSettings
from tests.models.changing import CUT, TOPIC_ID, ground, judged, traffic

#: The mark and the tenants that commit ede8b68, the last one of form 6, wrote of this traffic, with the tables of its time.
MARK, STATES = msgspec.msgpack.decode(
    Path(__file__).with_name("form_6.bin").read_bytes(), type=tuple[bytes, list[bytes]]
)


@pytest.fixture(scope="module")
def mind() -> Mind:
    return ground()


@pytest.fixture(scope="module")
def undisturbed(mind: Mind) -> tuple[list[tuple[int, Finding]], Checkpoint]:
    whole = new(mind)
    return judged(whole, traffic()), whole.checkpoint()


def new(mind: Mind, form: int = 0) -> Partition:
    return Partition(mind, 0, 1, TOPIC_ID, most_awake=3, form=form)


def resumed(mind: Mind, mark: bytes, states: list[bytes], form: int = 0) -> Partition:
    partition = new(mind, form)
    partition.restore(unpack_partition(mark), states)
    return partition


class Before(Struct, frozen=True, array_like=True):
    """A record as the version before reads it: two fields, and whatever comes behind is passed over."""

    case: PackedCase | None
    tenant: TenantState


def as_read_by_the_version_before(packed: bytes) -> tuple[PackedCase | None, TenantState, bytes]:
    """Case, tenant, and the arrays of what is learned as they lie."""
    read = msgspec.msgpack.decode(opened(packed), type=Before)
    assert read.tenant.assessor.form == "5/42/4"
    learned = restored(read.tenant.assessor.learned)
    assert len(learned) in (2388, 4082)
    return read.case, replace(read.tenant, assessor=replace(read.tenant.assessor, learned=b"")), learned


def forms(checkpoint: Checkpoint) -> set[int]:
    return {form_of(checkpoint.mark), *(form_of(packed) for _, packed in checkpoint.tenants)}


def harvesters(findings: Iterable[Finding]) -> set[str]:
    return {finding.tenant for finding in findings if finding.tenant.startswith(("harvest", "migrant"))}


def test_state_of_the_version_before_goes_on_where_it_ended(
    mind: Mind, undisturbed: tuple[list[tuple[int, Finding]], Checkpoint]
) -> None:
    partition = resumed(mind, MARK, STATES)
    found = judged(partition, traffic()[CUT:], CUT)
    # Who is nearly suspect may be found or not, for the version before knew no wording; who harvests is found.
    assert harvesters(finding for _, finding in found) == harvesters(
        finding for offset, finding in undisturbed[0] if offset >= CUT
    )
    assert harvesters(finding for _, finding in found) >= {"migrant"}
    assert partition.totals == replace(partition.totals, applied=len(traffic()))


def test_what_was_read_is_written_for_the_version_before_as_it_wrote_it_itself() -> None:
    for packed in STATES:
        state = unpack_tenant(packed)
        assert state.form == PREVIOUS_FORM
        assert as_read_by_the_version_before(pack(state)) == as_read_by_the_version_before(packed)


def test_the_version_before_passes_over_what_only_this_one_learned_which_loses_nothing(mind: Mind) -> None:
    partition = new(mind)
    judged(partition, traffic()[:CUT])
    for _, packed in partition.checkpoint().tenants:
        state = unpack_tenant(packed)
        written = pack(replace(state, form=PREVIOUS_FORM))
        assert replace(unpack_tenant(written), form=FORM) == state
        as_read_by_the_version_before(written)


def test_state_is_written_in_the_form_it_is_found_in_until_the_worker_is_told(mind: Mind) -> None:
    assert new(mind).roster.form == FORM
    partition = resumed(mind, MARK, STATES)
    judged(partition, traffic()[CUT : CUT + 50], CUT)
    assert forms(partition.checkpoint()) == {PREVIOUS_FORM}
    assert partition.roster.restating == 0


@pytest.mark.parametrize("every", [29, 200])
def test_an_upgrade_and_its_way_back_change_no_finding(
    mind: Mind, undisturbed: tuple[list[tuple[int, Finding]], Checkpoint], every: int
) -> None:
    events, found, partition = traffic(), [], new(mind, PREVIOUS_FORM)
    kept: dict[tuple[str, str], bytes] = {}
    for number, begin in enumerate(range(0, len(events), every)):
        found += judged(partition, events[begin : begin + every], begin)
        written = partition.checkpoint()
        kept |= dict(written.tenants)
        assert {form_of(packed) for packed in kept.values()} == {partition.roster.form} == forms(written)
        partition = resumed(mind, written.mark, list(kept.values()), FORMS[(number + 1) % 2])
        assert partition.roster.restating == len(kept)
    assert found == undisturbed[0]


def test_what_lies_in_another_form_is_written_anew_though_nobody_sends_anything_some_at_each_checkpoint(
    mind: Mind,
) -> None:
    state = unpack_tenant(STATES[0])
    states = [pack(replace(state, tenant=f"org_{number}")) for number in range(AT_ONCE + 5)]
    partition = resumed(mind, MARK, states, FORM)
    assert [len(partition.checkpoint().tenants) for _ in range(3)] == [AT_ONCE, 5, 0]
    assert partition.roster.restating == 0


def test_what_was_written_or_forgotten_meanwhile_is_not_written_again() -> None:
    shelf = MemoryShelf()
    restating = Restating(shelf)
    state = unpack_tenant(STATES[0])
    for tenant, form in (("a", PREVIOUS_FORM), ("b", FORM)):
        shelf.put((tenant, ""), pack(replace(state, tenant=tenant, form=form)))
    for tenant in ("a", "b", "gone"):
        restating.add((tenant, ""))
    assert [unit for unit, _ in restating.take(FORM)] == [("a", "")]
    assert form_of(shelf.get(("a", "")) or b"") == FORM
    assert len(restating) == 0


@pytest.mark.parametrize("form", [FORM + 1, PREVIOUS_FORM - 1])
def test_state_of_a_newer_or_an_older_form_is_refused_by_its_number(form: int) -> None:
    for read in (unpack_tenant, unpack_partition):
        with pytest.raises(ForeignState, match=f"has form {form}, this version reads and writes forms 6 and 7"):
            read(bytes((form,)) + STATES[0][1:])
    with pytest.raises(ForeignState, match=f"form {form} is asked for"):
        pack(replace(unpack_tenant(STATES[0]), form=form))


def test_the_setting_takes_the_forms_that_there_are() -> None:
    schema = WorkerSettings.model_json_schema()["properties"]["state_form"]["anyOf"][0]
    assert (schema["minimum"], schema["maximum"]) == (min(FORMS), max(FORMS))
    assert range(min(FORMS), max(FORMS) + 1) == range(FORM - 1, FORM + 1)


def test_a_damaged_state_of_the_version_before_is_refused() -> None:
    for packed in STATES:
        for damaged in (packed[:1], packed[: len(packed) // 2], packed[:-1]):
            with pytest.raises(ForeignState, match="damaged"):
                unpack_tenant(damaged)
