"""The parts of a soak that need no services."""

import json
from pathlib import Path

import msgspec

from tests.benchmarks.soak import traffic
from tests.benchmarks.soak.faults import FAULTS
from tests.benchmarks.soak.report import Minute, Report, markdown, slope


def report(wrong: str = "") -> Report:
    minutes = tuple(
        Minute(
            number=n,
            fault="",
            sent=100,
            behind=0,
            alerts=2,
            p50_ms=40.0,
            p99_ms=None,
            calm_p99_ms=50.0,
            memory_mb=500.0 + n,
            tenants=9,
            awake=n,
        )
        for n in range(4)
    )
    return Report(
        date="2026-11-22",
        events=400,
        bad_records=7,
        events_per_second=50.0,
        saturated_per_second=100.0,
        minutes=minutes,
        findings=8,
        restarts=1,
        memory_slope_mb_per_minute=slope([[(float(one.number), one.memory_mb) for one in minutes]]),
        p50_ms=40.0,
        p99_ms=900.0,
        undisturbed_p99_ms=80.0,
        wrong=wrong,
    )


def test_traffic_is_as_long_as_asked_in_the_order_of_time_and_no_event_comes_twice(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    assert traffic.write(file, 60_000, seed=1) == 61_600
    events = [json.loads(record) for record in traffic.read(file)]
    assert len({event["event_id"] for event in events}) == len(events) == 61_600
    times = [event["ts"] for event in events]
    assert times == sorted(times)


def test_an_interrupted_feed_hands_out_no_further_record(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    traffic.write(file, 100, seed=1)
    feed = traffic.Feed(file)
    handed = []
    for record in feed:
        handed.append(record)
        if len(handed) == 7:
            feed.stop()
    assert handed == list(traffic.read(file))[:7]
    assert feed.handed_out == 7


def test_the_page_says_minute_by_minute_what_was_and_whether_it_is_exact() -> None:
    page = markdown(report())
    assert "| 3 |" in page
    assert "50 a second, half of 100" in page
    assert "Memory +1.0 MB a minute from the second minute of a process on. Exact: every total" in page
    assert "NOT EXACT: a total differs" in markdown(report("a total differs"))
    assert msgspec.json.decode(msgspec.json.encode(report()), type=Report) == report()


def test_every_fault_has_a_name_of_its_own_and_says_what_it_does() -> None:
    assert len({name for name, _ in FAULTS}) == len(FAULTS) == 7
    assert all(fault.__doc__ for _, fault in FAULTS)
