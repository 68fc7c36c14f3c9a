"""Laws of a tenant's windows: what is not asked for stays as it was packed, and what changed is told."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from models.window import Window
from models.windows import Windows
from tests.models.events import HOUR_MS

STARTS = st.lists(st.integers(0, 9).map(lambda hour: hour * HOUR_MS), min_size=1, max_size=4, unique=True)


def packed(windows: Windows) -> tuple[msgspec.Raw, ...]:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(windows.pack()), type=tuple[msgspec.Raw, ...])


def some(starts: list[int], version: int, stored: int) -> Windows:
    windows = Windows()
    for at in starts:
        window = windows.at(at)
        window.version, window.stored, window.requests = version, stored, at
    return windows


@given(STARTS, st.integers(0, 9), st.integers(0, 9))
def test_windows_come_back_in_their_order_whatever_was_asked_for(starts: list[int], version: int, stored: int) -> None:
    before = packed(some(starts, version, stored))
    again = Windows(before)
    assert packed(again) == before
    assert [again.at(start) for start in starts] == [
        Window(start_ms=start, version=version, stored=stored, requests=start) for start in starts
    ]
    assert packed(again) == before


def test_what_was_not_handed_out_yet_is_told_after_a_rest() -> None:
    windows = Windows(packed(some([0, HOUR_MS], version=7, stored=3)))
    assert [window.start_ms for window in windows.changed()] == [0, HOUR_MS]
    assert [window.start_ms for window in windows.drop_before(HOUR_MS)] == [0]
    assert [window.start_ms for window in windows.changed()] == [HOUR_MS]


def test_a_window_that_rests_unchanged_is_not_told() -> None:
    windows = Windows(packed(some([0, HOUR_MS], version=7, stored=7)))
    assert windows.changed() == []
    windows.at(0).version = 8
    assert [window.start_ms for window in windows.changed()] == [0]
    assert windows.drop_before(HOUR_MS)[0].version == 8
