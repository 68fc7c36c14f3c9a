"""The transformations of attackers keep what they promise, and a small sweep runs to its page."""

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import stdev
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from models.words import EDGE_WORDS
from streams.simulation.rhythm import DAY_MS

from .quality.labels import read_labels
from .quality.sweeps.__main__ import app
from .quality.sweeps.attacker import Account, accounts
from .quality.sweeps.cadence import times
from .quality.sweeps.cast import Operator, batches, operators, play
from .quality.sweeps.curve import Sweeps, sweeps
from .quality.sweeps.effort import NAIVE, Effort
from .quality.sweeps.page import markdown
from .quality.sweeps.settings import most_common
from .quality.sweeps.stock import HARVESTS, Stock, bare, take_apart
from .quality.sweeps.strategies import STRATEGIES, Point, Strategy
from .quality.sweeps.sweep import Plan, Sweep
from .quality.sweeps.wording import Wording
from .quality.traffic import Files, Parameters, Traffic

SMALL = Parameters(benign=40, days=1.0, rounds=1)
SEED = 3
HARD = replace(NAIVE, requests_a_day=10_000.0)


class Made:
    """One small simulated seed, taken apart."""

    def __init__(self, place: Path) -> None:
        self.place, self.traffic = place, Traffic(place, None, SMALL)
        self.files: Files = self.traffic.made(SEED)
        self.stock: Stock = take_apart(self.files, place / "staying.jsonl", 1000.0)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("sweeps"))


@pytest.fixture
def stock(made: Made) -> Stock:
    return made.stock


def events(account: Account) -> list[dict[str, Any]]:
    return [json.loads(record) for _, record in account.records]


def harvest(account: Account) -> list[dict[str, Any]]:
    """The requests that feed the data set; nothing else happens in the same millisecond in these tests."""
    asked = set(account.label.attack_ts)
    return [event for event in events(account) if event["ts"] in asked]


EFFORTS = [
    NAIVE,
    replace(NAIVE, cover=0.75),
    replace(NAIVE, cadence="days", wordings=None),
    replace(NAIVE, warm_days=0.3, ramp_days=0.4),
    replace(NAIVE, accounts=4, addresses=8, keys=2, apart=True, cover=0.5),
]


@pytest.mark.parametrize("effort", EFFORTS)
def test_whatever_the_effort_ids_are_unique_times_ordered_and_counts_as_labelled(stock: Stock, effort: Effort) -> None:
    held = accounts(effort, stock, "anyone")
    assert len(held) == len({account.label.tenant_id for account in held}) == effort.accounts
    ids = [event["event_id"] for account in held for event in events(account)]
    assert len(ids) == len(set(ids))
    for account in held:
        when = [ts for ts, _ in account.records]
        assert when == sorted(when) == [event["ts"] for event in events(account)]
        assert stock.begin_ms <= when[0] <= when[-1] < stock.end_ms
        assert account.label.events == len(when) >= len(account.label.attack_ts) > 0
        assert {event["tenant_id"] for event in events(account)} == {account.label.tenant_id}


def test_an_operator_is_made_again_from_its_name_and_differs_from_others(stock: Stock) -> None:
    assert accounts(NAIVE, stock, "one") == accounts(NAIVE, stock, "one")
    assert accounts(NAIVE, stock, "one")[0].records != accounts(NAIVE, stock, "two")[0].records


def test_cover_takes_the_share_of_the_requests_that_it_says_and_the_volume_stays(stock: Stock) -> None:
    (naive,) = accounts(NAIVE, stock, "who")
    for cover in (0.25, 0.5, 0.9):
        (account,) = accounts(replace(NAIVE, cover=cover), stock, "who")
        assert len(account.label.attack_ts) / account.label.events == pytest.approx(1 - cover, abs=0.03)
        assert account.label.events == pytest.approx(len(naive.records), rel=0.05)
        assert account.tokens > account.useful_tokens > 0


def test_cover_is_what_donors_asked_and_the_rest_is_not(stock: Stock) -> None:
    donated = {event["prompt"] for donor in stock.donors for event in donor}
    (account,) = accounts(replace(NAIVE, cover=0.5), stock, "who")
    useful = {event["event_id"] for event in harvest(account)}
    cover = [event for event in events(account) if event["event_id"] not in useful]
    assert cover
    assert {event["prompt"] for event in cover} <= donated


