"""Skeletons: what prompts share, in words that anybody uses, and nothing else of them."""

from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.assessor import Assessor
from models.hashing import Hasher
from models.look import local
from models.references import References
from models.templates import GAP, HELD, ROW, Templates, skeleton_of
from models.vocabulary import Vocabulary, Words
from schemas.errors import ForeignState
from schemas.finding import ENDING, OPENING, Template
from tests.models.behaviour import BEGIN_MS, chats, harvests, observe, request

SMALL = Vocabulary(
    Words("small", "test", ("about", "describe", "detail", "explain", "please", "step", "story", "write"))
)
HASHER = Hasher(b"secret")
TOKENS = st.lists(
    st.sampled_from(["Explain", "describe", "detail,", "STEP", "Anna", "zürich", "9", "--", "ste.p", "story"])
    | st.text(max_size=8),
    max_size=30,
)


def told(prompts: list[str], vocabulary: Vocabulary = SMALL) -> tuple[Template, ...]:
    """What is told of a tenant that sends these prompts, sixteen a fold."""
    assessor = Assessor(References(References.shipped().table, vocabulary), HASHER)
    for number, prompt in enumerate(prompts, 1):
        observe(assessor, request(number, BEGIN_MS + number * 1000, prompt))
        if number % 16 == 0 and number < len(prompts):
            assessor.withhold(BEGIN_MS + number * 1000, 0.5)
    return assessor.context("large")[1]


def read(templates: tuple[Template, ...]) -> list[str]:
    return [template.skeleton for template in templates]


@given(st.lists(TOKENS.map(" ".join), min_size=2, max_size=20))
@settings(deadline=None, max_examples=100)
def test_a_skeleton_never_shows_a_word_that_is_not_in_the_vocabulary(prompts: list[str]) -> None:
    for template in told(prompts * 2):
        assert set(template.skeleton.split()) <= {GAP, *SMALL.words}


def test_what_differs_becomes_a_gap_and_so_does_a_word_that_is_not_common() -> None:
    prompts = [
        f"Please explain this {thing} in detail about Anna, step by step." for thing in ("engine", "story", "step")
    ]
    assert read(told(prompts * 4))[0] == "please explain … detail about … step … step"


def test_prompts_of_different_lengths_are_laid_over_each_other_from_both_ends() -> None:
    prompts = [f"Please explain the {'very ' * number}old story: step by step" for number in range(12)]
    assert read(told(prompts)) == ["please explain … story step … step"]


def test_a_demand_behind_different_questions_is_a_template_too() -> None:
    prompts = [f"{word} x y about {word}. Explain step by step." for word in "abcdefghijklmnopqrst"]
    (template,) = told(prompts)
    assert (template.edge, template.skeleton, template.share) == (ENDING, "… about … explain step … step", 1.0)


def test_the_heaviest_template_comes_first_and_there_are_three_at_most() -> None:
    prompts = [
        f"write a story about {n}"
        if n % 2
        else f"{['explain', 'describe', 'please', 'story', 'write'][n % 5]} the detail {n}"
        for n in range(64)
    ]
    templates = told(prompts)
    assert len(templates) == 3
    assert templates[0].skeleton == "write … story about …"
    assert templates[0].share == pytest.approx(0.5, abs=0.05)
    assert [t.share for t in templates] == sorted((t.share for t in templates), reverse=True)


def test_the_name_of_a_skeleton_is_a_plain_hash_of_what_is_shown() -> None:
    prompts = [f"Please explain {n} to me" for n in range(16)]
    (first,), (second,) = told(prompts), told([f"Please, explain {n} to him" for n in range(16)])
    assert first.uid == sha256(first.skeleton.encode()).hexdigest()[:16]
    assert (first.skeleton, first.uid) == (second.skeleton, second.uid)


