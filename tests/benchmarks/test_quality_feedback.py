from pathlib import Path

import msgspec

from models.config import Config
from models.feedback import Evidence
from models.references import References
from tests.benchmarks.quality.feedback import Seed, nothing, outcome, shipped, table, verdicts_of
from tests.benchmarks.quality.labels import DAY_MS, Label
from tests.benchmarks.quality.suspects import Suspect, kept, openings
from tests.models.behaviour import chats, harvests

LEVEL = References.shipped().card.levels[-1]
HOUR_MS = DAY_MS // 24
TRUE: Evidence = {"always": 1.0, "parameters": 3.0}
FALSE: Evidence = {"always": 1.0, "repetition": 3.0}


def label(tenant: str, *attack_ts: int) -> Label:
    return Label(
        tenant_id=tenant,
        label="attack" if attack_ts else "benign",
        kind="a_kind",
        campaign=tenant if attack_ts else None,
        events=100,
        begin_ms=0,
        end_ms=2 * DAY_MS,
        attack_ts=attack_ts,
    )


def seed(number: int) -> Seed:
    """Ten attackers and ten honest tenants who look suspect in another way."""
    names = [f"{kind}_{number}_{n}" for kind in ("attacker", "honest") for n in range(10)]
    folds = [
        Suspect(name, HOUR_MS + at, LEVEL - 0.5, TRUE if name.startswith("attacker") else FALSE) for at, name in enumerate(names)
    ]
    return Seed(folds, [label(name, *([at] if name.startswith("attacker") else [])) for at, name in enumerate(names)])


def test_a_finding_closes_after_the_quiet_period_and_the_next_suspect_fold_opens_another() -> None:
    quiet = Config().quiet_ms
    folds = [Suspect("t", at, LEVEL, {}) for at in (0, quiet - 1, 2 * quiet - 2, 4 * quiet)]
    opened = [(naming.opened_ms, naming.closed_ms) for naming, _ in openings(folds, lambda _: 0.0)]
    assert opened == [(0, 3 * quiet - 2), (4 * quiet, 5 * quiet)]
    assert openings(folds, lambda _: -4.0) == []
    assert openings([Suspect("t", 0, -1.0, {})], lambda _: 4.0) == []


def test_verdicts_of_other_seeds_silence_what_is_false_and_leave_what_is_true() -> None:
    here, others = seed(0), verdicts_of(seed(1), 0.5) + verdicts_of(seed(2), 0.5)
    assert sum(false for _, false in others) == 20
    before, after = outcome(here, nothing(others), 0.5), outcome(here, shipped(others), 0.5)
    assert (before.precision, after.precision) == (0.5, 1.0)
    assert before.caught == after.caught == 1.0


def test_every_learner_has_a_row() -> None:
    rows = list(table([seed(0), seed(1)], 0.5))
    assert len(rows) == 10


def test_suspect_folds_are_written_down_once(tmp_path: Path) -> None:
    events, written = tmp_path / "events.jsonl", tmp_path / "events.suspects"
    quiet = [msgspec.structs.replace(one, tenant_id="quiet") for one in chats(200)]
    events.write_bytes(b"\n".join(msgspec.json.encode(one) for one in [*harvests(600), *quiet]))
    folds = kept(written, events)
    assert {fold.tenant for fold in folds} == {"t"}
    assert all(fold.evidence["always"] == 1.0 for fold in folds)
    events.unlink()
    assert kept(written, events) == folds
