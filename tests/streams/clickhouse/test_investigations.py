"""Each question answers over every example, and takes values for values."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
import typer
from typer.testing import CliRunner

from schemas.finding import Severity
from streams.clickhouse import Investigation, RowStore, investigations
from streams.clickhouse.investigations import BadQuestion, named, read_investigation
from streams.commands import investigate, migrate
from streams.settings import ClickHouseSettings, Settings
from tests.schemas.findings import CREATED, TEMPLATES
from tests.streams.clickhouse.engine import FINDINGS, HOUR_MS, MEMBERS, START_MS, number, window

QUESTIONS = investigations()
AWKWARD = ["x' OR 1=1 --", "'; DROP TABLE finding_versions; --", "\\", "\t\n", "{days:UInt16}", "日本", "\\N"]


@pytest.fixture
def examples(settings: ClickHouseSettings, store: RowStore) -> ClickHouseSettings:
    """Windows of eight tenants over six hours, one suspect, and the example finding's lines."""
    risky = [window(i, tenant="org_acme", window_start_ms=START_MS + i * HOUR_MS, risk=0.9 + i / 100) for i in range(6)]
    store.insert([*(window(i, risk=0.1) for i in range(42)), *risky, *FINDINGS[:2], *MEMBERS])
    return settings


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=list(QUESTIONS))
def test_each_question_says_what_it_asks_takes_gives_and_costs(question: Investigation) -> None:
    assert question.question.endswith("?")
    assert question.result
    assert question.cost
    assert {"days", "until", "limit"} <= {parameter.name for parameter in question.parameters}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=list(QUESTIONS))
def test_each_question_answers_with_its_defaults_over_history(
    question: Investigation, examples: ClickHouseSettings
) -> None:
    answer = question.ask(examples, {})
    assert answer.rows
    assert all(len(row) == len(answer.columns) for row in answer.rows)


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=list(QUESTIONS))
def test_each_question_answers_over_nothing(question: Investigation, settings: ClickHouseSettings) -> None:
    assert question.ask(settings, {}).rows == ()


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=list(QUESTIONS))
@pytest.mark.parametrize("until", ["2026-10-29T20:00:00Z", "2026-10-29 23:00:00+03:00", "2026-10-29T20:00:00.123"])
def test_the_end_of_the_time_is_given_as_people_write_it(
    question: Investigation, until: str, examples: ClickHouseSettings
) -> None:
    assert question.ask(examples, {"until": until, "days": "1"}).rows
    assert question.ask(examples, {"until": "2026-10-01", "days": "1"}).rows == ()


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=list(QUESTIONS))
def test_a_value_of_the_wrong_type_is_named(question: Investigation, examples: ClickHouseSettings) -> None:
    with pytest.raises(BadQuestion, match=r"takes a UInt16 as days, not '-1'"):
        question.ask(examples, {"days": "-1"})
    with pytest.raises(BadQuestion, match=r"takes a time like .* as until, not 'soon'"):
        question.ask(examples, {"until": "soon"})
    with pytest.raises(BadQuestion, match=r"takes a UInt32 as limit, not '1; DROP TABLE x'"):
        question.ask(examples, {"limit": "1; DROP TABLE x"})


@pytest.mark.parametrize("value", AWKWARD)
def test_values_that_look_like_sql_are_values(value: str, examples: ClickHouseSettings) -> None:
    RowStore(examples).insert([window(50, tenant=value)])
    answer = named("tenant").ask(examples, {"tenant": value})
    assert [row[0] for row in answer.rows] == [value]
    assert named("feature").ask(examples, {"feature": value}).rows == ()
    assert named("feature").ask(examples, {"tenant": value}).rows == ()
    assert number(examples, "SELECT count() FROM findings") == 2


def test_an_unknown_severity_tells_the_known_ones(examples: ClickHouseSettings) -> None:
    with pytest.raises(BadQuestion, match=r"Informational.*Low.*Medium.*High.*Critical.* as severity, not 'Terrible'"):
        named("feature").ask(examples, {"severity": "Terrible"})


def test_a_tenant_is_shown_over_time_with_its_findings(examples: ClickHouseSettings) -> None:
    answer = named("tenant").ask(examples, {})
    assert {row[0] for row in answer.rows} == {"org_acme"}
    assert [row[3] for row in answer.rows].count("window") == 6
    assert [row[3] for row in answer.rows if row[3] != "window"] == ["finding create", "finding update"]
    times = [row[2] for row in answer.rows]
    assert times == sorted(times)
    assert times[0] == datetime.fromtimestamp(START_MS / 1000, UTC)


