import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from river import stats

from models import river_state
from models.river_state import FADING, Baselines, Floats, rounded
from schemas.errors import ForeignState


def told(rng: random.Random) -> Floats:
    return np.array([rng.gauss(3, 2), math.nan if rng.random() < 0.3 else rng.gauss(-5, 9), math.nan])


NOTHING = bytes(Baselines.PACKED_BYTES)


def answers(packed: bytes) -> list[list[float]]:
    baselines = Baselines(packed)
    return [baselines.means.tolist(), baselines.spreads.tolist(), baselines.weights.tolist()]


def test_tenants_learn_beside_each_other_as_each_would_alone() -> None:
    rng = random.Random(5)
    folds = [[told(rng) for _ in range(40)] for _ in range(3)]
    alone = []
    for each in folds:
        packed = 3 * NOTHING
        for values in each:
            packed = Baselines(packed).learned(values)
        alone.append(packed)
    beside = [3 * NOTHING for _ in folds]
    for number in range(40):
        beside = [Baselines(packed).learned(each[number]) for packed, each in zip(beside, folds, strict=True)]
    assert beside == alone
    assert len({*alone}) == 3


def test_what_a_fold_does_not_tell_stays_as_it_was() -> None:
    before = Baselines(3 * NOTHING).learned(np.array([1.0, 2.0, math.nan]))
    after = Baselines(before).learned(np.array([math.nan, 5.0, math.nan]))
    assert [answer[0] for answer in answers(after)] == [answer[0] for answer in answers(before)] == [1.0, 0.0, 1]
    assert answers(after)[2] == [1, 2, 0]
    assert Baselines(after).learned(np.full(3, math.nan)) == after


@pytest.mark.parametrize("weight", [0, 254, 255, 256, river_state.MOST_WEIGHT - 1, river_state.MOST_WEIGHT])
def test_a_weight_rises_by_one_and_no_higher_than_fits(weight: int) -> None:
    packed = np.array([3.0, 9.0]).tobytes() + weight.to_bytes(2, "little")
    assert answers(Baselines(packed).learned(np.array([3.0])))[2] == [min(weight + 1, river_state.MOST_WEIGHT)]


@given(st.lists(st.floats(-24, 24), min_size=1, max_size=40), st.integers(0, 39))
def test_rounded_baselines_are_near_to_what_they_were(values: list[float], at: int) -> None:
    exact = rough = NOTHING
    for number, value in enumerate(values):
        exact, rough = (Baselines(packed).learned(np.array([value])) for packed in (exact, rough))
        if number == at:
            rough = rounded(rough)
            assert rough[:4] == rough[8:12] == bytes(4)
    assert Baselines(rough).means == pytest.approx(Baselines(exact).means, abs=2e-5)
    assert Baselines(rough).spreads ** 2 == pytest.approx(Baselines(exact).spreads ** 2, abs=6e-4 + 1e-9)
    assert Baselines(rough).weights == Baselines(exact).weights


def test_they_answer_as_river_does() -> None:
    rng, packed = random.Random(1), NOTHING
    mean, var = stats.EWMean(FADING), stats.EWVar(FADING)
    for number in range(1, 200):
        value = rng.gauss(3, 2)
        packed = Baselines(packed).learned(np.array([value]))
        mean.update(value)
        var.update(value)
        assert answers(packed) == [[mean.get()], [math.sqrt(max(0.0, var.get()))], [number]]


def test_the_installed_river_lays_its_statistics_out_as_we_know_them() -> None:
    assert river_state.LAYOUT_IS_KNOWN


def test_a_river_of_another_layout_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(river_state, "LAYOUT_IS_KNOWN", False)
    with pytest.raises(ForeignState, match="river"):
        Baselines(NOTHING)


def test_a_baseline_learns_and_forgets() -> None:
    packed = NOTHING
    for value in [1.0] * 100 + [5.0] * 100:
        packed = Baselines(packed).learned(np.array([value]))
    baselines = Baselines(packed)
    assert baselines.means[0] == pytest.approx(5.0, abs=0.05)
    assert baselines.spreads[0] < 0.5
