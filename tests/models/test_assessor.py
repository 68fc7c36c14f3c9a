import itertools

import msgspec
import pytest
from msgspec.structs import replace

from models.assessor import Assessor
from models.compression import quick
from models.detectors import DETECTORS
from models.features import INDEX
from models.hashing import Hasher
from models.packed import PackedAssessor
from models.references import References
from schemas.errors import ForeignState
from tests.models.behaviour import BEGIN_MS, chats, contentless, harvests, judged, observe, request

MANY = 400


def new(secret: bytes = b"secret") -> Assessor:
    return Assessor(References.shipped(), Hasher(secret))


def told(assessor: Assessor, events: object) -> list[object]:
    out: list[object] = []
    for number, event in enumerate(events, 1):  # type: ignore[arg-type, var-annotated]
        observe(assessor, event)
        if number % 16 == 0:
            out += [assessor.assess(), assessor.reasons()]
            assessor.learn()
    return out


def test_a_harvest_is_riskier_than_a_person() -> None:
    person = max(verdict.risk for verdict in judged(new(), chats(MANY)))
    harvest = max(verdict.risk for verdict in judged(new(), harvests(MANY)))
    assert 3 * person < harvest
    assert person < 0.15


def test_the_secret_changes_neither_verdicts_nor_reasons() -> None:
    events = [*chats(MANY), *harvests(MANY, begin_ms=BEGIN_MS + 10**9)]
    assert told(new(b"one"), events) == told(new(b"another"), events)


def test_a_packed_assessor_goes_on_bit_for_bit_at_every_event() -> None:
    straight, packed = new(), new()
    for number, event in enumerate([*chats(120), *harvests(120, begin_ms=BEGIN_MS + 10**9)], 1):
        observe(straight, event)
        packed = Assessor.unpack(packed.pack(), References.shipped(), Hasher(b"secret"))
        observe(packed, event)
        if number % 16 == 0:
            assert packed.assess() == straight.assess()
            assert packed.reasons() == straight.reasons()
            for assessor in (packed, straight):
                if number % 48:
                    assessor.learn()
                else:
                    assessor.withhold(event.ts, 0.5)
        assert packed.pack() == straight.pack()


def test_a_packed_assessor_stays_below_four_kilobytes() -> None:
    worst = new()
    for number in range(640):
        prompt = f"{number} begins " + " ".join(f"word{number}x{each}" for each in range(60)) + f" ends {number}"
        event = request(
            number,
            BEGIN_MS + number * 977,
            prompt,
            api_key_id=f"k{number}",
            conversation_id=f"c{number}",
            model=f"m{number}",
        )
        observe(worst, event)
        if number % 16 == 15:
            assert len(msgspec.msgpack.encode(worst.pack())) <= 4096
            worst.learn()


def test_assessing_changes_nothing() -> None:
    once, often = new(), new()
    for event in chats(40):
        observe(once, event)
        observe(often, event)
        often.assess()
        often.reasons()
    assert once.pack() == often.pack()


def test_telemetry_without_content_is_judged_on_the_rest() -> None:
    verdicts = list(judged(new(), contentless(64)))
    assert all(0 <= verdict.risk <= 1 and 0 < verdict.confidence < 1 for verdict in verdicts)
    assert all(set(verdict.scores) == {detector.name for detector in DETECTORS} for verdict in verdicts)


def test_scores_are_p_values_and_reasons_are_shares() -> None:
    assessor = new()
    for event in harvests(160):
        observe(assessor, event)
    scores = assessor.assess().scores
    reasons = assessor.reasons()
    assert all(0 < p_value <= 1 for p_value in scores.values())
    assert 1 <= len(reasons) <= 5
    assert sum(reason.contribution for reason in reasons) <= 1 + 1e-9
    assert [r.contribution for r in reasons] == sorted((r.contribution for r in reasons), reverse=True)


def test_a_tenant_under_suspicion_teaches_nothing() -> None:
    learned, held = new(), new()
    for event in chats(160):
        observe(learned, event)
        observe(held, event)
        if event.event_id.endswith("5"):
            learned.learn()
            held.withhold(event.ts, 0.5)
    assert learned.folds > 0 == held.folds
    assert held.view().expected("output") is None
    assert learned.view().expected("output") is not None


def test_what_was_learned_is_no_longer_odd() -> None:
    assessor = new()
    changes = []
    for number, event in enumerate(itertools.chain(chats(320), harvests(960, begin_ms=BEGIN_MS + 10**9)), 1):
        observe(assessor, event)
        if number % 16 == 0:
            changes.append(assessor.view().seen.change[INDEX["output"]])
            assessor.learn()
    assert max(changes[21:30]) > 0.6 > 3 * changes[-1]


def test_another_key_forgets_hashes_and_keeps_the_rest() -> None:
    assessor = new(b"old")
    list(judged(assessor, chats(320)))
    rotated = Assessor.unpack(assessor.pack(), References.shipped(), Hasher(b"new"))
    assert rotated.folds == assessor.folds
    assert all(verdict.risk < 0.5 for verdict in judged(rotated, chats(160)))


def refused(packed: PackedAssessor) -> None:
    Assessor.unpack(packed, References.shipped(), Hasher(b"secret")).assess()


@pytest.mark.parametrize(
    "changed", [{"form": "3/1"}, {"form": ""}, {"looks": b"rubbish"}, {"topics": b"rubbish"}, {"templates": b"rubbish"}]
)
def test_state_of_another_form_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ForeignState):
        refused(replace(new().pack(), **changed))


def test_what_was_learned_is_refused_when_it_is_cut_short_or_that_of_another_kind() -> None:
    packed = new().pack()
    for learned, why in ((packed.learned[:-1], "damaged"), (b"", "damaged"), (quick(b"arrays"), "6 bytes of arrays")):
        with pytest.raises(ForeignState, match=why):
            refused(replace(packed, learned=learned))


def test_absurd_numbers_stay_bounded() -> None:
    assessor = new()
    for number in range(64):
        event = request(number, 253_402_300_799_999 if number % 2 else 0, "x" * 5000, output_tokens=2**53)
        observe(assessor, event, 253_402_300_799_999)
        if number % 16 == 15:
            assert 0 <= assessor.assess().risk <= 1
            assessor.learn()
    assert Assessor.unpack(assessor.pack(), References.shipped(), Hasher(b"secret")).assess().risk <= 1


def test_with_the_strongest_reason_as_usual_the_fold_says_so_much_less() -> None:
    assessor, references = new(), References.shipped()
    for event in harvests(160):
        observe(assessor, event)
    assessor.assess()
    top, view = assessor.reasons()[0], assessor.view()
    odd, usual = (references.forest.log_odds(each.inputs) for each in (view, view.with_usual(top.feature)))
    assert odd - usual == pytest.approx(top.log_odds, abs=1e-5)
    assert top.log_odds > 0
