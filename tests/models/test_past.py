import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.heavy import HEAVY_MASS
from models.likeness import AXES
from models.look import LOOK
from models.past import HOUR_MS, KNOWN_WORDING_MASS, PAST, READ_MASS, WORDING, advance, close, use
from models.profile import Records
from models.words import BINS


def rows(**columns: list[int]) -> Records:
    made = np.zeros(len(next(iter(columns.values()))), dtype=LOOK)
    for name, values in columns.items():
        made[name] = values
    return made


def moved(looks: Records, past: Records) -> list[float]:
    gaps = np.empty(len(looks))
    advance(looks, past, gaps)
    return gaps.tolist()


def test_a_heavy_value_survives_a_stream_of_values_seen_once() -> None:
    past = np.zeros(1, PAST)
    heads = [7 if number % 3 == 0 else number + 10 for number in range(1000)]
    moved(rows(head=heads, at_ms=list(range(1000))), past)
    counts = dict(zip(past["head_digests"][0].tolist(), past["head_counts"][0].tolist(), strict=True))
    assert past["head_mass"][0] <= HEAVY_MASS
    assert 0.25 < counts[7] / past["head_mass"][0] < 0.4


@given(st.lists(st.integers(1, 30), max_size=200))
def test_heavy_counts_never_exceed_what_was_counted(heads: list[int]) -> None:
    past = np.zeros(1, PAST)
    if heads:
        moved(rows(head=heads), past)
    held = [(d, c) for d, c in zip(past["head_digests"][0].tolist(), past["head_counts"][0].tolist(), strict=True) if c]
    assert len({digest for digest, _ in held}) == len(held)
    assert all(count <= heads.count(digest) for digest, count in held)


@given(st.lists(st.integers(0, 9), max_size=60))
def test_what_was_used_last_stays_known(digests: list[int]) -> None:
    expected: list[int] = []
    held = np.zeros(4, np.uint32)
    for digest in digests:
        assert use(held, digest) == (digest in expected)
        if digest:
            expected = ([each for each in expected if each != digest] + [digest])[-4:]
    assert [each for each in held.tolist() if each] == expected


def test_hours_move_with_the_clock_and_gaps_are_logarithms() -> None:
    past = np.zeros(1, PAST)
    gaps = moved(rows(at_ms=[10 * HOUR_MS, 10 * HOUR_MS + 1023, 12 * HOUR_MS]), past)
    assert np.isnan(gaps[0])
    assert gaps[1] == 10
    assert past["hours"][0, -3:].tolist() == [2, 0, 1]
    moved(rows(at_ms=[100 * HOUR_MS]), past)
    assert past["hours"][0].sum() == 1


def test_a_conversation_continues_while_it_is_remembered() -> None:
    past = np.zeros(1, PAST)
    looks = rows(conversation=[1, 2, 1, 0, 0])
    moved(looks, past)
    assert looks["flags"].astype(bool).tolist() == [False, False, True, False, False]


def test_only_a_learned_fold_is_known_and_topics_fade() -> None:
    past, looks, topics = np.zeros(1, PAST), rows(prompt=[5], head=[6], tail=[7]), np.zeros(BINS, np.uint16)
    topics[3] = 5000
    close(looks, topics, past, False)  # noqa: FBT003 - compiled functions have no keywords
    assert past["topics"][0, 3] == 2500
    assert not past["known_prompts"].any()
    close(looks, topics, past, True)  # noqa: FBT003
    assert past["known_prompts"][0, -1] == 5
    assert past["known_topics"][0, 3] == 2500


def test_grades_of_wording_are_added_up_axis_by_axis_and_fade() -> None:
    past, wording = np.zeros(1, PAST), sum(axis + 4 << 4 * axis for axis in range(AXES))
    sent = 5000
    looks = rows(wording=[wording, 0] * sent)
    moved(looks, past)
    close(looks, np.zeros(BINS, np.uint16), past, True)  # noqa: FBT003 - compiled functions have no keywords
    for field, most in (("wording", READ_MASS), ("known_wording", KNOWN_WORDING_MASS)):
        prompts, *sums = past[field][0, :WORDING].tolist()
        assert most / 2 <= prompts <= most
        assert [round(each / prompts) for each in sums] == [axis + 4 for axis in range(AXES)]
    squares = past["known_wording"][0, WORDING:] / past["known_wording"][0, 0]
    assert squares.round().tolist() == [(axis + 4 - 8) ** 2 for axis in range(AXES)]


def test_the_most_and_the_least_grades_fit_what_is_known() -> None:
    for wording in (0x1111_1111, 0xFFFF_FFFF):
        past, looks = np.zeros(1, PAST), rows(wording=[wording] * KNOWN_WORDING_MASS)
        close(looks, np.zeros(BINS, np.uint16), past, True)  # noqa: FBT003
        prompts, held = past["known_wording"][0, 0], past["known_wording"][0]
        assert (held[1:WORDING] == prompts * (wording & 15)).all()
        assert (held[WORDING:] == prompts * 49).all()
