import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.references import References
from models.risk import NORMAL, ScoreCard

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


SHIPPED = References.shipped().card
maps = st.tuples(st.floats(-2, 2), st.floats(0.6, 1.6), st.floats(0.05, 30))


@given(maps, levels, levels)
def test_under_any_calibration_a_risk_never_falls_and_the_honest_share_never_rises_with_the_level(
    by: tuple[float, float, float], one: float, other: float
) -> None:
    card = SHIPPED.calibrated(*by)
    low, high = sorted((one, other))
    assert list(card.levels) == sorted(set(card.levels))
    assert 0 <= card.risk(low) <= card.risk(high) < 1
    assert 0 < card.honest_share(high) <= card.honest_share(low) <= 1


@given(st.floats(-0.8, 0.8), st.floats(0.8, 1.3), st.floats(0.1, 10))
def test_a_severity_begins_where_its_share_times_the_factor_of_the_deployments_own_honest_tenant_days_begins(
    shift: float, scale: float, factor: float
) -> None:
    card = SHIPPED.calibrated(shift, scale, factor)
    for risk in (0.5, 0.8, 0.95):
        share = SHIPPED.share_of(risk) * factor
        level = SHIPPED.level_at(shift + scale * -NORMAL.inv_cdf(share))
        assert card.risk(level) == pytest.approx(risk, abs=1e-6)
        assert card.honest_share(level) == pytest.approx(share, rel=1e-3)


@given(st.floats(-5.5, 6.0))
def test_level_and_deviate_are_two_words_for_one_thing(level: float) -> None:
    assert SHIPPED.level_at(SHIPPED.deviate(level)) == pytest.approx(level, abs=1e-6)


def test_a_calibration_that_says_nothing_leaves_the_table_as_it_is() -> None:
    assert SHIPPED.calibrated(0.0, 1.0, 1.0) == SHIPPED