def test_a_warmed_account_harvests_nothing_before_its_time_and_then_ever_more(stock: Stock) -> None:
    (account,) = accounts(replace(NAIVE, requests_a_day=4000.0, warm_days=0.3, ramp_days=0.5), stock, "who")
    begin = account.records[0][0]
    useful = [(ts - begin) / DAY_MS for ts in account.label.attack_ts]
    assert min(useful) >= 0.29
    grown = Counter(int((day - 0.3) / 0.1) for day in useful)
    assert grown[0] < grown[2] < grown[4]


def test_paces_have_the_rate_and_the_gaps_that_they_say() -> None:
    spread = {}
    for cadence in ("metronome", "even", "poisson", "days"):
        found = times(Random(1), cadence, 1000.0, 0, 10 * DAY_MS)
        assert found == sorted(found)
        assert len(found) == pytest.approx(10_000, rel=0.15)
        gaps = [after - before for before, after in pairwise(found)]
        spread[cadence] = stdev(gaps)
    assert spread["metronome"] < 2 < spread["even"] < spread["poisson"] < spread["days"]


def edges(prompts: list[str], edge: slice) -> set[tuple[str, ...]]:
    return {tuple(prompt.split()[edge]) for prompt in prompts}


@pytest.mark.parametrize(("number", "most"), [(1, 1), (4, 4), (None, 500)])
def test_tasks_are_put_in_as_many_templates_as_it_says(number: int | None, most: int) -> None:
    wording = Wording(Random(2), number)
    prompts = [wording.put(f"task {place} of many") for place in range(500)]
    for edge in (slice(None, EDGE_WORDS), slice(-EDGE_WORDS, None)):
        assert most / 3 < len(edges(prompts, edge)) <= most
    assert all(f"task {place} of many" in prompt for place, prompt in enumerate(prompts))
    assert Wording(Random(1), 0).put("a task") == "a task"


def test_a_task_is_freed_of_what_its_operator_puts_around_it() -> None:
    asked = [{"prompt": f"Please do this: count w{place} apples or v{place} pears. Show every step"} for place in range(100)]
    assert {event["bare"] for event in bare([*asked, {"prompt": None}])} == {
        f"count w{place} apples or v{place} pears." for place in range(100)
    }


@pytest.mark.parametrize(
    ("settings", "reasoning", "logprobs", "system"),
    [("everything", True, True, False), ("reasoning", True, False, False), ("common", False, False, False), ("system", False, False, True)],
)
def test_settings_are_those_that_the_effort_names(
    stock: Stock, settings: Any, reasoning: bool, logprobs: bool, system: bool  # noqa: FBT001
) -> None:
    (account,) = accounts(replace(NAIVE, settings=settings), stock, "who")
    for event in harvest(account):
        assert event["params"]["reasoning"] == reasoning
        assert event["params"]["logprobs"] == logprobs
        assert (event["system_prompt_hash"] is not None) == system
        if not reasoning:
            assert event["params"].items() >= (stock.common | {"reasoning": False}).items()


def test_the_most_common_settings_are_those_of_most_tenants_not_of_most_requests() -> None:
    loud, quiet = Counter({b'{"n":4}': 1000}), Counter({b'{"n":1}': 3, b'{"n":2}': 1})
    assert most_common([loud, quiet, quiet]) == {"n": 1}


def test_a_conversation_pays_for_its_former_turns(stock: Stock) -> None:
    (short,) = accounts(NAIVE, stock, "who")
    (long,) = accounts(replace(NAIVE, turns=4), stock, "who")
    turns = Counter(event["conversation_id"] for event in events(long))
    assert set(turns.values()) <= {1, 2, 3, 4}
    assert turns.most_common(1)[0][1] == 4
    assert short.tokens == short.useful_tokens == long.useful_tokens
    assert long.tokens > 1.5 * short.tokens


def test_shorter_answers_are_shorter(stock: Stock) -> None:
    (whole,) = accounts(NAIVE, stock, "who")
    (half,) = accounts(replace(NAIVE, length=0.5), stock, "who")
    said = [sum(event["usage"]["output_tokens"] for event in events(account)) for account in (whole, half)]
    assert said[1] == pytest.approx(said[0] / 2, rel=0.02)


def shared(held: list[Account], *path: str) -> int:
    """How many different values the accounts' first requests have."""
    return len({json.loads(account.records[0][1])[path[0]][path[1]] for account in held})


