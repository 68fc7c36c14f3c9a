import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import LEAST, PROBABILITIES, Calibration, calibration_rows, p_values

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


def test_a_detector_without_calibration_is_never_odd() -> None:
    rows = calibration_rows([Calibration(tuple(map(float, range(len(PROBABILITIES))))), None])
    for score, expected in ((1e9, LEAST), (-1e9, 1.0)):
        out = np.empty(2)
        p_values(np.array([score, score]), rows, out)
        assert out.tolist() == [expected, 1.0]
