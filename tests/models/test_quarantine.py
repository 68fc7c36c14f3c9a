"""Laws of learning that is withheld: it is never compared with, it is discarded by quiet, and adopted when it lasts and is harmless."""

import random
from collections.abc import Iterable, Iterator

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from models.assessor import Assessor
from models.config import HOUR_MS, Config
from models.detectors import Range
from models.features import INDEX
from models.forest import LEAF, Trees
from models.hashing import Hasher
from models.mind import Mind
from models.quarantine import ENOUGH_FOLDS, STEADY, Quarantine
from models.references import References
from models.risk import ScoreCard
from models.snapshot import unpack_tenant
from models.tenant import Tenant
from schemas.errors import ForeignState
from schemas.event import Event, Params
from schemas.finding import ADOPTED, Activity, Finding
from tests.models.behaviour import BEGIN_MS, chats, harvests, judged, observe, request, sentence

DAY_MS = 24 * HOUR_MS


def two_signs() -> References:
    """A table by which a tenant is suspect for longer answers than it is used to, and for log-probabilities, whoever it is."""
    table = References.shipped().table
    trees = Trees(
        inputs=("output moved from own", "logprobs away from peers"),
        bias=-4.0,
        roots=(0, 3),
        asks=(0, LEAF, LEAF, 1, LEAF, LEAF),
        at_most=(0.8, 0.0, 0.0, 1.0, 0.0, 0.0),
        left=(1, 0, 0, 4, 0, 0),
        right=(2, 0, 0, 5, 0, 0),
        unknown_left=(True,) * 6,
        says=(0.0, 0.0, 10.0, 0.0, 0.0, 10.0),
    )
    card = ScoreCard(
        prior=-3.0, newcomer=1e9, pace=0.6, levels=(-4.0, 0.0, 4.0), shares=(1.0, 0.1, 0.01), risks=(0.0, 0.5, 0.97)
    )
    peers = {"logprobs": Range(0.0, 0.0, 0.1)}
    return References(msgspec.structs.replace(table, features=peers, trees=trees, card=card))


def new() -> Assessor:
    return Assessor(References.shipped(), Hasher(b"secret"))


def mind(**config: int) -> Mind:
    held = Mind.of(msgspec.structs.replace(Config(), **config), b"a secret for tests")
    return msgspec.structs.replace(held, references=two_signs())


def days(first: float, last: float, output_tokens: int, *, logprobs: bool = False) -> Iterator[Event]:
    """A request every five minutes."""
    rng = random.Random(first)
    for number in range(round(first * 288), round(last * 288)):
        yield request(
            number,
            BEGIN_MS + number * 300_000,
            sentence(rng, 12),
            output_tokens=output_tokens + rng.randrange(50),
            params=Params(temperature=0.7, logprobs=logprobs, n=1),
        )


def run(events: Iterable[Event], ground: Mind, restart_every: int = 0) -> tuple[list[Finding], Tenant]:
    tenant, findings = Tenant(ground, "t"), list[Finding]()
    for number, event in enumerate(events):
        if restart_every and number % restart_every == 0:
            tenant = Tenant(ground, "t", "", unpack_tenant(tenant.pack("topic")))
        tenant.apply(number, number, event, findings, [])
    return findings, tenant


def migration() -> list[Event]:
    return [*days(0, 2, 200), *days(2, 8, 2000)]


def test_an_honest_migration_is_adopted_within_the_stated_time() -> None:
    config = Config()
    findings, tenant = run(migration(), mind())
    opened, closed = findings[0], findings[-1]
    assert [line.activity for line in findings].count(Activity.CREATE) == 1
    assert (closed.activity, closed.ended) == (Activity.CLOSE, ADOPTED)
    assert config.adopt_after_ms <= closed.time_ms - opened.time_ms <= config.adopt_after_ms + 2 * HOUR_MS
    assert opened.time_ms - (BEGIN_MS + 2 * DAY_MS) < 12 * HOUR_MS
    assert tenant.case is None
    expected = tenant.assessor.view().expected("output")
    assert expected is not None
    assert run(days(0, 2, 200), mind())[1].assessor.view().expected("output") < expected  # type: ignore[operator]


