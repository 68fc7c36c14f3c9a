import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.hashing import Hasher
from models.likeness import (
    AXES,
    COLUMNS,
    GRADE_BITS,
    LEAST_WORDS,
    MIDDLE_GRADE,
    MOST_GRADE,
    MOST_WORDS,
    MOST_WRITTEN,
    PLACES,
    Likeness,
    Weights,
    places,
)
from models.likeness_fit import fitted
from models.look import A_STYLE
from models.words import STYLE_BITS
from schemas.errors import RefusedToStart

THINGS = ["bread", "rivers", "lamps", "songs", "doors", "horses", "letters", "stones", "winters", "gardens"]
TASKS = [f"Question: if {n} {thing} are shared, how many remain? Answer:" for n in range(9) for thing in THINGS]
WAYS = ("hi can you help me write a note about my {}", "what do you think of {} for my garden?", "fix this please, {} is broken")
ASKED = [way.format(f"{thing} and {other}") for way in WAYS for thing in THINGS for other in THINGS]


def met(prompt: str, mark: int = 0) -> list[int]:
    """The places of a prompt's words, without their order."""
    data, out = np.frombuffer(prompt.encode("utf-8", "surrogatepass"), np.uint8), np.empty(MOST_WRITTEN, np.int64)
    return sorted(out[: places(data, len(data), np.full(PLACES, -1), mark, out)].tolist())


def grades(prompt: str, likeness: Likeness) -> list[int]:
    """Of likeness, then on each axis of wording."""
    read = Hasher(b"secret", likeness).contents([prompt])[0].style >> STYLE_BITS
    return [read >> GRADE_BITS * column & MOST_GRADE for column in range(COLUMNS)]


def graded(prompt: str, likeness: Likeness) -> int:
    return grades(prompt, likeness)[0]


@pytest.fixture(scope="module")
def learned() -> Weights:
    return fitted([TASKS], [ASKED], "v", "test")


def test_words_are_met_once_whatever_their_case_their_order_and_the_figures_of_a_number() -> None:
    assert met("Count 12 apples, count 7 pears.") == met("pears 9 COUNT , apples .")
    assert met("count apples") != met("count pears")
    assert len(met("count, count, count")) == 2


@given(st.text(max_size=900))
def test_any_prompt_has_places_and_a_grade_in_each_column(prompt: str) -> None:
    found = met(prompt)
    assert len(set(found)) == len(found) <= MOST_WORDS
    assert all(0 <= place < PLACES for place in found)
    for grade in grades(prompt, Likeness.shipped()):
        assert (grade == 0) == (len(found) < LEAST_WORDS)


def test_tasks_are_told_from_what_users_ask_in_words_that_were_not_learned_from(learned: Weights) -> None:
    likeness = Likeness(learned)
    unseen = [f"Question: if 70 {thing} are shared, how many are left? Answer:" for thing in ("cups", "wheels", "maps")]
    asked = [way.format("an aunt and cups") for way in WAYS]
    assert {graded(prompt, likeness) for prompt in unseen} == {MOST_GRADE}
    assert max(graded(prompt, likeness) for prompt in asked) < MOST_GRADE
    assert fitted([TASKS], [ASKED], "v", "test") == learned


def test_honest_prompts_lie_around_the_middle_grade(learned: Weights) -> None:
    likeness = Likeness(learned)
    assert abs(np.mean([graded(prompt, likeness) for prompt in ASKED]) + 0.5 - MIDDLE_GRADE) < 0.5


def test_corpora_lie_apart_on_some_axis_of_wording_and_spread_alike_on_each(learned: Weights) -> None:
    likeness = Likeness(learned)
    told = [np.array([grades(prompt, likeness)[1:] for prompt in each]) for each in (TASKS, ASKED)]
    assert max(abs(told[0].mean(axis=0) - told[1].mean(axis=0))) > 4
    assert told[1].std(axis=0).max() < 3
    assert len(told[0][0]) == AXES


def test_the_grade_leaves_the_style_as_it_is(learned: Weights) -> None:
    for prompt in (TASKS[0], ASKED[0]):
        ours, shipped = (Hasher(b"s", each).contents([prompt])[0] for each in (Likeness(learned), None))
        assert ours.style & A_STYLE == shipped.style & A_STYLE
        assert msgspec.structs.replace(ours, style=0) == msgspec.structs.replace(shipped, style=0)


@pytest.mark.parametrize(
    "broken",
    [
        {"weights": ((0,) * PLACES,) * AXES},
        {"weights": ((1, 2),) * COLUMNS},
        {"weights": ((0,) * PLACES,) * AXES + ((40_000,) * PLACES,)},
        {"means": (0.0,)},
        {"spreads": (1.0,) * AXES + (0.0,)},
        {"spreads": (1.0,) * AXES + (float("nan"),)},
    ],
)
def test_weights_that_mean_nothing_are_refused(learned: Weights, broken: dict[str, object]) -> None:
    with pytest.raises(RefusedToStart, match="the likeness is not 9 times 4096 weights"):
        Likeness(msgspec.structs.replace(learned, **broken))


def test_a_file_of_something_else_is_refused_and_what_ships_is_read() -> None:
    with pytest.raises(RefusedToStart, match="not a table of this version"):
        Likeness.from_json(b"{}")
    assert Likeness.from_json(msgspec.json.encode(fitted([TASKS], [ASKED], "v", "test"))).scale[1].min() > 0
    assert Likeness.shipped().weights.shape == (PLACES, COLUMNS)


def test_a_corpus_without_words_is_refused() -> None:
    with pytest.raises(RefusedToStart, match="no prompt of 3 words"):
        fitted([TASKS, ["", "ok"] * 60], [ASKED], "v", "test")
