"""Lag in event time, and what is none."""

from schemas.errors import BadRecord
from schemas.event import Event
from streams.event_lag import EventLag, degraded
from tests.models.events import event

NOW = 1_800_000_000.0


def aged(seconds: float, tenant: str = "org_a") -> list[Event | BadRecord]:
    return [event(1, round(1000 * (NOW - seconds)), tenant)]


def test_the_lag_is_the_age_of_what_is_judged() -> None:
    lag = EventLag()
    lag.see(aged(30), NOW)
    assert lag.seconds == 30
    lag.see([*aged(7200), BadRecord("not_json", "")], NOW)
    lag.see(aged(7200), NOW)
    assert lag.seconds == 7200


def test_one_broken_clock_and_canaries_and_rubbish_move_nothing() -> None:
    lag = EventLag()
    for _ in range(5):
        lag.see(aged(30), NOW)
    lag.see(aged(-1e9), NOW)
    lag.see(aged(90_000, "canary.0.1.2"), NOW)
    lag.see([BadRecord("not_json", "")], NOW)
    lag.see([], NOW)
    assert lag.seconds == 30


def test_silence_is_no_lag_but_records_that_wait_are() -> None:
    lag = EventLag()
    lag.see(aged(30), NOW)
    lag.wait(NOW + 300, waiting=False)
    assert lag.seconds == 30
    lag.wait(NOW + 300, waiting=True)
    assert lag.seconds == 330
    lag.see(aged(20), NOW + 301)
    lag.wait(NOW + 5000, waiting=False)
    assert lag.seconds is None


def test_a_lag_within_the_limit_is_not_worth_a_word() -> None:
    assert degraded({0: 10.0, 1: 1801.0}, 1800.0) == ["partition 1 judges what happened 1,801 s ago"]
