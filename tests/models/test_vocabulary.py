"""The shipped words: common, small, harmless; and how they are found in a text."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.census import FIRST_WORDS, LAST_WORDS
from models.vocabulary import TOLD_WORDS, Vocabulary, Words, read
from schemas.errors import RefusedToStart

WORDS = ("about", "explain", "step", "story")
VOCABULARY = Vocabulary(Words("v", "test", WORDS))
NUMBERS = {word.encode(): number for number, word in enumerate(WORDS, 1)}
TEXTS = st.lists(
    st.sampled_from(["Explain", "step,", "-", "about.", "Anna", "é", "42", "story\n"]) | st.text(max_size=5),
    max_size=40,
)


def slow(text: bytes) -> tuple[list[int], int]:
    """What `read` does, said in other words."""
    signs = bytes(byte for byte in range(128) if not chr(byte).isalnum())
    words = [word for word in (token.translate(None, signs).lower() for token in text.split()) if word]
    numbers = [NUMBERS.get(word, 0) for word in words]
    first = numbers[:FIRST_WORDS]
    last = numbers[-LAST_WORDS:]
    return [*first, *[0] * (FIRST_WORDS - len(first)), *[0] * (LAST_WORDS - len(last)), *last], min(
        len(words), TOLD_WORDS + 1
    )


@given(TEXTS.map(" ".join))
@settings(deadline=None, max_examples=300)
def test_a_text_is_read_as_twelve_first_and_six_last_words(text: str) -> None:
    data, out = text.encode(), np.empty(TOLD_WORDS, np.uint16)
    words = read(data, VOCABULARY.keys, VOCABULARY.numbers, out)
    assert (out.tolist(), words) == slow(data)


def test_the_shipped_words_are_read_by_their_own_numbers() -> None:
    shipped, out = Vocabulary.shipped(), np.empty(TOLD_WORDS, np.uint16)
    for number, word in enumerate(shipped.words[1:], 1):
        read(word.encode(), shipped.keys, shipped.numbers, out)
        assert out[0] == number


def test_the_shipped_words_are_common_ones() -> None:
    words = set(Vocabulary.shipped().words)
    assert {"the", "explain", "step", "reasoning", "answer", "question", "following"} <= words
    assert not words & {"john", "mary", "google", "london", "anthropic", "openai", "com"}


@pytest.mark.parametrize(
    "words", [("b", "a"), ("aa", "aa"), ("Upper",), ("x",), ("zürich",), ("a" * 16,), ("two words",)]
)
def test_words_that_are_none_are_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(RefusedToStart):
        Vocabulary(Words("v", "test", words))


def test_a_file_that_is_no_vocabulary_is_refused() -> None:
    with pytest.raises(RefusedToStart):
        Vocabulary.from_json(b"{}")
