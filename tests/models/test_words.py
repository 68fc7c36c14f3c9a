import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.hashing import Hasher
from models.look import A_STYLE
from models.siphash import siphash
from models.words import BINS, STYLES, TOPICS, counted

HASHER = Hasher(b"key")


def looked(prompt: str) -> tuple[int, int, int, int]:
    (read,) = HASHER.contents([prompt])
    return read.whole, read.head, read.tail, read.style & A_STYLE


def topics(prompt: str) -> list[int]:
    return counted(HASHER.contents([prompt])[0].topics).tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("length", "expected"), [(0, 0x726FDB47DD0E0E31), (7, 0xAB0200F58B01D137), (15, 0xA129CA6149BE45E5)]
)
def test_siphash_gives_the_published_vectors(length: int, expected: int) -> None:
    key = np.frombuffer(bytes(range(16)), dtype=np.uint64)
    assert siphash(bytes(range(length)), 0, length, key[0], key[1]) == expected


def test_a_head_is_the_first_three_words_with_numbers_alike() -> None:
    assert looked("Translate 17 sentences into French")[1] == looked("  Translate\n0  sentences out of Dutch")[1]
    assert looked("Translate 17 sentences into French")[1] != looked("Translate seventeen sentences")[1]


def test_a_tail_is_the_last_three_words_with_numbers_alike() -> None:
    assert looked("Is 17 prime? Answer with 1 word.")[2] == looked("Is water wet? Reply with 12 word.\n")[2]
    assert looked("Is 17 prime? Answer with 1 word.")[2] != looked("Is 17 prime? Answer with 1 words.")[2]


def test_topics_are_public_and_blind_to_case_and_punctuation() -> None:
    assert topics("Reason. reason, REASON") == topics("reason reason reason")
    assert Hasher(b"other key").contents(["reason"])[0].topics == HASHER.contents(["reason"])[0].topics
    assert topics("why is it")[TOPICS] == 3


@given(st.text(max_size=3000))
def test_any_prompt_can_be_looked_at(prompt: str) -> None:
    whole, head, tail, style = looked(prompt)
    assert all(0 <= digest < 2**64 for digest in (whole, head, tail))
    assert 1 <= style <= STYLES * STYLES
    assert len(topics(prompt)) == BINS
    assert sum(topics(prompt)) <= 81


@given(st.lists(st.text(max_size=1500) | st.text("ab 7.\n", max_size=1200), max_size=12))
def test_many_prompts_are_read_as_each_by_itself(prompts: list[str]) -> None:
    assert HASHER.contents(prompts) == [HASHER.contents([prompt])[0] for prompt in prompts]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("What is the capital of France?", "When was the city of Bergen built?", True),
        ("What is the capital of France?", "What is the capital of France", False),
        ("What is the capital of France?", "What is 17 of 45 as a share?", False),
        ("Tell me of rivers and of boats.", "Tell me of rivers\nand of boats.", False),
        ("Tell me of rivers and of boats.", "Elucidate circumnavigational particularities.", False),
        ("Tell me of rivers and of boats.", "Tell me of rivers, of boats, of carts, of cows, of barns, of barges and of men.", False),
        ("Tell me of rivers and of boats.", "Tell me of rivers and of boats. " * 12, False),
        ("Tell me of rivers and of boats.  \n", "Tell us of horses and of carts.", False),
    ],
)
def test_a_style_is_how_a_prompt_is_written_and_not_what_it_asks(one: str, other: str, alike: bool) -> None:  # noqa: FBT001
    assert (looked(one)[3] == looked(other)[3]) is alike


def test_a_style_needs_no_key() -> None:
    prompt = "Which of the 3 is it?"
    assert Hasher(b"other key").contents([prompt])[0].style & A_STYLE == looked(prompt)[3]


def test_lone_surrogates_are_hashed_as_they_are() -> None:
    assert looked("\ud800 and the rest") != looked(" and the rest")
