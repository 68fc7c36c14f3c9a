from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import decode_event
from schemas.errors import BadRecord
from streams.simulation.rubbish import DEEP, SHAPES, Shape, huge, rubbish


@pytest.mark.parametrize("shape", [*SHAPES, *DEEP, huge])
def test_every_shape_of_rubbish_is_refused(shape: Shape) -> None:
    for seed in range(40):
        with pytest.raises(BadRecord):
            decode_event(shape(Random(seed)))


@given(st.integers())
def test_rubbish_of_any_seed_is_refused(seed: int) -> None:
    for record in rubbish(seed, 30):
        with pytest.raises(BadRecord):
            decode_event(record)


def test_rubbish_fits_on_lines_and_repeats_by_seed() -> None:
    records = list(rubbish(3, 2000))
    assert records == list(rubbish(3, 2000))
    assert not any(b"\n" in record for record in records)
    assert len(set(records)) > 1000


def test_megabytes_are_rare() -> None:
    large = sum(len(record) > 500_000 for record in rubbish(5, 10_000))
    assert 0 < large <= 10
