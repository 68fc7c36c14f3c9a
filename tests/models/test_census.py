"""Which words become common: those of many tenants, in many sources, in many sorts of prompts, and no names."""

from models.census import LEAST_OPENINGS, LEAST_TENANTS, Census


def census(prompts: list[str], tenants: int = LEAST_TENANTS, sources: int = 3) -> list[str]:
    made = Census()
    for _ in range(sources):
        for tenant in range(tenants):
            for prompt in prompts:
                made.take(f"t{tenant}", prompt)
        made.end_source()
    return made.words()


MANY = [f"{chr(97 + n)}x begins thus: one needs bread with Anna" for n in range(LEAST_OPENINGS)]


def test_words_of_many_tenants_and_openings_are_common_and_names_are_not() -> None:
    assert census(MANY) == ["begins", "bread", "needs", "one", "thus", "with"]


def test_what_too_few_tenants_say_is_not_common() -> None:
    assert census(MANY, tenants=LEAST_TENANTS - 1) == []


def test_what_is_said_in_too_few_sources_is_not_common() -> None:
    made = Census()
    for source in range(3):
        for tenant in range(LEAST_TENANTS):
            for prompt in MANY if source < 2 else ["other words here"]:
                made.take(f"t{tenant}", prompt)
        made.end_source()
    assert made.words() == []


def test_one_prompt_that_everybody_copies_makes_no_word_common() -> None:
    assert census(["the secret project bluebird begins"] * 50) == []


def test_addresses_paths_and_identifiers_are_no_words() -> None:
    prompts = [
        f"{chr(97 + n)}x see me@mail.example and user_name or a/b of www.site.example plus step-by-step"
        for n in range(20)
    ]
    assert census(prompts) == ["and", "of", "or", "plus", "see", "stepbystep"]


def test_only_what_a_skeleton_could_show_is_looked_at() -> None:
    prompts = [f"{chr(97 + n)}x " + "first " * 11 + "middle " * 10 + "last " * 6 for n in range(20)]
    assert census(prompts) == ["first", "last"]
