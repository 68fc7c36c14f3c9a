import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.hashing import Hasher
from models.siphash import siphash
from models.words import BINS, TOPICS, topic_bins

HASHER = Hasher(b"key")


def looked(prompt: str) -> tuple[int, int, int]:
    return HASHER.content(prompt, topic_bins())


def topics(prompt: str) -> list[int]:
    bins = topic_bins()
    HASHER.content(prompt, bins)
    return bins.tolist()  # type: ignore[no-any-return]


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
    other = topic_bins()
    Hasher(b"other key").content("reason", other)
    assert other.tolist() == topics("reason")
    assert topics("why is it")[TOPICS] == 3


@given(st.text(max_size=3000))
def test_any_prompt_can_be_looked_at(prompt: str) -> None:
    whole, head, tail = looked(prompt)
    assert all(0 <= digest < 2**64 for digest in (whole, head, tail))
    assert len(topics(prompt)) == BINS
    assert sum(topics(prompt)) <= 81


def test_lone_surrogates_are_hashed_as_they_are() -> None:
    assert looked("\ud800 and the rest") != looked(" and the rest")
