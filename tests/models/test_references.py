import msgspec
import pytest

from models.features import FEATURES
from models.references import References
from models.risk import ScoreCard
from schemas.errors import RefusedToStart

TABLE = References.shipped().table


def packed(**changed: object) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(TABLE, **changed))


def test_the_shipped_table_knows_every_feature_and_says_how_it_was_made() -> None:
    assert set(TABLE.features) == {feature.name for feature in FEATURES}
    assert References.shipped().version == TABLE.version
    assert TABLE.made.folds > 0
    assert "calibrate" in TABLE.made.command


def test_the_shipped_risks_have_the_meanings_that_are_documented() -> None:
    assert {0.5, 0.8, 0.95} <= set(TABLE.card.risks)


def test_a_table_survives_its_file() -> None:
    assert References.from_json(packed()).table == TABLE


def card(**changed: object) -> ScoreCard:
    return msgspec.structs.replace(TABLE.card, **changed)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{}",
        packed(trees=msgspec.structs.replace(TABLE.trees, says=())),
        packed(card=card(levels=(1.0, 0.0), risks=(0.1, 0.2), shares=(0.5, 0.1))),
        packed(card=card(levels=(0.0, 1.0), risks=(0.2, 0.1), shares=(0.5, 0.1))),
        packed(card=card(levels=(0.0, 1.0), risks=(0.1, 0.2), shares=(0.1, 0.5))),
        packed(card=card(levels=(0.0, 1.0), risks=(0.1, 0.2), shares=(0.1,))),
        packed(card=card(risks=(1.5,), levels=(0.0,), shares=(0.5,))),
        packed(young={"volume": (1.0, 0.0)}),
    ],
)
def test_a_broken_table_is_refused(broken: bytes) -> None:
    with pytest.raises(RefusedToStart):
        References.from_json(broken)
