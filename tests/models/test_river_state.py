import random

import pytest

from models import river_state
from models.river_state import Baseline
from schemas.errors import ForeignState


@pytest.mark.parametrize("seen", [0, 1, 2, 3, 17, 400])
def test_a_baseline_rebuilt_goes_on_with_identical_results(seen: int) -> None:
    rng, straight = random.Random(seen), Baseline()
    for _ in range(seen):
        straight.learn(rng.gauss(3, 2))
    rebuilt = Baseline.unpack(straight.pack())
    assert len(straight.pack()) == Baseline.PACKED_BYTES == 18
    for _ in range(50):
        assert (rebuilt.mean, rebuilt.spread, rebuilt.weight) == (straight.mean, straight.spread, straight.weight)
        assert rebuilt.pack() == straight.pack()
        value = rng.gauss(-5, 9)
        straight.learn(value)
        rebuilt.learn(value)


def test_the_installed_river_lays_its_statistics_out_as_we_know_them() -> None:
    assert river_state.LAYOUT_IS_KNOWN


def test_a_river_of_another_layout_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = Baseline().pack()
    monkeypatch.setattr(river_state, "LAYOUT_IS_KNOWN", False)
    with pytest.raises(ForeignState, match="river"):
        Baseline.unpack(packed)
    with pytest.raises(ForeignState, match="river"):
        Baseline().pack()


def test_a_baseline_learns_and_forgets() -> None:
    baseline = Baseline()
    for value in [1.0] * 100 + [5.0] * 100:
        baseline.learn(value)
    assert baseline.mean == pytest.approx(5.0, abs=0.05)
    assert baseline.spread < 0.5