def test_without_adoption_it_would_stay_open() -> None:
    findings, tenant = run(migration(), mind(adopt_after_ms=100 * DAY_MS))
    assert findings[-1].activity is Activity.UPDATE
    assert tenant.case is not None


@pytest.mark.parametrize("honest_days", [0, 2])
def test_an_extractor_whom_his_peers_give_away_gains_nothing_by_persisting(honest_days: int) -> None:
    findings, tenant = run([*days(0, honest_days, 200), *days(honest_days, 14, 2000, logprobs=True)], mind())
    assert [line.activity for line in findings].count(Activity.CREATE) == 1
    assert findings[-1].activity is Activity.UPDATE
    assert tenant.case is not None
    assert tenant.assessor.steady_ms == -1


def test_quiet_rolls_back_what_was_learned_under_suspicion() -> None:
    ground = mind()
    before = run(days(0, 2, 200), ground)[1].assessor.view().own
    findings, tenant = run([*days(0, 2, 200), *days(2, 2.3, 2000), *days(2.3, 2.7, 200)], ground)
    assert tenant.case is not None
    own = tenant.assessor.view().own
    assert own.weights.max() <= before.weights.max() + 8  # what came before the first suspect fold
    findings, tenant = run([*days(0, 2, 200), *days(2, 2.3, 2000), *days(2.3, 4, 200)], ground)
    assert (findings[-1].activity, findings[-1].ended) == (Activity.CLOSE, "")
    assert tenant.assessor.steady_ms == -1
    expected, used_to = tenant.assessor.view().expected("output"), before.means[INDEX["output"]]
    assert expected == pytest.approx(used_to, rel=0.05)


@pytest.mark.parametrize("restart_every", [1, 37])
def test_a_restart_at_any_time_changes_neither_findings_nor_state(restart_every: int) -> None:
    events = migration() if restart_every > 1 else migration()[500:720]
    straight, restarted = run(events, mind()), run(events, mind(), restart_every)
    assert restarted[0] == straight[0]
    assert restarted[1].pack("topic") == straight[1].pack("topic")


def test_a_suspect_tenant_at_rest_stays_below_four_kilobytes_whatever_it_waits_with() -> None:
    tenant, sizes = Tenant(mind(), "a tenant"), []
    for number, event in enumerate([*days(0, 2, 200), *days(2, 4, 2000)]):
        tenant.apply(number, number, event, [], [])
        if tenant.case is not None:
            sizes.append(len(tenant.pack("a topic id of 22 signs")))
    assert len(sizes) > 400
    assert max(sizes) < 4096


def test_nothing_is_said_ahead_of_an_adoption() -> None:
    events = migration()
    whole = run(events, mind())[0]
    for share in (0.3, 0.6, 0.7):
        part = run(events[: round(share * len(events))], mind())[0]
        assert part == whole[: len(part)]


STEPS = st.lists(st.sampled_from(["learn", "withhold", "withhold", "withhold", "roll_back", "adopt"]), max_size=14)


@given(STEPS, st.integers(1, 9), st.integers(0, 1000))
@settings(deadline=None, max_examples=40)
def test_a_packed_assessor_goes_on_bit_for_bit_whatever_is_done_with_it(steps: list[str], fold: int, seed: int) -> None:
    straight = packed = new()
    packed = Assessor.unpack(straight.pack(), References.shipped(), Hasher(b"secret"))
    events = chats(fold * (len(steps) + 1), seed)
    for step in steps:
        for event, _ in zip(events, range(fold), strict=False):
            observe(straight, event)
            observe(packed, event)
        assert packed.assess() == straight.assess()
        for assessor in (straight, packed):
            if step == "withhold":
                assessor.withhold(event.ts, 0.5)
            else:
                assessor.learn()
            if step in ("roll_back", "adopt"):
                getattr(assessor, step)()
        assert packed.pack() == straight.pack()
        packed = Assessor.unpack(packed.pack(), References.shipped(), Hasher(b"secret"))


