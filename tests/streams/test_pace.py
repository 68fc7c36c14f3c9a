"""When a replayed record is due."""

from hypothesis import given
from hypothesis import strategies as st

from streams.pace import Pace

HOUR_MS = 3_600_000


def test_speed_divides_the_time_between_events() -> None:
    pace = Pace(speed=10, rate=None)
    assert [pace.due_seconds(ts) for ts in (5_000, 15_000, 25_000)] == [0.0, 1.0, 2.0]


def test_events_out_of_order_are_due_at_once_and_move_nothing() -> None:
    pace = Pace(speed=1, rate=None)
    assert [pace.due_seconds(ts) for ts in (0, 10_000, 4_000, 10_000, 11_000)] == [0.0, 10.0, 10.0, 10.0, 11.0]


def test_one_wrong_clock_from_the_far_future_stops_nothing() -> None:
    pace = Pace(speed=1, rate=None)
    assert [pace.due_seconds(ts) for ts in (0, 1_000, 4_102_444_800_000, 2_000)] == [0.0, 1.0, 1.0, 2.0]


def test_a_long_silence_is_skipped_once_three_records_lie_behind_it() -> None:
    pace = Pace(speed=1, rate=None)
    later = 48 * HOUR_MS
    due = [pace.due_seconds(ts) for ts in (0, later, later + 1_000, later + 2_000, later + 3_000)]
    assert due == [0.0, 0.0, 0.0, 0.0, 1.0]


def test_rate_spaces_records_evenly_whatever_their_time() -> None:
    pace = Pace(speed=None, rate=4)
    assert [pace.due_seconds(None) for _ in range(3)] == [0.0, 0.25, 0.5]


def test_the_later_of_the_two_counts() -> None:
    pace = Pace(speed=1, rate=1)
    assert [pace.due_seconds(ts) for ts in (0, 10, 5_000)] == [0.0, 1.0, 5.0]


@given(st.lists(st.none() | st.floats(0, 1e15)), st.floats(0.001, 1e6))
def test_what_is_due_never_goes_back(times: list[float | None], speed: float) -> None:
    pace = Pace(speed=speed, rate=None)
    due = [pace.due_seconds(ts) for ts in times]
    assert due == sorted(due)