def test_accounts_of_one_hand_share_network_and_card_unless_they_stand_apart(stock: Stock) -> None:
    together, apart = (accounts(replace(NAIVE, accounts=8, apart=apart), stock, "who") for apart in (False, True))
    assert shared(together, "account", "payment_fp") == 1 < shared(apart, "account", "payment_fp") == 8
    networks = [{event["client"]["ip"].rpartition(".")[0] for one in held for event in events(one)} for held in (together, apart)]
    assert [len(found) for found in networks] == [1, 8]
    (alone,) = accounts(NAIVE, stock, "who")
    assert sum(len(account.records) for account in together) == pytest.approx(len(alone.records), rel=0.05)
    tasks = [event["prompt"] for account in together for event in events(account)]
    assert len(set(tasks)) > 0.5 * len(tasks)


def test_rotation_uses_the_addresses_and_keys_that_it_says(stock: Stock) -> None:
    (account,) = accounts(replace(NAIVE, addresses=64, keys=8), stock, "who")
    held = events(account)
    assert 48 <= len({event["client"]["ip"] for event in held}) <= 64
    assert len({event["api_key_id"] for event in held}) == 8


def test_the_population_is_the_honest_tenants_less_the_donors(made: Made) -> None:
    labels = {label.tenant_id: label for label in read_labels(made.files.labels)}
    staying = {label.tenant_id for label in made.stock.population}
    assert all(labels[tenant].label == "benign" for tenant in staying)
    with made.stock.events.open("rb") as lines:
        assert {msgspec.json.decode(line)["tenant_id"] for line in lines} <= staying
    assert made.stock.donors
    assert not staying & {event["tenant_id"] for donor in made.stock.donors for event in donor}
    assert {labels[event["tenant_id"]].kind for tasks in made.stock.tasks for event in tasks} <= set(HARVESTS)


def test_batches_hold_everybody_once_and_no_more_than_they_may() -> None:
    found = operators(STRATEGIES, each=3, seed=1, most_accounts=50)
    dealt = batches(found, 50)
    assert sorted(one.name for batch in dealt for one in batch) == sorted({one.name for one in found})
    sizes = [(len(batch), sum(one.effort.accounts for one in batch)) for batch in dealt]
    assert all(accounts <= 50 or members == 1 for members, accounts in sizes)
    assert Counter(one.effort for one in found)[NAIVE] == 6


def test_a_file_has_population_and_attackers_in_the_order_of_time(made: Made, tmp_path: Path) -> None:
    (member,) = play([Operator("who", NAIVE)], made.stock, tmp_path / "events.jsonl")
    held = [msgspec.json.decode(line) for line in (tmp_path / "events.jsonl").read_bytes().splitlines()]
    when = [event["ts"] for event in held]
    assert when == sorted(when)
    assert len(held) == sum(label.events for label in made.stock.population) + len(member.accounts[0].records)


def test_each_strategy_has_the_naive_effort_and_never_repeats_an_effort() -> None:
    for strategy in STRATEGIES:
        efforts = [point.effort for point in strategy.points]
        assert len(efforts) == len(set(efforts))
        assert NAIVE in efforts


def test_a_small_sweep_finds_the_attacker_who_makes_no_effort_and_tells_the_curve(made: Made, tmp_path: Path) -> None:
    swept = (Strategy("little", "effort", (Point("none", HARD), Point("much", replace(NAIVE, cover=0.95), "a lot"))),)
    steps = list[str]()
    plan = Plan(strategies=swept, each=2)
    sweep = Sweep(plan, made.traffic, tmp_path, steps.append)
    sweep.run(SEED, keep=True)
    told = sweeps(plan, sweep.outcomes, sweep.crowds, date="2000-01-01", command="it", traffic="traffic", days=1.0)
    (curve,) = told.curves
    none, much = curve.rows
    assert none.found.share > 0
    assert none.leaked is not None
    assert none.leaked.mean < 1
    assert none.accounts_needed is not None
    assert much.money > 3 > none.money == 1
    assert much.a_day < 0.2 * 1000
    assert steps[-1] == f"seed {SEED}: batch 1 of 1"
    page = markdown(told)
    assert "| much |" in page
    assert "| little | none / much |" in page
    assert msgspec.json.decode(msgspec.json.encode(told), type=Sweeps) == told


def test_the_help_names_every_strategy() -> None:
    said = CliRunner().invoke(app, ["--help"], terminal_width=200).output
    assert all(strategy.name in said for strategy in STRATEGIES)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--only", "magic"], "there is no magic"),
        (["--seeds", "x"], "list of numbers"),
        (["--json", "/nowhere/at/all/x.json"], "no directory"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_swept(options: list[str], complaint: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--work", str(tmp_path / "work"), *options])
    assert complaint in str(result.exception)
    assert not (tmp_path / "work").exists()
