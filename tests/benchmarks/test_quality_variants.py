import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from models.references import References
from streams.simulation import Simulation, simulate

from .quality.ablation import FEATURES_OF, judge, without
from .quality.variants import Variant, partners


def event(tenant: str, number: int, temperature: float, system: str | None) -> dict[str, Any]:
    return {
        "event_id": f"{tenant}{number}",
        "ts": number,
        "tenant_id": tenant,
        "prompt": f"wörds of {tenant}",
        "system_prompt_hash": system,
        "params": {"temperature": temperature, "max_tokens": None},
        "unknown": [1, 2.50],
    }


EVENTS = [
    event("a", 1, 0.1, "s"),
    event("b", 2, 0.2, None),
    event("a", 3, 0.3, None),
    event("a", 4, 0.4, "t"),
    event("c", 5, 0.5, "u"),
]


def rewritten(variant: Variant, place: Path, seed: int = 1) -> list[dict[str, Any]]:
    source, target = place / "source.jsonl", place / "target.jsonl"
    source.write_text("".join(json.dumps(each) + "\n" for each in EVENTS), encoding="utf-8")
    variant.rewrite(source, target, seed)
    return [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]


def test_shuffled_tenants_have_the_parameters_of_another_in_its_order(tmp_path: Path) -> None:
    partner = partners(["a", "b", "c"], 1)
    held = {name: [each for each in EVENTS if each["tenant_id"] == name] for name in "abc"}
    given: Counter[str] = Counter()
    for old, new in zip(EVENTS, rewritten(Variant(shuffled=True), tmp_path), strict=True):
        tenant = old["tenant_id"]
        theirs = held[partner[tenant]]
        model = theirs[given[tenant] % len(theirs)]
        given[tenant] += 1
        assert new == old | {name: model[name] for name in ("params", "system_prompt_hash")}


def test_nobody_keeps_its_own_parameters_and_a_seed_deals_the_same_again() -> None:
    tenants = [f"t{number}" for number in range(50)]
    dealt = partners(tenants, 7)
    assert sorted(dealt.values()) == sorted(tenants)
    assert all(tenant != other for tenant, other in dealt.items())
    assert dealt == partners(tenants, 7) != partners(tenants, 8)


def test_prompts_are_taken_away_and_nothing_else(tmp_path: Path) -> None:
    assert rewritten(Variant(without_prompts=True), tmp_path) == [each | {"prompt": None} for each in EVENTS]


def test_both_can_be_done_at_once(tmp_path: Path) -> None:
    both = Variant(shuffled=True, without_prompts=True)
    assert all(each["prompt"] is None for each in rewritten(both, tmp_path))
    assert Counter(each["tenant_id"] for each in rewritten(both, tmp_path)) == {"a": 3, "b": 1, "c": 1}
    assert both.words() == "parameters and system prompts shuffled between tenants, without prompts"


def traffic(**changed: object) -> list[bytes]:
    """A little traffic, in which every third event says something else of the parts that are named."""
    records, _ = simulate(Simulation(days=0.2, tenants=4, attackers=4, seed=3))
    events = [json.loads(record) for record in records]
    return [
        json.dumps(
            each | {name: each[name] | part for name, part in changed.items()} if not number % 3 else each
        ).encode()
        for number, each in enumerate(events)
    ]


def unsuspecting() -> References:
    """The shipped references, but nothing is suspect: what is withheld from learning would move detectors too."""
    table = References.shipped().table
    return References(replace(table, card=replace(table.card, risks=(0.0,) * len(table.card.risks))))


def scores(references: References, records: list[bytes]) -> list[dict[str, float]]:
    """What every detector but those that read a value beside its deviations said of every window."""
    mixed = {"settings_sweep"}
    rows = judge(records, references, lambda _: None)
    return [{name: said for name, said in row.scores.items() if name not in mixed} for row in rows]


PLAIN = traffic()
STRANGE = {
    "refusals": traffic(response={"refused": True}),
    "origins": traffic(client={"ip": "203.0.113.7", "asn": 64500, "ja4": "other", "country": "XX"}),
    "parameters": traffic(params={"logprobs": True, "n": 4, "reasoning": True, "max_tokens": 5, "temperature": 1.9}),
}


@pytest.mark.parametrize("family", sorted(STRANGE))
def test_a_family_left_out_cannot_move_a_detector(family: str) -> None:
    whole, strange = unsuspecting(), STRANGE[family]
    assert scores(whole, PLAIN) != scores(whole, strange)
    less = without(whole, FEATURES_OF[family])
    assert scores(less, PLAIN) == scores(less, strange)


def test_an_ablation_leaves_the_shipped_references_alone() -> None:
    before = scores(References.shipped(), PLAIN)
    for features in FEATURES_OF.values():
        without(References.shipped(), features)
    assert scores(References.shipped(), PLAIN) == before