def test_the_riskiest_tenant_comes_first_with_what_is_open(examples: ClickHouseSettings) -> None:
    answer = named("riskiest").ask(examples, {"limit": "3"})
    first = dict(zip(answer.columns, answer.rows[0], strict=True))
    assert len(answer.rows) == 3
    assert (first["tenant"], first["highest_risk"], first["windows"]) == ("org_acme", pytest.approx(0.95), 6)
    assert (first["worst_open"], first["open_findings"]) == ("Critical", [CREATED.uid])
    RowStore(examples).insert(FINDINGS[2:])
    closed = named("riskiest").ask(examples, {"limit": "1"})
    assert dict(zip(closed.columns, closed.rows[0], strict=True))["open_findings"] == []


def test_a_feature_is_found_in_the_last_line_that_names_it(examples: ClickHouseSettings) -> None:
    RowStore(examples).insert(FINDINGS[2:])
    answer = named("feature").ask(examples, {"feature": "logprob_share", "severity": Severity.HIGH.name.title()})
    (row,) = (dict(zip(answer.columns, row, strict=True)) for row in answer.rows)
    assert (row["tenant"], row["severity"], row["observed"], row["own_expected"]) == ("org_acme", "Critical", 1.0, None)
    assert len(named("feature").ask(examples, {"tenant": "org_acme"}).rows) == 3


def test_a_template_is_found_by_its_uid_and_by_a_word_with_the_tenants_that_share_it(
    examples: ClickHouseSettings,
) -> None:
    template = TEMPLATES[0]
    for given in ({}, {"uid": template.uid}, {"word": "Detail"}):
        answer = named("template").ask(examples, given)
        (row,) = (dict(zip(answer.columns, row, strict=True)) for row in answer.rows)
        assert (row["uid"], row["skeleton"], row["tenants"]) == (template.uid, template.skeleton, 1)
        assert row["names"] == ["org_acme"]
    assert named("template").ask(examples, {"word": "tail"}).rows == ()


def test_the_members_of_a_campaign_are_found_by_it_and_by_one_of_them(examples: ClickHouseSettings) -> None:
    def asked(**given: str) -> list[tuple[object, ...]]:
        return [row[:3] for row in named("campaign").ask(examples, given).rows]

    first = [("campaign_a", 3, f"org_{at}") for at in range(3)]
    second = [("campaign_b", 2, f"org_{at}") for at in (7, 8)]
    assert asked(campaign="campaign_a") == first
    assert asked(tenant="org_8") == second
    assert asked(campaign="campaign_a", tenant="org_8") == []
    assert asked() == [*second, *first]


def test_an_unknown_question_or_parameter_names_the_known_ones() -> None:
    with pytest.raises(
        BadQuestion, match="there is no investigation 'x'; there are campaign, feature, levels, riskiest, template, tenant"
    ):
        named("x")
    with pytest.raises(BadQuestion, match="riskiest has no parameter 'day'; it has days, until, limit"):
        named("riskiest").values({"day": "1"})


def test_a_header_that_does_not_fit_its_statement_is_refused() -> None:
    with pytest.raises(ValueError, match="different parameters"):
        read_investigation("n", "-- Question: Q?\nSELECT {a:String}")
    with pytest.raises(ValueError, match="a parameter is not used"):
        read_investigation("n", "-- Parameter: b = 1 : B\nSELECT 1")


def run(settings: ClickHouseSettings, *arguments: str) -> str:
    app = typer.Typer()
    for command in (investigate, migrate):
        command.register(app)
    result = CliRunner().invoke(app, arguments, obj=Settings(clickhouse=settings), catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_the_commands_migrate_and_ask(empty: ClickHouseSettings) -> None:
    assert "applied 0001_create_tenant_window_versions" in run(empty, "migrate")
    assert "nothing to apply" in run(empty, "migrate")
    assert "Nothing found." in run(empty, "investigate", "riskiest")
    assert run(empty, "investigate", "riskiest", "--json") == ""
    RowStore(empty).insert([window(1, tenant="org_\x1b[2J[bold]"), *FINDINGS])
    shown = run(empty, "investigate", "riskiest", "--param", "days=3", "-p", "limit=5")
    assert "org_\N{REPLACEMENT CHARACTER}[2J[bold]" in shown
    (row,) = csv.DictReader(io.StringIO(run(empty, "investigate", "riskiest", "--csv")))
    (line,) = map(json.loads, run(empty, "investigate", "riskiest", "--json").splitlines())
    assert list(row) == list(line)
    assert line["riskiest_window"] == "2026-10-29T04:00:00Z"


def test_the_command_lists_every_question_and_its_parameters(empty: ClickHouseSettings) -> None:
    listed = run(empty, "investigate")
    for question in QUESTIONS.values():
        assert question.name in listed
        assert all(f"{parameter.name}=" in listed for parameter in question.parameters)
