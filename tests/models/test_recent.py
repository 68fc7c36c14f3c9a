from hypothesis import given
from hypothesis import strategies as st

from models.recent import RecentIds


@given(st.lists(st.integers(0, 40), max_size=400))
def test_an_id_is_known_while_it_is_among_the_last_distinct_ones(ids: list[int]) -> None:
    recent = RecentIds(8)
    remembered: list[int] = []
    for number in ids:
        assert recent.seen(number) == (number in remembered)
        if number not in remembered:
            remembered = [*remembered, number][-8:]
        recent = RecentIds(8, recent.pack())
