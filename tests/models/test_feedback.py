import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.feedback import Correction, Evidence, Memory, evidence_of, learn
from models.feedback.memory import MOST_VERDICTS
from models.feedback.rollback import rollback
from schemas.control import Calibration, Control, Learned, PeerCalibration, decode_control, encode_control
from schemas.errors import BadRecord, ForeignState
from schemas.feedback import Feedback, Opinion, decode_feedback, encode_feedback
from schemas.finding import stable_uid

FALSE: Evidence = {"always": 1.0, "repetition": 3.0}
TRUE: Evidence = {"always": 1.0, "parameters": 2.0, "size": 1.5}


def verdict(number: int, opinion: Opinion = "false_positive", time_ms: int = 1000) -> Feedback:
    return Feedback(finding_uid=stable_uid("finding", str(number)), verdict=opinion, cause="a-cause", time_ms=time_ms)


def taught(true: int, false: int) -> Correction:
    return Correction(learn([(TRUE, False)] * true + [(FALSE, True)] * false))


def test_while_nothing_was_false_nothing_moves() -> None:
    assert learn([]) == {}
    assert learn([(TRUE, False)] * 500) == {}


def test_a_handful_of_verdicts_moves_little_and_many_move_as_far_as_they_may() -> None:
    moved = [taught(60, false).of_evidence(FALSE) for false in (1, 3, 10, 40)]
    assert moved == sorted(moved, reverse=True)
    assert -0.5 < moved[0] < 0
    assert -4.0 <= moved[-1] < -1.5


def test_findings_like_the_true_ones_rise_and_findings_like_the_false_ones_fall() -> None:
    correction = taught(30, 15)
    assert correction.of_evidence(TRUE) > 0 > correction.of_evidence(FALSE)


@given(
    st.lists(st.tuples(st.dictionaries(st.sampled_from(["rhythm", "size", "x"]), st.floats(0, 4)), st.booleans()), max_size=60),
    st.dictionaries(st.sampled_from(["rhythm", "size", "y"]), st.floats(0, 4)),
)
def test_whatever_was_said_a_correction_is_bounded_and_the_same_again(
    verdicts: list[tuple[Evidence, bool]], evidence: Evidence
) -> None:
    weights = learn(verdicts)
    assert weights == learn(verdicts)
    assert -4 <= Correction(weights).of_evidence(evidence) <= 4
    assert decode_control(encode_control(Control(number=1, made_ms=0, learned=Learned(weights=weights))))


def test_log_odds_are_added_up_by_family_and_one_family_never_decides_alone() -> None:
    assert evidence_of([("tail_top", 3.0), ("head_top", 3.0)])["repetition"] == 4.0


def test_the_learner_carries_the_newest_calibration_over_and_going_back_takes_the_older_one() -> None:
    calibration = Calibration(references="r", groups={"light": PeerCalibration(shift=0.5, scale=1.0)})
    memory = Memory()
    memory.take(verdict(1), FALSE)
    newest = Control(number=4, made_ms=0, origin="calibrated", calibration=calibration)
    learned = memory.next_control(newest)
    assert learned is not None
    assert (learned.calibration, learned.calibration_held) == (calibration, False)
    back = rollback({4: newest, 5: learned}, 0, 9)
    assert (back.calibration, back.calibration_held) == (None, True)
    memory.take(verdict(2), FALSE)
    after = memory.next_control(back)
    assert after is not None
    assert (after.calibration, after.calibration_held) == (None, True)
    again = rollback({4: newest, 5: learned, 6: back}, 4, 9)
    assert again.calibration == calibration
    assert decode_control(encode_control(again)) == again


def test_a_second_verdict_about_a_finding_replaces_the_first() -> None:
    memory, once = Memory(), Memory()
    for _ in range(50):
        memory.take(verdict(1), FALSE)
    memory.take(verdict(2, "true_positive"), TRUE)
    once.take(verdict(1), FALSE)
    once.take(verdict(2, "true_positive"), TRUE)
    many, few = memory.next_control(None), once.next_control(None)
    assert many is not None
    assert few is not None
    assert many.learned == few.learned
    assert (many.learned.findings, many.learned.false_positives, many.learned.causes) == (2, 1, {"a-cause": 1})
    memory.take(verdict(1, "true_positive"), FALSE)
    changed = memory.next_control(many)
    assert changed is not None
    assert changed.learned.false_positives == 0
    assert changed.learned.weights == {}


