import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import LEAST, PROBABILITIES, Calibration, calibration_rows, weigh
from models.risk import ScoreCard

ascending = st.lists(st.floats(-10, 10), min_size=len(PROBABILITIES), max_size=len(PROBABILITIES)).map(
    lambda scores: Calibration(tuple(sorted(scores)))
)
scores = st.floats(-30, 30)


@given(ascending, scores, scores)
def test_a_p_value_never_rises_with_the_score(calibration: Calibration, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert LEAST <= calibration.p_value(high) <= calibration.p_value(low) <= 1


@given(ascending)
def test_a_score_of_the_table_has_the_probability_of_the_table_or_a_milder_one(calibration: Calibration) -> None:
    for score, probability in zip(calibration.scores, PROBABILITIES, strict=True):
        assert calibration.p_value(score) >= probability - 1e-12


def test_p_values_of_honest_scores_are_uniform() -> None:
    rng = random.Random(1)
    honest = sorted(rng.expovariate(1) for _ in range(20_000))
    calibration = Calibration(tuple(honest[min(int((1 - p) * len(honest)), len(honest) - 1)] for p in PROBABILITIES))
    fresh = [calibration.p_value(rng.expovariate(1)) for _ in range(20_000)]
    for level in (0.5, 0.1, 0.01):
        assert sum(p <= level for p in fresh) / len(fresh) == pytest.approx(level, rel=0.2)


def test_what_every_honest_tenant_does_is_no_evidence() -> None:
    constant = Calibration((0.0,) * len(PROBABILITIES))
    assert constant.p_value(0.0) == 1.0
    assert constant.p_value(1.0) == PROBABILITIES[-1]


CARD = ScoreCard(bias=-1.0, pace=0.15, weights={"a": 0.5, "b": 1.0}, levels=(0.0, 1.0, 2.0), risks=(0.0, 0.5, 0.95))


@given(st.floats(0, 3), st.floats(0, 3), st.floats(0, 3))
def test_a_risk_never_falls_when_evidence_rises(a: float, b: float, more: float) -> None:
    before, after = (CARD.risk(CARD.level({"a": a, "b": each})) for each in (b, b + more))
    assert 0 <= before <= after <= 0.95


def test_a_detector_without_weight_moves_nothing() -> None:
    assert CARD.level({"a": 1.0, "newcomer": 3.0}) == CARD.level({"a": 1.0})


def test_a_small_fold_moves_the_level_less() -> None:
    assert CARD.step(1) < CARD.step(16) == 0.15
    assert CARD.step(10_000) == 1.0


def test_evidence_is_bounded_and_nothing_without_a_calibration() -> None:
    rows = calibration_rows([Calibration(tuple(map(float, range(len(PROBABILITIES))))), None])
    for score, most in ((1e9, 3.0), (-1e9, 0.0)):
        p_values, said = np.empty(2), np.empty(2)
        weigh(np.array([score, score]), rows, p_values, said)
        assert said.tolist() == [most, 0.0]
        assert p_values[1] == 1.0
