import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from river import stats

from models import river_state
from models.river_state import FADING, Baselines, Floats
from schemas.errors import ForeignState


def told(rng: random.Random) -> Floats:
    return np.array([rng.gauss(3, 2), math.nan if rng.random() < 0.3 else rng.gauss(-5, 9), math.nan])


def answers(baselines: Baselines) -> list[list[float]]:
    return [baselines.means.tolist(), baselines.spreads.tolist(), baselines.weights.tolist()]


@pytest.mark.parametrize("seen", [0, 1, 2, 3, 17, 400])
def test_baselines_rebuilt_go_on_with_identical_results(seen: int) -> None:
    rng, straight = random.Random(seen), Baselines(3)
    for _ in range(seen):
        straight.learn(told(rng))
    rebuilt = Baselines.unpack(straight.pack())
    assert len(straight.pack()) == 3 * Baselines.PACKED_BYTES
    for _ in range(50):
        assert answers(rebuilt) == answers(straight)
        assert rebuilt.pack() == straight.pack()
        values = told(rng)
        straight.learn(values)
        rebuilt.learn(values)


@given(st.lists(st.floats(-24, 24), min_size=1, max_size=40), st.integers(0, 39))
def test_rounded_baselines_go_on_the_same_packed_or_not_and_near_to_what_they_were(
    values: list[float], at: int
) -> None:
    exact, rounded = Baselines(1), Baselines(1)
    for number, value in enumerate(values):
        exact.learn(np.array([value]))
        rounded.learn(np.array([value]))
        if number == at:
            rounded.round()
            assert rounded.pack()[:4] == rounded.pack()[8:12] == bytes(4)
            rebuilt = Baselines.unpack(rounded.pack())
            assert answers(rebuilt) == answers(rounded)
        elif number > at:
            rebuilt.learn(np.array([value]))
            assert rebuilt.pack() == rounded.pack()
    assert rounded.means == pytest.approx(exact.means, abs=2e-5)
    assert rounded.spreads**2 == pytest.approx(exact.spreads**2, abs=6e-4 + 1e-9)


def test_they_answer_as_river_does() -> None:
    rng, baselines = random.Random(1), Baselines(1)
    mean, var = stats.EWMean(FADING), stats.EWVar(FADING)
    for number in range(1, 200):
        value = rng.gauss(3, 2)
        baselines.learn(np.array([value]))
        mean.update(value)
        var.update(value)
        assert answers(Baselines.unpack(baselines.pack())) == [[mean.get()], [math.sqrt(max(0.0, var.get()))], [number]]


def test_the_installed_river_lays_its_statistics_out_as_we_know_them() -> None:
    assert river_state.LAYOUT_IS_KNOWN


def test_a_river_of_another_layout_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = Baselines(1).pack()
    monkeypatch.setattr(river_state, "LAYOUT_IS_KNOWN", False)
    with pytest.raises(ForeignState, match="river"):
        Baselines.unpack(packed)
    with pytest.raises(ForeignState, match="river"):
        Baselines(1).pack()


def test_a_baseline_learns_and_forgets() -> None:
    baselines = Baselines(1)
    for value in [1.0] * 100 + [5.0] * 100:
        baselines.learn(np.array([value]))
    assert baselines.means[0] == pytest.approx(5.0, abs=0.05)
    assert baselines.spreads[0] < 0.5
