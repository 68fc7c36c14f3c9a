import math
from pathlib import Path
from typing import Any

import pytest

from .quality.budget import within_budget
from .quality.figures import Spread, figures, kind_figures
from .quality.findings import HIGH, namings, read_findings
from .quality.labels import Label
from .quality.scoring import BEFORE_ATTACK, Score, score
from .quality.trust import by_tenant, by_tenant_day, precision_at, wilson
from .quality_examples import at, attacker, honest, told, write


@pytest.fixture
def scored(tmp_path: Path) -> Any:
    def run(labels: list[Label], *lines: dict[str, Any]) -> Score:
        return score(labels, namings(read_findings(write(tmp_path / "f.jsonl", lines))))

    return run


def test_a_tenant_is_named_from_the_first_line_that_lists_it(scored: Any) -> None:
    found = scored([attacker("a", 30, 31, 32, 33)], told("f", 31.5, "a"), told("f", 40, "a", activity=2))
    assert found.campaigns[0].queries == (2,)
    assert figures(found).leaked == 0.5
    assert (found.pairs, found.right) == (1, 1)


def test_a_line_below_medium_names_nobody(scored: Any) -> None:
    found = scored([attacker("a", 30, 31)], told("f", 30.5, "a", severity=2), told("f", 32, "a", activity=2))
    assert found.campaigns[0].queries == (2,)


def test_a_finding_closed_before_the_attack_names_no_attacker_and_was_a_false_one(scored: Any) -> None:
    found = scored([attacker("a", 50)], told("f", 3, "a"), told("f", 20, "a", activity=3))
    assert figures(found).campaigns == 0
    assert figures(found).leaked == 1
    assert figures(found).precision == 0
    assert [(each.role, each.days, each.false_days) for each in found.honest] == [(BEFORE_ATTACK, 2, 1)]


def test_a_finding_that_is_open_when_the_attack_begins_catches_its_first_request(scored: Any) -> None:
    found = scored([attacker("a", 50, 51)], told("f", 3, "a"))
    assert found.campaigns[0].queries == (1,)
    assert figures(found).precision == 1


def test_the_day_on_which_an_attack_begins_is_no_honest_day(scored: Any) -> None:
    found = scored([attacker("a", 30)], told("f", 25, "a"))
    assert figures(found).false_tenant_days == 0


def test_two_findings_on_one_day_are_one_false_day(scored: Any) -> None:
    found = scored([honest("h"), honest("i")], told("f", 1, "h"), told("g", 2, "h"), told("k", 30, "h"))
    assert figures(found).false_tenant_days == 2 / 6
    assert figures(found).precision == 0


def test_a_campaign_is_caught_by_one_member_and_grows_by_updates(scored: Any) -> None:
    members = [attacker(name, 30, 31, kind="hydra") for name in ("a", "b", "c")]
    found = scored(members, told("f", 30.5, "a"), told("f", 31.5, "a", "b", activity=2))
    campaign = found.campaigns[0]
    assert (campaign.members, campaign.caught, campaign.leaked, campaign.queries) == (3, 2, 1 + 2 + 2, (1, 2))


def test_lines_without_a_uid_are_one_finding_a_tenant_and_day(scored: Any) -> None:
    assert scored([honest("h")], told(None, 1, "h"), told(None, 2, "h"), told(None, 40, "h")).pairs == 2


def test_the_mean_of_kinds_counts_every_kind_alike(scored: Any) -> None:
    labels = [attacker(name, 30, kind="hydra") for name in "abc"] + [attacker("d", 30, kind="bulk")]
    found = scored(labels, told("f", 30.5, "d"))
    assert figures(found).members == 0.5
    assert kind_figures(found)["bulk"].members == 1
    assert kind_figures(found)["hydra"].campaigns == 0


def test_what_sent_nothing_or_never_attacked_is_not_counted(scored: Any) -> None:
    found = scored([attacker("a")])
    assert found == Score((), (), 0, 0)
    assert figures(found).campaigns is None


def test_a_severity_asks_for_lines_of_its_own(tmp_path: Path) -> None:
    lines = read_findings(write(tmp_path / "f.jsonl", [told("f", 1, "h"), told("f", 5, "h", activity=2, severity=4)]))
    assert [(each.opened_ms, each.closed_ms) for each in namings(lines, severity=HIGH)] == [(at(5), math.inf)]


def budget_lines(path: Path, *lines: dict[str, Any]) -> Any:
    return within_budget([honest("h"), attacker("a", 30, 31)], read_findings(write(path / "f.jsonl", lines)), 2)


def test_a_budget_raises_the_risk_until_no_day_has_more_findings(tmp_path: Path) -> None:
    found = budget_lines(
        tmp_path,
        told("f", 1, "h", risk=60),
        told("g", 2, "h", risk=70),
        told("k", 3, "h", risk=80),
        told("l", 30.5, "a", risk=65),
    )
    assert (found.risk, found.worst_day, found.campaigns) == (61, 2, 1)


def test_a_finding_below_the_budget_is_created_when_its_risk_has_risen(tmp_path: Path) -> None:
    busy = [told(name, 1, "h", risk=60) for name in "fgk"]
    found = budget_lines(tmp_path, *busy, told("l", 30.5, "a", risk=50), told("l", 31.5, "a", activity=2, risk=90))
    assert (found.risk, found.campaigns, found.precision) == (61, 1, 1)


def test_where_the_highest_risk_is_common_the_first_of_a_day_are_read(tmp_path: Path) -> None:
    busy = [told(name, 1, "h", risk=99) for name in "fg"]
    found = budget_lines(tmp_path, *busy, told("k", 2, "a", risk=99), told("l", 30.5, "a", risk=99))
    assert (found.risk, found.worst_day, found.campaigns) == (99, 2, 1)


def test_a_day_within_the_budget_is_left_as_it_is(tmp_path: Path) -> None:
    assert budget_lines(tmp_path, told("l", 30.5, "a", risk=5)).risk == 0


def test_an_interval_holds_the_share_and_narrows_with_tenants() -> None:
    few, many = wilson(1, 50), wilson(20, 1000)
    assert few[0] < 0.02 < few[1]
    assert many[1] - many[0] < few[1] - few[0]
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 10)[0] == 0.0


def test_the_days_of_a_tenant_do_not_narrow_the_interval(scored: Any) -> None:
    short = scored([honest(f"h{n}", days=1) for n in range(50)], told("f", 1, "h1"))
    long = scored([honest(f"h{n}", days=3) for n in range(50)], *(told(f"f{n}", 1 + 24 * n, "h1") for n in range(3)))
    assert by_tenant_day("days", 0.01, short.honest).high == pytest.approx(
        by_tenant_day("days", 0.01, long.honest).high
    )
    assert by_tenant_day("days", 0.01, short.honest).times == pytest.approx(2)
    assert by_tenant("tenants", long.honest).measured == 0.02


def test_where_attackers_are_rare_precision_is_what_bayes_says() -> None:
    assert precision_at(0.5, 0.8, 0.2) == pytest.approx(0.8)
    assert precision_at(0.001, 1.0, 0.0) == 1.0
    assert precision_at(0.001, 0.0, 0.0) is None


def test_a_spread_leaves_out_what_is_missing() -> None:
    spread = Spread.of([1.0, None, 3.0])
    assert spread is not None
    assert (spread.mean, spread.low, spread.high, spread.seeds) == (2.0, 1.0, 3.0, 2)
    assert Spread.of([None]) is None
