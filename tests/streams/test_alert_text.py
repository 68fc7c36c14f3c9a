"""An alert in the terminal: readable, and without a way to steer the terminal."""

import json
import unicodedata
from io import StringIO
from typing import Any

from hypothesis import given, settings
from msgspec.structs import replace
from rich.console import Console

from schemas.campaign import CampaignFinding
from schemas.finding import Activity, Finding
from schemas.ocsf import alert
from streams.alert_text import describe
from tests.models.campaigns.signals import fed, mark, operator
from tests.schemas.findings import ADOPTED_LINE, ANY_FINDING, CLOSED, CREATED, REASONS, UPDATED, line


def read(finding: Finding) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(alert(finding))
    return event


def test_an_alert_is_a_few_lines_a_person_understands() -> None:
    assert describe(read(CREATED)).plain.splitlines() == [
        " OPENED  High  Suspected model extraction by tenant org_acme",
        "   tenant org_acme · risk 81/100 · confidence 72/100",
        "   412 requests · since 2026-10-29 07:00 UTC · model large-1",
        "   - distinct template share (different templates over prompts): 0.973 of prompts, usually 0.214, most tenants 0.02 to 0.61",
        "   - requests per hour (requests in an hour): 1,412 requests, usually 38.2, most tenants 1 to 220",
        "   - logprob share (requests that ask for log-probabilities): 1 of requests, most tenants 0 to 0.05",
        (
            "   - points at 13 of 16 requests, made as the tenant did not before: no system prompt, no tools, reasoning, "
            "log-probabilities, temperature 1 or above, model large-1, which is new to it (2 manners of calling in all)"
        ),
        "   - 62% of recent prompts are like “explain … in detail … step by step” (template 1e50307ce88907a5)",
        "   - 31% of recent prompts have the same ending, in words that are not shown",
    ]


def test_a_campaign_is_a_few_lines_too() -> None:
    def said(line: CampaignFinding) -> list[str]:
        return describe(json.loads(alert(line))).plain.splitlines()

    search = fed(
        [mark(0, 1), *operator(11, name="org\x1b"), mark(0, 1, idle=True), *[mark(hour) for hour in range(1, 30)]]
    )
    created, closed = search.findings
    assert said(created) == [
        " OPENED  High  Suspected model extraction by one operator with 11 tenants",
        f"   campaign {created.uid} · 11 tenants · chance {created.chance:.2g}",
        "   176 requests · since 2027-01-15 07:00 UTC",
        "   names " + ", ".join(f"org?_{at:04}" for at in range(8)) + " and 3 more",
        "   - opening and network: shared by 11 tenants",
        "   made without a partition that was idle or far behind, or with tenants dropped for want of room",
    ]
    assert said(closed)[0].startswith(" CLOSED ")
    merged = replace(closed, merged_into="another")
    assert "   it is part of campaign another" in said(merged)


def test_the_life_of_a_finding_is_told_apart() -> None:
    assert [describe(read(f)).plain.split()[0] for f in (CREATED, UPDATED, CLOSED)] == ["OPENED", "GOES", "CLOSED"]


def test_a_close_by_adoption_says_why() -> None:
    assert describe(read(ADOPTED_LINE)).plain.splitlines()[-1].endswith("taken for its normal behaviour")
    assert "normal behaviour" not in describe(read(CLOSED)).plain


def test_at_most_three_reasons_are_told() -> None:
    assert (
        describe(read(line(Activity.UPDATE, reasons=REASONS * 2, sub_stream=None, templates=()))).plain.count("\n   - ")
        == 3
    )


def test_a_tenant_id_can_neither_mark_up_nor_steer_the_terminal() -> None:
    hostile = "[bold red]x[/bold red]\x1b]0;owned\x07\x9b2J\u202e\r\n"
    out = StringIO()
    text = describe(read(line(Activity.CREATE, tenant=hostile, model="\x1b[2Jm")))
    Console(file=out, width=300, color_system=None, force_terminal=False).print(text)
    printed = out.getvalue()
    assert "[bold red]x[/bold red]" in printed
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r"} & set(printed)
    assert len(printed.splitlines()) == 9


@given(ANY_FINDING)
@settings(deadline=None, max_examples=100)
def test_any_alert_is_told_without_control_characters(finding: Finding) -> None:
    plain = describe(read(finding)).plain
    assert {c for c in plain if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"}} <= {"\n"}
    assert 3 <= len(plain.splitlines()) <= 11


def test_an_alert_of_somebody_else_is_told_as_far_as_it_goes() -> None:
    assert describe({"severity_id": 99, "time": 1}).plain.startswith(" FINDING  unknown")
