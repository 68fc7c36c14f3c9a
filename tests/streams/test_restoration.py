"""What is read back of the checkpoint topic, whoever wrote to it in which order."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any

import msgspec
import pytest

from models.accounts import Unit
from models.adoptions import Adoption
from models.shelf import MemoryShelf
from models.snapshot import FORM, PartitionState, pack, unpack_tenant
from schemas.control import Control
from schemas.errors import ForeignState
from streams import checkpoints
from streams.checkpoint_records import ADOPTED, CAMPAIGNS, MARK, head, position_bytes, tenant_key
from streams.checkpoints import CheckpointLog
from tests.streams.fakes import Record
from tests.streams.test_rehome import tenant

Pair = tuple[bytes | None, bytes | None]
LATE = (("position", position_bytes(12)),)


def state(name: str, position: int, applied: int = 1, generation: int = 0, seen: int | None = None) -> Pair:
    """A tenant's record: `position` of the pass, `seen` the last offset that its state accounts for."""
    packed = pack(tenant(name, applied, position=position if seen is None else seen))
    return tenant_key(generation, (name, "")), position_bytes(position) + packed


def mark(position: int, generation: int = 0) -> Pair:
    state = PartitionState(
        form=FORM,
        topic_id="old",
        partition=0,
        partitions=4,
        position=position,
        generation=generation,
        times_ms=(5,),
        dead_letters={},
    )
    return head(MARK, generation), position_bytes(position) + pack(state)


def adopted(offset: int, generation: int = 0) -> Pair:
    value = msgspec.msgpack.encode([Adoption(offset, Control(number=offset, made_ms=0))])
    return head(ADOPTED, generation), position_bytes(offset) + value


def gone(name: str, generation: int = 0) -> Pair:
    return tenant_key(generation, (name, "")), None


Read = tuple[PartitionState | None, list[Adoption], dict[Unit, int]]


def read(
    monkeypatch: pytest.MonkeyPatch, *pairs: Pair, together: int = 3, headers: tuple[tuple[str, bytes], ...] = ()
) -> Read:
    async def between(*_: Any) -> AsyncIterator[list[Record]]:
        left: Iterator[Record] = (Record(at, value, key, headers=headers) for at, (key, value) in enumerate(pairs))
        while some := list(islice(left, together)):
            yield some

    monkeypatch.setattr(checkpoints, "read_between", between)
    shelf = MemoryShelf()
    found, adoptions = asyncio.run(CheckpointLog("topic", None, {}).read(0, shelf))  # type: ignore[arg-type]
    return found, adoptions, {unit: unpack_tenant(packed).applied for unit, packed in shelf}


@pytest.mark.parametrize("together", [1, 2, 100])
def test_the_newest_state_of_each_tenant_is_read_and_the_newest_mark(
    monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    found, adoptions, tenants = read(
        monkeypatch,
        *(state("org_a", 10, 1), state("org_b", 10, 1), mark(10)),
        *(adopted(15), (CAMPAIGNS, bytes(9))),
        *(state("org_a", 20, 2), mark(20)),
        *(state("org_a", 30, 3), state("org_c", 30, 1)),  # died before its mark
        together=together,
    )
    assert found is not None
    assert (found.position, [one.first_offset for one in adoptions]) == (20, [15])
    assert tenants == {("org_a", ""): 3, ("org_b", ""): 1, ("org_c", ""): 1}


@pytest.mark.parametrize("together", [1, 100])
def test_what_a_worker_that_was_declared_dead_writes_late_hides_nothing_newer(
    monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    found, _, tenants = read(
        monkeypatch,
        *(state("org_a", 20, 5), state("org_b", 20, 2), mark(20)),
        *(state("org_a", 12, 1), state("org_b", 12, 3, seen=25), state("org_c", 12, 1), mark(12)),
        together=together,
    )
    assert found is not None
    assert found.position == 20
    assert tenants == {("org_a", ""): 5, ("org_b", ""): 3, ("org_c", ""): 1}


def test_a_tenant_that_was_dropped_is_gone_until_it_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    records = (state("org_a", 1), state("org_b", 1), gone("org_a"), gone("org_b"), state("org_b", 2, 7))
    for together in (1, 2, 9):
        assert read(monkeypatch, *records, together=together)[2] == {("org_b", ""): 7}


@pytest.mark.parametrize("together", [1, 100])
def test_a_tombstone_of_a_worker_that_was_declared_dead_takes_nobody_away_who_came_back(
    monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    records = (state("org_a", 10), state("org_b", 10), mark(10), state("org_a", 20, 2), mark(20), gone("org_a"), gone("org_b"))
    assert read(monkeypatch, *records, together=together, headers=LATE)[2] == {("org_a", ""): 2}
    assert read(monkeypatch, *records, together=together)[2] == {}


@pytest.mark.parametrize("together", [1, 100])
def test_only_the_generation_of_the_newest_mark_counts_and_what_stands_beside_it_is_left(
    monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    old = (state("org_a", 90, 9), state("org_b", 90, 9), mark(90), adopted(3))
    new = (adopted(7, 1), state("org_a", 5, 1, generation=1), mark(5, 1))
    found, adoptions, tenants = read(monkeypatch, *old, *new, together=together)
    assert found is not None
    assert (found.position, found.generation, [one.first_offset for one in adoptions]) == (5, 1, [7])
    assert tenants == {("org_a", ""): 1}
    began = (state("org_z", 5, 1, generation=2),)
    assert read(monkeypatch, *new, *began, together=together)[2] == {("org_a", ""): 1}
    assert read(monkeypatch, *began, *new, together=together)[2] == {("org_a", ""): 1}


def test_a_re_homing_that_was_interrupted_before_its_mark_is_refused_until_it_is_taken_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    began = (state("org_a", 5, generation=1), adopted(5, 1))
    with pytest.raises(ForeignState, match="distillwatch rehome"):
        read(monkeypatch, state("org_b", 1), *began)
    taken_back = (gone("org_a", 1), (head(ADOPTED, 1), None))
    assert read(monkeypatch, state("org_b", 1), *began, *taken_back)[2] == {("org_b", ""): 1}


@pytest.mark.parametrize("pair", [(None, b"123456789"), (b"another", b"123456789"), (b"unit\0\0", b"1"), (*mark(3)[:1], b"")])
def test_what_no_worker_wrote_is_refused(monkeypatch: pytest.MonkeyPatch, pair: Pair) -> None:
    with pytest.raises(ForeignState, match="no worker wrote"):
        read(monkeypatch, pair)