def folds(assessor: Assessor, number: int, seed: int) -> None:
    for at, event in enumerate(chats(16 * number, seed), 1):
        observe(assessor, event)
        if at % 16 == 0:
            assessor.withhold(event.ts, 0.5)


def test_what_is_in_quarantine_is_not_compared_with_and_gone_after_a_rollback() -> None:
    assessor = new()
    folds(assessor, 12, 3)
    own = assessor.view().own
    assert not own.weights.any()
    assert assessor.folds == 0
    held = len(msgspec.msgpack.encode(assessor.pack()))
    assessor.roll_back()
    left = len(msgspec.msgpack.encode(assessor.pack()))
    assert 300 < held - left < 900


def test_what_is_adopted_is_what_the_tenant_is_compared_with() -> None:
    kept, adopted = new(), new()
    for assessor in (kept, adopted):
        list(judged(assessor, chats(160)))
        for number, event in enumerate(harvests(176, begin_ms=BEGIN_MS + DAY_MS)):
            if number == 160 and assessor is adopted:
                assessor.adopt()
            observe(assessor, event)
            if number % 16 == 15:
                assessor.withhold(event.ts, 0.5)
    assert (kept.folds, adopted.folds) == (10, 10)
    assert kept.view().value("new_models") > 0.9 > 2 * adopted.view().value("new_models")
    used_to, expected = kept.view().expected("output"), adopted.view().expected("output")
    assert used_to is not None
    assert expected is not None
    assert used_to < expected


def test_a_tenant_that_is_not_suspect_carries_nothing_of_it() -> None:
    trusted, rolled_back = new(), new()
    folds(rolled_back, 1, 3)
    rolled_back.roll_back()
    for assessor in (trusted, rolled_back):
        assert assessor.pack().quarantine is None


def test_another_key_forgets_what_the_quarantine_knew_and_keeps_its_baselines() -> None:
    assessor = new()
    folds(assessor, 12, 3)
    rotated = Assessor.unpack(assessor.pack(), References.shipped(), Hasher(b"another"))
    rotated.adopt()
    assert rotated.folds == 12
    assert rotated.view().own.weights.max() == 12


def test_a_damaged_quarantine_is_refused() -> None:
    assessor = new()
    folds(assessor, 2, 3)
    without = Assessor.unpack(replace(assessor.pack(), quarantine=None), References.shipped(), Hasher(b"secret"))
    with pytest.raises(ForeignState, match="bytes of arrays"):
        without.assess()


def steady(folds: int) -> Quarantine:
    held = Quarantine.begin(b"", np.zeros(2), 0.0)
    for at_ms in range(folds):
        held.compare(np.array([0.1, np.nan]), at_ms, suspect=False)
        held.learn(np.zeros(2), b"", np.zeros(2), 0.0)
    return held


def test_it_is_steady_after_enough_folds_that_agree() -> None:
    assert steady(ENOUGH_FOLDS).steady_ms == -1
    since = steady(60).steady_ms
    assert ENOUGH_FOLDS <= since < 60
    assert steady(90).steady_ms == since


def test_a_suspect_fold_or_a_change_of_ways_ends_it() -> None:
    suspect, changed = steady(60), steady(60)
    suspect.compare(np.array([0.1, 0.1]), 60, suspect=True)
    assert suspect.steady_ms == -1
    for at_ms in range(60, 70):
        changed.compare(np.array([3.0, -3.0]), at_ms, suspect=False)
    assert changed.distance > STEADY
    assert changed.steady_ms == -1