def test_a_memory_that_was_packed_makes_the_same_record() -> None:
    memory = Memory("topic")
    for number in range(20):
        memory.take(verdict(number, "false_positive" if number % 3 else "true_positive", number), TRUE if number % 2 else FALSE)
    memory.position = 25
    again = Memory.unpack(memory.pack())
    assert (again.position, again.serial, again.topic_id) == (25, 20, "topic")
    assert again.next_control(None) == memory.next_control(None)
    for damaged in (b"", b"\x93\x02", msgspec.msgpack.encode([99]), msgspec.msgpack.encode([1, 2])):
        with pytest.raises(ForeignState):
            Memory.unpack(damaged)


def test_without_a_new_verdict_there_is_no_new_record() -> None:
    memory = Memory()
    assert memory.next_control(None) is None
    memory.take(verdict(1), FALSE)
    first = memory.next_control(None)
    assert first is not None
    assert (first.number, first.read_to, first.made_ms) == (1, 1, 1000)
    assert memory.next_control(first) is None


def test_the_oldest_verdicts_go_and_what_is_kept_fits_a_record_of_the_checkpoint_topic() -> None:
    memory = Memory()
    for number in range(MOST_VERDICTS + 5):
        memory.take(verdict(number, "true_positive"), {f"family {n}": n + 0.125 for n in range(8)})
    control = memory.next_control(None)
    assert control is not None
    assert control.learned.findings == MOST_VERDICTS
    assert len(memory.pack()) < 1_800_000


def test_after_a_rollback_the_verdicts_that_were_undone_count_no_more_and_later_ones_do() -> None:
    memory = Memory()
    memory.take(verdict(1), FALSE)
    first = memory.next_control(None)
    assert first is not None
    memory.take(verdict(2), FALSE)
    memory.take(verdict(1, "true_positive"), FALSE)
    second = memory.next_control(first)
    assert second is not None
    back = rollback({1: first, 2: second}, 1, 5000)
    assert (back.number, back.origin, back.content_of, back.learned) == (3, "rollback", 1, first.learned)
    assert memory.next_control(back) is None
    memory.take(verdict(3), FALSE)
    fourth = memory.next_control(back)
    assert fourth is not None
    assert (fourth.number, fourth.learned.findings, fourth.learned.false_positives) == (4, 2, 2)
    shipped = rollback({1: first, 2: second, 3: back, 4: fourth}, 0, 6000)
    assert (shipped.number, shipped.learned, shipped.void) == (5, Learned(), ((1, 4),))
    forward = rollback({2: second, 5: shipped}, 2, 7000)
    assert forward.learned == second.learned


@pytest.mark.parametrize(
    "record",
    [
        None,
        b"{",
        b"[]",
        b"{}",
        encode_feedback(verdict(1)).replace(b"false_positive", b"wrong"),
        encode_feedback(verdict(1)).replace(b"a-cause", b"a cause"),
        encode_feedback(verdict(1)).replace(b"1000", b"-1"),
    ],
)
def test_what_is_no_verdict_is_refused_by_the_name_of_the_field(record: bytes | None) -> None:
    with pytest.raises(BadRecord) as refused:
        decode_feedback(record)
    assert refused.value.reason == "not_feedback"


def test_a_verdict_and_a_control_record_are_read_as_they_were_written() -> None:
    assert decode_feedback(encode_feedback(verdict(3))) == verdict(3)
    control = Control(number=7, made_ms=5, void=((1, 2),), learned=Learned(weights={"rhythm": -0.25}, findings=3))
    assert decode_control(encode_control(control)) == control
    later = encode_control(control).replace(b'{"', b'{"a_later_part":{"x":1},"', 1)
    assert decode_control(later) == control
    with pytest.raises(BadRecord):
        decode_control(encode_control(control).replace(b'"number":7', b'"number":0'))
