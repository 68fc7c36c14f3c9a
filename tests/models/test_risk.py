import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.risk import ScoreCard

CARD = ScoreCard(prior=-3.0, pace=0.15, newcomer=8.0, levels=(0.0, 1.0, 2.0), shares=(1.0, 0.1, 0.001), risks=(0.0, 0.5, 0.95))
levels = st.floats(-10, 10)


@given(levels, levels)
def test_a_risk_never_falls_and_the_honest_share_never_rises_with_the_level(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= CARD.risk(low) <= CARD.risk(high) <= 0.95
    assert 0.001 - 1e-12 <= CARD.honest_share(high) <= CARD.honest_share(low) <= 1


def test_the_table_is_met_at_its_ends_and_shares_lie_between_by_their_logarithms() -> None:
    assert CARD.risk(1.0) == 0.5
    assert CARD.honest_share(1.5) == pytest.approx(0.01)
    assert CARD.honest_share(-9) == 1.0


def test_a_small_fold_moves_the_level_less() -> None:
    assert CARD.step(1, 1000) < CARD.step(16, 1000) == 0.15
    assert CARD.step(10_000, 1000) == 1.0


def test_a_newcomers_first_requests_count_for_more() -> None:
    assert CARD.step(8, 0) == 0.5 > CARD.step(8, 8) > CARD.step(8, 1000) == 0.075
