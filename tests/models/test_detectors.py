import math
import random
from importlib import import_module
from pkgutil import iter_modules

import msgspec
import numpy as np
import pytest

from models import detectors
from models.assessor import Assessor
from models.detectors import DETECTORS, Detector, Ground, Own, Range, View
from models.detectors.seen import Floats
from models.features import FEATURES, INDEX
from models.hashing import Hasher
from models.references import References
from tests.models.behaviour import BEGIN_MS, chats, harvests, judged, observe

GROUND = References.shipped().ground
SIZE = len(FEATURES)
UNKNOWN = Own(np.zeros(SIZE), np.zeros(SIZE), np.zeros(SIZE, dtype=np.uint16))
every_detector = pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.name)


def views(seed: int, number: int = 200) -> list[tuple[Floats, Own]]:
    rng = random.Random(seed)

    def values() -> Floats:
        return np.array(
            [math.nan if rng.random() < 0.1 else rng.uniform(feature.low, feature.high) for feature in FEATURES]
        )

    def own() -> Own:
        spreads = np.array([rng.random() for _ in FEATURES])
        return Own(np.nan_to_num(values()), spreads, np.array([rng.randrange(30) for _ in FEATURES], dtype=np.uint16))

    return [(values(), own()) for _ in range(number)]


@every_detector
def test_its_score_is_finite_and_pure(detector: Detector) -> None:
    for values, own in views(1):
        before = values.tolist()
        first, second = (detector.score(View(values, own, GROUND).seen) for _ in range(2))
        assert math.isfinite(first)
        assert first == second
        assert repr(values.tolist()) == repr(before)


@every_detector
def test_it_tolerates_that_everything_is_missing(detector: Detector) -> None:
    nothing = View(np.full(SIZE, math.nan), UNKNOWN, Ground([None] * SIZE))
    assert math.isfinite(detector.score(nothing.seen))


@every_detector
def test_it_reads_only_the_features_it_names(detector: Detector) -> None:
    assert set(detector.rises) <= set(detector.features) <= set(INDEX)
    for values, own in views(2, 50):
        scores = []
        for other in (0.0, 1.0):
            read = np.array([feature.name in detector.features for feature in FEATURES])
            shown = np.where(read, values, other)
            scores.append(detector.score(View(shown, own, GROUND).seen))
        assert scores[0] == scores[1]


@every_detector
def test_it_does_not_fall_when_a_feature_moves_towards_suspicion(detector: Detector) -> None:
    for values, own in views(3):
        for name in detector.rises:
            feature = FEATURES[INDEX[name]]
            if not feature.suspicious or math.isnan(values[INDEX[name]]):
                continue
            worse = values.copy()
            worse[INDEX[name]] += 0.2 * feature.suspicious * (feature.high - feature.low)
            odder, odd = (View(each, own, GROUND).seen for each in (worse, values))
            assert detector.score(odder) >= detector.score(odd) - 1e-12


def test_a_view_holds_the_score_of_every_detector_in_their_order() -> None:
    for values, own in views(4, 20):
        view = View(values, own, GROUND)
        assert view.scores.tolist() == [detector.score(view.seen) for detector in DETECTORS]


def test_every_module_with_a_detector_is_asked() -> None:
    modules = [import_module(f"models.detectors.{found.name}") for found in iter_modules(detectors.__path__)]
    found = [each.DETECTOR for each in modules if hasattr(each, "DETECTOR")]
    assert sorted(found, key=lambda detector: detector.name) == list(DETECTORS)


def test_a_detector_without_calibration_finds_nothing_odd() -> None:
    table = References.shipped().table
    young = {name: held for name, held in table.young.items() if name != "same_demand"}
    newcomer = Assessor(References(msgspec.structs.replace(table, young=young)), Hasher(b"x"))
    for event in harvests(32):
        observe(newcomer, event)
    assert newcomer.assess().scores["same_demand"] == 1.0


def test_most_detectors_are_asked_by_the_shipped_forest() -> None:
    trees = References.shipped().table.trees
    asked = {trees.inputs[each] for each in trees.asks if each >= 0}
    assert sum(detector.name in asked for detector in DETECTORS) >= 10


def test_their_names_are_their_files_and_unique() -> None:
    assert len({detector.name for detector in DETECTORS}) == len(DETECTORS) >= 10
    assert [detector.name for detector in DETECTORS] == sorted(detector.name for detector in DETECTORS)


def test_every_detector_that_compares_with_the_past_learns() -> None:
    """The same sudden behaviour is less odd once it was learned for long."""
    assessor = Assessor(References.shipped(), Hasher(b"x"))
    list(judged(assessor, chats(320)))
    onset = next(detector for detector in DETECTORS if detector.name == "onset")
    scores = []
    for number, event in enumerate(harvests(1280, begin_ms=BEGIN_MS + 10**9), 1):
        observe(assessor, event)
        if number % 16 == 0:
            scores.append(onset.score(assessor.view().seen))
            assessor.learn()
    assert max(scores[:6]) > 2 * scores[-1]


def test_a_view_answers_zero_for_what_it_does_not_know() -> None:
    view = View(np.full(SIZE, math.nan), UNKNOWN, Ground([Range(0, 1, 2)] * SIZE))
    at = INDEX["rate"]
    assert view.seen.peers[at] == view.seen.change[at] == view.value("rate") == 0
    assert view.expected("rate") is None
