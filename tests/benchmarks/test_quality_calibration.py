from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.own_null import TenantDay
from models.references import References
from schemas.errors import RefusedToStart
from tests.benchmarks.quality.calibration import CASES, SHARES, Case, Deployment, app, count, section, three_times
from tests.models.own_days import tenant_days

REFERENCES = References.shipped()
AS_THEY_COME = CASES[0]


def deployment(seed: int, attackers: float = 0.0) -> Deployment:
    days = tenant_days(seed, 400, attackers=attackers)
    guilty = {f"org_{tenant}" for tenant in range(int(400 * attackers))}
    return Deployment(days, frozenset(day.tenant for day in days) - guilty)


def test_only_honest_tenants_days_are_counted_and_each_once() -> None:
    honest = deployment(1, attackers=0.1)
    counted = count(AS_THEY_COME, [honest, honest], REFERENCES)
    assert (counted.tenants, counted.tenant_days) == (2 * 360, 2 * 3 * 360)
    assert counted.shipped == sorted(counted.shipped, reverse=True)


def test_a_day_in_two_peer_groups_is_one_tenant_day() -> None:
    day = TenantDay("t", 1, "young", 9.0)
    held = Deployment([day, day._replace(group="light"), *tenant_days(2, 50)], frozenset({"t"}))
    counted = count(AS_THEY_COME, [held], REFERENCES)
    assert (counted.tenant_days, counted.shipped) == (1, [1] * len(SHARES))


def test_calibration_takes_back_what_moved_levels_promised_wrongly() -> None:
    deployments = [deployment(seed) for seed in range(3)]
    moved = count(Case("moved", lambda deviate: deviate + 0.4), deployments, REFERENCES)
    assert moved.calibrated[1] < moved.shipped[1]


def test_a_calibration_of_the_days_before_is_judged_on_the_last() -> None:
    later = next(case for case in CASES if case.before_the_last_day)
    assert count(later, [deployment(1)], REFERENCES).tenant_days == 400


def test_one_day_is_too_few_for_that() -> None:
    later = next(case for case in CASES if case.before_the_last_day)
    with pytest.raises(RefusedToStart, match="--days 2"):
        count(later, [Deployment(tenant_days(1, 100, days=1), frozenset())], REFERENCES)


def test_attackers_may_be_none_or_twice_and_only_the_calibration_feels_them() -> None:
    held = deployment(4, attackers=0.2)
    none, twice = (count(Case("x", attackers=times), [held], REFERENCES) for times in (0, 2))
    assert none.shipped == twice.shipped
    assert none.calibrated != twice.calibrated


def test_three_times_as_many_reach_what_was_promised() -> None:
    assert three_times(three_times(1.0)) > three_times(1.0) > 1.0


def test_the_table_has_a_row_a_share_and_tells_measured_over_promised() -> None:
    told = section({"x": count(AS_THEY_COME, [deployment(1)], REFERENCES)}, "one")
    assert [row[1] for row in told.rows] == ["3.00%", "1.00%", "0.50%", "0.25%"]
    measured, times = (float(told.rows[0][at].rstrip("%")) for at in (3, 5))
    assert times == pytest.approx(measured / 3, abs=0.01)


def test_the_help_teaches_and_what_cannot_work_is_refused_first(tmp_path: Path) -> None:
    assert "deploy/benchmark calibration --work" in CliRunner().invoke(app, ["--help"], terminal_width=200).output
    refused = CliRunner().invoke(app, ["--seeds", "x", "--work", str(tmp_path / "work")])
    assert "list of numbers" in str(refused.exception)
    assert not (tmp_path / "work").exists()
