"""The benchmark of many tenants holds whom it says, within the limits it says, and tells what they cost."""

import pytest

from models.mind import Mind
from streams.configuration import mind_of
from streams.settings import Settings
from streams.simulation import Simulation, simulate
from tests.benchmarks.tenants.cast import NOW_MS, Cast
from tests.benchmarks.tenants.crowd import PARTITIONS, STAGES, Asked, Crowd
from tests.benchmarks.tenants.page import Measured, head, line

SECRET = b"what is measured is kept nowhere, so any key does"


@pytest.fixture(scope="module")
def mind() -> Mind:
    return mind_of(Settings().judgement, SECRET)


@pytest.fixture(scope="module")
def cast(mind: Mind) -> Cast:
    return Cast.of(mind, simulate(Simulation(days=1, tenants=12, attackers=2, seed=3))[0])


def test_originals_rest_now_and_have_requests_to_send(cast: Cast) -> None:
    assert cast.honest
    assert all(max(request.ts for request in one.requests) > 0 and len(one.packed) > 500 for one in cast.honest)
    assert {cast.original(number).packed for number in range(1, 50)} <= {one.packed for one in cast.honest}
    assert NOW_MS % 3_600_000 == 900_000


@pytest.mark.parametrize("spread", ["uniform", "zipf"])
def test_a_crowd_keeps_to_its_limit_and_tells_what_an_event_costs(mind: Mind, cast: Cast, spread: str) -> None:
    asked = Asked(
        tenants=200,
        spread=spread,
        rate=100,
        events=1500,
        warm=500,
        awake=80,
        checkpoint_seconds=5.0,
        checkpoint_bytes=1_000_000,
    )
    measured = Measured(asked, Crowd(mind, Settings(), cast, asked).run())
    load = measured.load
    assert load.awake <= 2 * asked.awake  # who came back since the last pass is awake besides
    assert 0 < load.packed_per_event <= 1
    assert 0 < load.woken_per_event <= 1
    assert load.snapshot_bytes_per_event > 500 * load.packed_per_event
    assert set(load.stages) == set(STAGES)
    assert PARTITIONS == 8
    assert line(measured, measured).count("|") == head().splitlines()[0].count("|")
