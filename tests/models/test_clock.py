from hypothesis import given
from hypothesis import strategies as st

from models.clock import HEARD, REMEMBERED, RobustClock

HOUR = 3_600_000
TIMES = st.lists(st.tuples(st.integers(0, 10**13), st.sampled_from("abcdefgh")), min_size=1, max_size=700)


def clock_of(seen: list[tuple[int, str]]) -> RobustClock:
    clock = RobustClock()
    for ts_ms, tenant in seen:
        clock.see(ts_ms, tenant)
    return clock


def spread(count: int, begin: int = 1000) -> list[tuple[int, str]]:
    """Records of many tenants, a millisecond apart."""
    return [(begin + number, f"org_{number % 50}") for number in range(count)]


def loud(count: int, wrong_by_ms: int) -> list[tuple[int, str]]:
    """Nine in ten of one tenant whose clock is wrong, a second apart."""
    return [(n * 1000, f"org_{n % 7}") if n % 10 == 0 else (n * 1000 + wrong_by_ms, "org_loud") for n in range(count)]


@given(TIMES)
def test_where_none_is_loud_it_shows_the_lower_median_of_the_last_101_times(seen: list[tuple[int, str]]) -> None:
    apart = [(ts_ms, f"{tenant}{number % 40}") for number, (ts_ms, tenant) in enumerate(seen)][: REMEMBERED + 200]
    clock = clock_of(apart)
    last = sorted(ts_ms for ts_ms, _ in apart[-HEARD:])
    if len(apart) > 100:
        assert clock.time_ms == last[(len(last) - 1) // 2]


@given(TIMES, TIMES)
def test_what_it_remembers_is_all_that_it_is(seen: list[tuple[int, str]], more: list[tuple[int, str]]) -> None:
    clock = clock_of(seen)
    again = RobustClock(clock.times_ms, clock.tenants)
    for ts_ms, tenant in more:
        clock.see(ts_ms, tenant)
        again.see(ts_ms, tenant)
        assert (again.time_ms, again.is_ahead(ts_ms, 5)) == (clock.time_ms, clock.is_ahead(ts_ms, 5))
    assert (again.times_ms, again.tenants) == (clock.times_ms, clock.tenants)


@given(TIMES)
def test_no_tenant_alone_brings_it_past_all_that_the_others_say(seen: list[tuple[int, str]]) -> None:
    honest = [(ts_ms % 10**6, tenant) for ts_ms, tenant in seen]
    clock = clock_of([*honest, *[(10**12, "org_loud")] * (REMEMBERED - 11), *(11 * honest)[-11:]])
    assert clock.time_ms is not None
    assert clock.time_ms < 10**6


def test_one_record_of_another_tenant_does_not_decide_for_a_loud_one() -> None:
    clock = clock_of([*[(n, "org_loud") for n in range(400)], (4_102_444_800_000, "org_stray"), (400, "org_loud")])
    assert clock.time_ms == 351


def test_fifty_clocks_from_the_year_2100_move_nothing() -> None:
    clock = clock_of([*spread(101), *[(4_102_444_800_000, f"org_{n}") for n in range(50)]])
    assert clock.time_ms is not None
    assert clock.time_ms <= 1100


def test_after_a_gap_it_arrives_with_the_fifty_first_event() -> None:
    clock = clock_of([*spread(101), *[(9_000_000, f"org_{n}") for n in range(51)]])
    assert clock.time_ms == 9_000_000


def test_a_tenant_with_nine_tenths_of_the_records_and_a_clock_from_2100_moves_nothing() -> None:
    clock = clock_of(loud(5000, 4_102_444_800_000))
    assert clock.time_ms is not None
    assert 4_600_000 < clock.time_ms < 5_000_000
    assert not clock.has_passed(5_000_000)


def test_a_tenant_with_nine_tenths_of_the_records_and_a_clock_of_last_year_makes_no_honest_event_a_future_one() -> None:
    clock = clock_of(loud(5000, -365 * 24 * HOUR))
    assert not clock.is_ahead(5_000_000, HOUR)
    assert clock.is_ahead(5_000_000 + 2 * HOUR, HOUR)


def test_the_only_one_who_still_sends_sends_no_future_events_after_51_and_is_believed_when_ten_others_are_remembered() -> (
    None
):
    clock = clock_of([*spread(303), *[(9_000_000, "org_new")] * 51])
    assert not clock.is_ahead(9_000_000, 1000)
    clock = clock_of([*spread(303), *[(9_000_000, "org_new")] * (REMEMBERED - 11)])
    assert clock.time_ms is not None
    assert clock.time_ms < 2000
    clock.see(9_000_000, "org_new")
    assert clock.time_ms == 9_000_000


def test_a_mark_from_before_tenants_were_remembered_is_a_clock_like_any_other() -> None:
    clock = RobustClock(range(1000, 1101))
    assert clock.time_ms == 1050
    assert len(set(clock.tenants)) == 101
    for ts_ms, tenant in loud(1000, 10**12):
        clock.see(ts_ms, tenant)
    assert clock.time_ms is not None
    assert clock.time_ms < 1_000_000


def test_it_is_not_agreed_while_few_others_contradict_one_who_is_loud() -> None:
    assert clock_of([(n, "org_loud") for n in range(16)]).is_agreed
    strays = [(4_102_444_800_000, f"org_{n}") for n in range(2)]
    clock = clock_of([*strays, *[(n, "org_loud") for n in range(100)]])
    assert not clock.is_agreed
    for ts_ms, tenant in spread(50):
        clock.see(ts_ms, tenant)
    assert clock.is_agreed
    assert clock.time_ms is not None
    assert clock.time_ms < 2000
