import math

import numpy as np
import pytest

from models.features import FAMILIES, FEATURES, INDEX, measure
from models.hashing import Hasher
from models.look import look_at
from models.profile import Profile
from schemas.event import Params
from tests.models.behaviour import BEGIN_MS, WORDS, chats, contentless, harvests, request

every_feature = pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)


def profile(events: object) -> Profile:
    made, hasher = Profile(), Hasher(b"x")
    for number, event in enumerate(events):  # type: ignore[arg-type, var-annotated]
        if number and number % 16 == 0:
            made.next_fold(made.present(), learn=True)
        made.observe(look_at(event, hasher))
    return made


def value(name: str, made: Profile) -> float:
    values = np.empty(len(FEATURES))
    measure(*made.present(), values)
    return float(values[INDEX[name]])


PERSON, SCRIPT, SILENT, NOTHING = profile(chats(160)), profile(harvests(160)), profile(contentless(48)), Profile()


@every_feature
def test_it_lies_in_its_range_or_is_missing(feature: object) -> None:
    assert feature.low < feature.high  # type: ignore[attr-defined]
    assert 0 < feature.grain < feature.high - feature.low  # type: ignore[attr-defined]
    for made in (PERSON, SCRIPT, SILENT, NOTHING):
        found = value(feature.name, made)  # type: ignore[attr-defined]
        assert math.isnan(found) or feature.low <= found <= feature.high  # type: ignore[attr-defined]


@every_feature
def test_it_is_described_for_a_reader(feature: object) -> None:
    assert feature.unit  # type: ignore[attr-defined]
    assert feature.meaning  # type: ignore[attr-defined]
    assert feature.suspicious in {-1, 0, 1}  # type: ignore[attr-defined]
    assert feature.cost_us > 0 < feature.held_bytes  # type: ignore[attr-defined]


def test_names_are_unique_and_families_are_all_in_the_table() -> None:
    assert len(INDEX) == len(FEATURES) == sum(len(family.FEATURES) for family in FAMILIES)


def test_a_script_has_heavier_tails_longer_answers_and_evener_gaps_than_a_person() -> None:
    assert value("tail_top", SCRIPT) == pytest.approx(1.0)
    assert value("tail_top", PERSON) < 0.2
    assert value("output", SCRIPT) > value("output", PERSON) + 2
    assert value("gap_spread", SCRIPT) < 0.2 < value("gap_spread", PERSON)
    assert value("logprobs", SCRIPT) == value("samples", SCRIPT) == 1.0
    assert value("single", PERSON) < 0.5 < value("single", SCRIPT)


def test_without_content_only_rhythm_and_volume_are_known() -> None:
    known = {feature.name for feature in FEATURES if not math.isnan(value(feature.name, SILENT))}
    assert {"rate", "gap_spread", "day_volume", "active_hours"} <= known
    assert not known & {
        "characters",
        "output",
        "tail_top",
        "topic_entropy",
        "style_number",
        "logprobs",
        "refused",
        "new_addresses",
    }


def test_a_prompt_asked_before_is_repeated_and_a_new_one_is_not() -> None:
    again = profile(request(number, BEGIN_MS + number * 1000, f"question {number % 4}") for number in range(40))
    assert value("repeated", again) == 1.0
    assert value("repeated", PERSON) == 0.0


def test_a_tenant_that_writes_otherwise_than_it_used_to_drifts_in_style() -> None:
    def asked(number: int) -> str:
        return ("Tell me of {} and its rivers.", "who was {}", "Is {} far away from here?")[number % 3].format(
            "abcdefg"[number % 7]
        )

    def worded(number: int) -> str:
        return (
            asked(number)
            if number < 160 or number % 4
            else f"A farm has {number} cows and sells 7 each day. How many are left?"
        )

    same = profile(request(number, BEGIN_MS + number * 1000, asked(number)) for number in range(223))
    other = profile(request(number, BEGIN_MS + number * 1000, worded(number)) for number in range(223))
    assert value("style_drift", other) > value("style_drift", same) + 1
    begun = profile(request(number, BEGIN_MS + number * 1000, worded(number)) for number in range(175))
    assert value("style_rare", same) == 0.0 < value("style_rare", begun)
    young = profile(request(number, BEGIN_MS + number * 1000, asked(number)) for number in range(40))
    assert math.isnan(value("style_drift", young))


def test_settings_never_used_are_new_until_they_are_learned() -> None:
    made, hasher = profile(chats(160)), Hasher(b"x")
    made.next_fold(made.present(), learn=True)
    for expected in (1.0, 0.0):
        for number in range(16):
            event = request(number, BEGIN_MS + 10**9, "how are you today", params=Params(temperature=0.1, n=4))
            made.observe(look_at(event, hasher))
        assert value("new_manners", made) == expected
        made.next_fold(made.present(), learn=True)


def rebuilt(made: Profile) -> Profile:
    return Profile(made.pack_looks(), made.pack_topics(), made.pack_past())


def packed(made: Profile) -> tuple[bytes, bytes, bytes]:
    return made.pack_looks(), made.pack_topics(), made.pack_past()


def test_a_profile_survives_its_bytes() -> None:
    assert packed(rebuilt(SCRIPT)) == packed(SCRIPT)
    assert (rebuilt(SCRIPT).topics == SCRIPT.topics).all()
    assert value("tail_top", rebuilt(SCRIPT)) == value("tail_top", SCRIPT)


def test_under_another_key_sizes_stay_and_hashes_go() -> None:
    rotated = rebuilt(SCRIPT)
    rotated.forget_content()
    assert value("day_volume", rotated) == value("day_volume", SCRIPT)
    assert math.isnan(value("new_manners", rotated))
    assert math.isnan(value("addresses", rotated))


def test_a_tenant_that_begins_to_send_tasks_drifts_from_how_its_prompts_read_and_from_its_words() -> None:
    person = [f"write a python function that sorts my list of each {word} please" for word in WORDS]
    task = "Question: if there are {} apples and {} are eaten, how many remain? Answer with the number alone."
    made, hasher = Profile(), Hasher(b"x")
    prompts = [person[n % len(person)] for n in range(160)] + [task.format(n, n // 2) for n in range(24)]
    seen = []
    for number, prompt in enumerate(prompts):
        if number and number % 16 == 0:
            seen.append([value(name, made) for name in ("likeness", "likeness_drift", "wording_drift")])
            made.next_fold(made.present(), learn=number < 160)
        event = request(number, BEGIN_MS + number * 60_000, prompt)
        made.observe(look_at(event, hasher))
    before, steady, same = seen[-2]
    assert math.isnan(seen[2][1])
    assert math.isnan(seen[2][2])
    assert abs(steady) < 1 < before + 2 < value("likeness", made) + 2
    assert value("likeness_drift", made) > 3
    assert same < 0
    assert value("wording_drift", made) > 2
