"""How a partition comes to judge by a control record, and what is durable before."""

import pytest

from models.adoptions import Adoption
from schemas.control import Control, Learned, encode_control
from streams.controls import Controls
from tests.streams.fakes import Record
from tests.streams.pipelines import Log, delivered, made, settle

ONE = Control(number=1, made_ms=1, learned=Learned(weights={"rhythm": -0.5}))
TWO = Control(number=2, made_ms=2)


def known(*controls: Control) -> Controls:
    out = Controls()
    for offset, control in enumerate(controls):
        out.take(Record(offset, encode_control(control)))
    return out


def test_of_two_records_with_one_number_the_first_counts() -> None:
    controls = known(ONE, Control(number=1, made_ms=9), TWO, ONE)
    assert controls.newest == TWO
    controls.take(Record(9, b"rubbish"))
    assert controls.newest == TWO
    assert known(ONE, Control(number=1, made_ms=9)).newest == ONE


async def test_an_adoption_is_durable_before_the_batch_is_judged_and_known_to_the_next_owner() -> None:
    log, controls = Log(), Controls()
    pipeline, _, now = made(log, controls=controls, end=[0])
    await pipeline.handle(delivered(0, 30))
    controls.take(Record(0, encode_control(ONE)))
    await pipeline.handle(delivered(30, 60))
    assert log.told == ["adoption"]
    assert log.adoptions == [Adoption(30, ONE)]
    await settle(pipeline, now)
    controls.take(Record(1, encode_control(TWO)))
    await pipeline.handle(delivered(60, 90))
    assert log.adoptions == [Adoption(30, ONE), Adoption(60, TWO)]
    assert pipeline.details()["control"] == {"0": 2}


async def test_what_an_earlier_owner_may_have_judged_already_is_judged_by_what_it_had_adopted() -> None:
    log = Log()
    first, _, _ = made(log, controls=known(ONE), end=[0])
    await first.handle(delivered(0, 40))
    end = [60]
    owner, _, _ = made(log, committed=0, controls=known(ONE, TWO), end=end)
    await owner.handle(delivered(0, 40))
    await owner.handle(delivered(40, 60))
    assert log.adoptions == [Adoption(0, ONE)]
    assert owner.details()["control"] == {"0": 1}
    end[0] = 80
    await owner.handle(delivered(60, 80))
    assert log.adoptions[-1] == Adoption(60, TWO)


async def test_an_adoption_that_cannot_be_written_is_not_judged_by(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log()
    pipeline, _, now = made(log, controls=known(ONE), end=[0])

    async def fail(*_: object) -> None:
        raise ConnectionError("the topic is away")

    monkeypatch.setattr(log, "write_adoptions", fail)
    batch = delivered(0, 30)
    with pytest.raises(ConnectionError):
        await pipeline.handle(batch)
    await settle(pipeline, now)
    assert not batch.acked
    assert log.mark is None


async def test_without_a_control_record_nothing_is_written() -> None:
    log = Log()
    pipeline, _, now = made(log, end=[0])
    await pipeline.handle(delivered(0, 30))
    await settle(pipeline, now)
    assert log.adoptions == []
