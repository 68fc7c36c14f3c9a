"""A deployment's error rates are found again, with attackers among its traffic."""

import numpy as np
import pytest

from models.config import Config
from models.own_null import MOST_SCALE, MOST_SHIFT, columns, own_null
from models.own_rates import DAY_MS, MOST_LEVEL, calibrated, own_rates
from models.peers import PEER_GROUPS
from schemas.control import Calibration, Control, Learned, Rate, decode_control, encode_control
from tests.models.own_days import FIRST_DAY, REFERENCES, tenant_days

CONFIG = Config()
SEEDS = range(12)
TENANTS = 1000
CARD = REFERENCES.card


def measured(calibration: Calibration, nominal: float, **deployment: float) -> float:
    """The share of honest tenant-days whose calibrated p-value is at most `nominal`, in deployments like that one."""
    cards = {name: CARD.calibrated(each.shift, each.scale, calibration.factor) for name, each in calibration.groups.items()}
    days = [day for seed in (101, 102) for day in tenant_days(seed, 3000, **deployment)]  # type: ignore[arg-type]
    return float(np.mean([cards[day.group].honest_share(day.level) <= nominal for day in days]))


def rate(rates: tuple[Rate, ...], severity: str) -> Rate:
    return next(each for each in rates if each.severity == severity)


@pytest.mark.parametrize(("shift", "scale"), [(0.0, 1.0), (0.5, 1.0), (-0.5, 1.0), (0.3, 1.1), (0.0, 0.85)])
def test_with_a_fifth_of_attackers_nominal_shares_are_met_within_half_as_much_again_over_seeds(
    shift: float, scale: float
) -> None:
    met = []
    for seed in SEEDS:
        days = tenant_days(seed, TENANTS, shift=shift, scale=scale, attackers=0.2)
        met.append(measured(own_rates(days, REFERENCES, CONFIG), 0.01, shift=shift, scale=scale))
    assert 0.01 / 1.5 < np.mean(met) < 0.01 * 1.5


def test_attackers_are_left_out_and_honest_tenants_are_not() -> None:
    made = own_rates(tenant_days(1, TENANTS, attackers=0.2), REFERENCES, CONFIG)
    left_out = sum(group.left_out for group in made.groups.values())
    assert 0.15 * TENANTS < left_out < 0.26 * TENANTS
    assert rate(made.rates, "Medium").low > 0.1 > rate(made.rates, "Medium").nominal


def test_a_handful_of_tenants_moves_little_and_none_moves_further_than_it_may() -> None:
    moved = [
        own_rates(tenant_days(1, tenants, shift=0.6, groups=("light",)), REFERENCES, CONFIG).groups["light"].shift
        for tenants in (9, 40, 200, 2000)
    ]
    assert moved == sorted(moved)
    assert moved[3] - moved[0] > 0.3
    far = own_null(columns(tenant_days(1, TENANTS, shift=4.0, scale=3.0), REFERENCES), REFERENCES)
    assert far.shift.max() <= MOST_SHIFT
    assert far.scale.max() <= MOST_SCALE


def test_days_of_the_same_tenants_are_no_more_tenants() -> None:
    further = []
    for seed in range(1, 6):
        few, many = (own_rates(tenant_days(seed, 60, days, shift=0.5), REFERENCES, CONFIG) for days in (2, 20))
        assert few.tenants == many.tenants == 60
        further.append(many.groups["light"].shift - few.groups["light"].shift)
    assert abs(np.mean(further)) < 0.15


def test_a_group_without_tenants_goes_with_the_deployment() -> None:
    made = own_rates(tenant_days(1, TENANTS, shift=0.6, groups=("medium",)), REFERENCES, CONFIG)
    assert set(made.groups) == set(PEER_GROUPS)
    assert made.groups["varied"].tenants == 0
    assert made.groups["varied"].shift > 0


def test_medium_is_never_moved_to_where_no_tenant_comes() -> None:
    made = own_rates(tenant_days(1, TENANTS, shift=3.0, scale=2.0, groups=("varied",)), REFERENCES, CONFIG)
    for group in made.groups.values():
        assert CARD.calibrated(group.shift, group.scale, made.factor).risk(MOST_LEVEL + 1e-6) >= CONFIG.risk_medium


def test_a_mix_of_groups_unlike_the_tables_has_the_same_share_in_all() -> None:
    heavy = ("varied", "varied", "varied", "light")
    made = own_rates(tenant_days(1, 3000, groups=heavy), REFERENCES, CONFIG)
    medium = rate(made.rates, "Medium")
    assert medium.nominal == pytest.approx(0.0025, rel=0.01)
    assert medium.shipped > 1.5 * medium.nominal
    assert measured(made, 0.0025, groups=heavy) == pytest.approx(0.0025, abs=0.0015)  # type: ignore[arg-type]


def test_a_budget_gives_medium_its_share_and_the_others_keep_their_ratio() -> None:
    days = tenant_days(1, TENANTS)
    plain, budget = own_rates(days, REFERENCES, CONFIG), own_rates(days, REFERENCES, CONFIG, 0.01)
    assert (plain.factor, budget.factor) == (1.0, 4.0)
    assert rate(budget.rates, "Medium").nominal == pytest.approx(0.01, rel=0.01)
    for name, group in budget.groups.items():
        card = CARD.calibrated(group.shift, group.scale, budget.factor)
        begins = {risk: next(at for at in np.arange(-3, 7, 0.002) if card.risk(at) >= risk - 1e-9) for risk in (0.5, 0.8)}
        ratio = card.honest_share(begins[0.8]) / card.honest_share(begins[0.5])
        assert ratio == pytest.approx(CARD.share_of(0.8) / CARD.share_of(0.5), rel=0.05), name


def test_where_no_attacker_comes_nominal_and_measured_agree() -> None:
    low = rate(own_rates(tenant_days(5, 4000, shift=0.4), REFERENCES, CONFIG).rates, "Low")
    assert low.low < low.nominal < low.high
    assert low.shipped > 1.5 * low.nominal


def test_of_attackers_alone_nothing_is_learned_but_what_is_bounded() -> None:
    made = own_rates(tenant_days(1, 200, attackers=1.0), REFERENCES, CONFIG)
    assert all(abs(group.shift) <= 3 for group in made.groups.values())
    assert decode_control(encode_control(calibrated(None, made))).calibration == made


def test_no_tenant_day_is_no_calibration() -> None:
    with pytest.raises(ValueError, match="no tenant-day"):
        own_rates([], REFERENCES, CONFIG)


def test_a_calibration_is_the_same_again_and_tells_its_span() -> None:
    days = tenant_days(2, 200, attackers=0.1)
    made = own_rates(days, REFERENCES, CONFIG)
    assert made == own_rates(list(days), REFERENCES, CONFIG)
    assert (made.first_ms, made.last_ms) == (FIRST_DAY * DAY_MS, (FIRST_DAY + 3) * DAY_MS)
    assert (made.tenants, made.tenant_days, made.tenants_a_day) == (200, 600, 200.0)


def test_the_record_with_a_calibration_keeps_all_else_that_was_learned() -> None:
    made = own_rates(tenant_days(2, 200), REFERENCES, CONFIG)
    newest = Control(number=7, made_ms=5, read_to=9, void=((1, 2),), learned=Learned(weights={"size": 1.0}), calibration_held=True)
    control = calibrated(newest, made)
    assert (control.number, control.origin, control.made_ms) == (8, "calibrated", made.last_ms)
    assert (control.learned, control.read_to, control.void) == (newest.learned, 9, ((1, 2),))
    assert not control.calibration_held