def test_words_that_must_not_be_shown_leave_the_share_alone() -> None:
    assert told(["Anna goes to Zürich by train"] * 16) == (Template(edge=OPENING, share=1.0, requests=16),)
    assert told(["请解释一下这个故事"] * 16)[0].skeleton == ""
    assert told([f"{n:x}a is {n:x}b" for n in range(16, 32)]) != () == told(list("abcdefghijklmnop"))


def test_content_free_telemetry_has_no_templates() -> None:
    assessor = Assessor(References.shipped(), HASHER)
    for number in range(16):
        observe(assessor, request(number, BEGIN_MS + number, None))
    assert assessor.context("large")[1] == ()


def test_a_templated_harvest_is_told_by_its_template_whatever_the_secret() -> None:
    said = []
    for secret in (b"one", b"another"):
        assessor = Assessor(References.shipped(), Hasher(secret))
        for number, event in enumerate([*chats(64), *harvests(64, begin_ms=BEGIN_MS + 10**9)], 1):
            observe(assessor, event)
            if number % 16 == 0 and number < 128:
                assessor.withhold(event.ts, 0.5) if number > 64 else assessor.learn()
        said.append(assessor.context("large-next"))
    assert said[0] == said[1]
    assert said[0][1][0].skeleton == "… of your reasoning step after step"


def test_whom_nobody_suspects_is_not_looked_at_for_long() -> None:
    assessor = Assessor(References.shipped(), HASHER)
    for number, event in enumerate(chats(330), 1):
        observe(assessor, event)
        if number % 16 == 0:
            assessor.learn()
    assert assessor.context("large")[1] == ()


def filled(prompts: list[str]) -> Templates:
    templates = Templates(SMALL)
    for prompt in prompts:
        content = HASHER.contents([prompt])[0]
        templates.take(content.text, local(content.head), local(content.tail))
    return templates


@given(st.lists(TOKENS.map(" ".join), max_size=20), TOKENS.map(" ".join))
@settings(deadline=None, max_examples=50)
def test_packed_templates_go_on_as_they_were(prompts: list[str], further: str) -> None:
    templates = filled(prompts)
    packed = templates.pack()
    assert len(packed) <= 5 + HELD * ROW.itemsize
    again = Templates.unpack(packed, SMALL)
    assert again.pack() == packed
    content = HASHER.contents([further])[0]
    for each in (templates, again):
        each.take(content.text, local(content.head), local(content.tail))
    assert again.pack() == templates.pack()


def test_templates_under_another_vocabulary_are_forgotten_and_damaged_ones_refused() -> None:
    templates = filled(["explain the story"] * 3)
    assert Templates.unpack(templates.pack(), Vocabulary.shipped()).pack()[4:] == bytes(1)
    for damaged in (b"", templates.pack()[:-1], templates.pack() + bytes(ROW.itemsize)):
        with pytest.raises(ForeignState):
            Templates.unpack(damaged, SMALL)


@given(TOKENS, TOKENS)
@settings(deadline=None, max_examples=100)
def test_two_prompts_agree_in_their_skeleton_only_where_both_have_the_word(one: list[str], other: list[str]) -> None:
    begin = ["explain", "describe", "story"]
    prompts = [" ".join((*begin, *rest)) for rest in (one, other)]
    templates = filled(prompts)
    row = np.frombuffer(templates.pack(), ROW, 1, 5)[0]
    words = [SMALL.words[number] for number in row["words"].tolist()]
    shown = skeleton_of(words, int(row["shortest"]), int(row["longest"])).split()
    plain = [{"".join(c for c in token.lower() if c.isalnum()) for token in prompt.split()} for prompt in prompts]
    assert set(shown) - {GAP} <= plain[0] & plain[1]
    assert shown[:3] == begin


def test_what_three_prompts_share_is_not_shown_for_it_would_quote_them() -> None:
    assert told(["please explain the story in detail"] * 3)[0].skeleton == ""
    assert told(["please explain the story in detail"] * 4)[0].skeleton == "please explain … story … detail"
