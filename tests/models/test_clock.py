from hypothesis import given
from hypothesis import strategies as st

from models.clock import REMEMBERED, RobustClock


@given(st.lists(st.integers(0, 10**13), min_size=1, max_size=300))
def test_it_shows_the_lower_median_of_the_last_101_times(times: list[int]) -> None:
    clock = RobustClock()
    for ts in times:
        clock.see(ts)
    last = sorted(times[-REMEMBERED:])
    assert clock.time_ms == last[(len(last) - 1) // 2]
    assert RobustClock(clock.times_ms).time_ms == clock.time_ms


def test_fifty_clocks_from_the_year_2100_move_nothing() -> None:
    clock = RobustClock(range(1000, 1101))
    for _ in range(50):
        clock.see(4_102_444_800_000)
    assert clock.time_ms is not None
    assert clock.time_ms <= 1100


def test_after_a_gap_it_arrives_with_the_fifty_first_event() -> None:
    clock = RobustClock(range(1000, 1101))
    for _ in range(51):
        clock.see(9_000_000)
    assert clock.time_ms == 9_000_000
