"""What canaries that came back, or stayed away, make of the alarms."""

from msgspec.structs import replace

from schemas.blindness import Blindness, Cause
from schemas.finding import Activity
from schemas.ocsf.health import blindness_alert, blindness_headers
from streams.canary.alerts import read_alert
from streams.canary.watcher import Limits, Sign, Watcher
from tests.streams.fakes import Record

MINUTE, HOUR = 60_000, 3_600_000
START = 1_800_000_000_000
LIMITS = Limits(absent_ms=2 * HOUR, lag_ms=30 * MINUTE)


def watcher(started_ms: int = START) -> Watcher:
    it = Watcher(LIMITS, started_ms)
    it.expect([0, 1])
    return it


def back(partition: int, sent_ms: int, lag_ms: int = 0, latency_ms: int = 50) -> Sign:
    return Sign(partition=partition, sent_ms=sent_ms, lag_ms=lag_ms, alert_ms=sent_ms + latency_ms)


def told(it: Watcher, now_ms: int) -> list[Blindness]:
    """The lines that are due, which are then on the topic, read back as the service does."""
    lines = it.look(now_ms)
    for line in lines:
        read = read_alert(Record(0, blindness_alert(line), headers=tuple(blindness_headers(line))))
        assert read == line
        it.told(line)
    return lines


def said(lines: list[Blindness]) -> list[tuple[int, Activity, Cause]]:
    return [(line.partition, line.activity, line.cause) for line in lines]


def test_while_canaries_come_back_there_is_nothing_to_say() -> None:
    it = watcher()
    for hour in range(30):
        at = START + hour * HOUR
        for partition in (0, 1):
            it.sent(partition, at)
            assert it.came_back(back(partition, at))
        assert told(it, at + 59 * MINUTE) == []
    assert it.missing() == []


def test_a_canary_that_is_on_its_way_too_long_is_an_alarm_and_more_so_when_none_comes_for_two_periods() -> None:
    it = watcher()
    for partition in (0, 1):
        it.sent(partition, START)
    it.came_back(back(0, START))
    assert told(it, START + 29 * MINUTE) == []
    assert said(told(it, START + 31 * MINUTE)) == [(1, Activity.CREATE, Cause.LATE)]
    assert told(it, START + 40 * MINUTE) == []
    it.sent(0, START + HOUR)
    it.came_back(back(0, START + HOUR))
    assert said(told(it, START + 121 * MINUTE)) == [(1, Activity.UPDATE, Cause.ABSENT)]
    assert it.blind(START + 121 * MINUTE) == {0: None, 1: Cause.ABSENT}


def test_the_next_canary_that_comes_back_in_time_closes_the_alarm() -> None:
    it = watcher()
    it.sent(1, START)
    (opened, *_) = told(it, START + 45 * MINUTE)
    it.came_back(back(1, START, latency_ms=50 * MINUTE))
    assert said(told(it, START + 50 * MINUTE)) == [(1, Activity.UPDATE, Cause.BEHIND)]
    assert it.in_doubt(START + 50 * MINUTE) == [1]
    it.sent(1, START + 51 * MINUTE)
    assert it.in_doubt(START + 51 * MINUTE) == []
    it.came_back(back(1, START + 51 * MINUTE))
    (closed,) = told(it, START + 51 * MINUTE + 100)
    assert (closed.uid, closed.activity, closed.sequence) == (opened.uid, Activity.CLOSE, 2)
    assert told(it, START + 52 * MINUTE) == []


def test_a_partition_that_judges_what_happened_long_ago_is_an_alarm_though_canaries_come_back() -> None:
    it = watcher()
    it.came_back(back(0, START, lag_ms=3 * HOUR))
    (line,) = told(it, START + 1000)
    assert (line.cause, line.seconds) == (Cause.BEHIND, 3 * 3600)


def test_a_watcher_that_begins_anew_knows_the_open_alarm_and_neither_repeats_nor_closes_it() -> None:
    first = watcher()
    first.came_back(back(0, START))
    first.came_back(back(1, START))
    lines = told(first, START + 3 * HOUR)
    assert [line.activity for line in lines] == [Activity.CREATE, Activity.CREATE]
    again = watcher(START + 4 * HOUR)
    for sign in (back(0, START), back(1, START)):
        assert not again.came_back(sign)
    for line in lines:
        again.told(line)
    assert told(again, START + 4 * HOUR) == []
    assert told(again, START + 7 * HOUR) == []
    again.sent(0, START + 7 * HOUR)
    again.came_back(back(0, START + 7 * HOUR))
    assert said(told(again, START + 7 * HOUR + 1000)) == [(0, Activity.CLOSE, Cause.ABSENT)]


def test_two_watchers_make_the_same_alarm_of_the_same_topic() -> None:
    one, other = watcher(), watcher(START + 5000)
    for it in (one, other):
        it.came_back(back(0, START + 6000))
        it.came_back(back(1, START + 6000))
    now = START + 3 * HOUR
    assert [line.line_uid for line in one.look(now)] == [line.line_uid for line in other.look(now + 700)]


def test_an_alarm_that_comes_again_is_another_one() -> None:
    it = watcher()
    it.came_back(back(1, START + 3 * HOUR))
    it.came_back(back(0, START))
    (first,) = told(it, START + 2 * HOUR + 1)
    it.came_back(back(0, START + 2 * HOUR + 1))
    (closed,) = told(it, START + 2 * HOUR + 2)
    (second,) = told(it, START + 4 * HOUR + 2)
    assert closed.uid == first.uid != second.uid
    assert first.line_uid != second.line_uid


def test_a_pause_of_the_watcher_is_no_blindness() -> None:
    it = watcher(START + 50 * HOUR)
    it.came_back(back(0, START))
    it.came_back(back(1, START))
    assert told(it, START + 51 * HOUR) == []
    assert it.ages_ms(START + 51 * HOUR) == {0: HOUR, 1: HOUR}
    assert said(told(it, START + 53 * HOUR)) == [(0, Activity.CREATE, Cause.ABSENT), (1, Activity.CREATE, Cause.ABSENT)]


def test_a_line_that_is_older_than_what_is_known_changes_nothing() -> None:
    it = watcher()
    it.sent(0, START)
    (line,) = told(it, START + 31 * MINUTE)
    it.told(replace(line, activity=Activity.CLOSE, opened_ms=line.opened_ms - 1))
    assert it.look(START + 32 * MINUTE) == []


def test_other_records_of_the_topic_say_nothing() -> None:
    kinds = (b"distillwatch.canary.found", b"distillwatch.blindness.created", b"distillwatch.finding.created", b"\xff")
    for kind in kinds:
        for value in (b"{}", None, b"[" * 5000, b'{"unmapped":{"partition":1,"canary":"org_a"}}'):
            assert read_alert(Record(0, value, headers=(("ce_type", kind),))) is None
    assert read_alert(Record(0, b"{}")) is None


def test_a_canary_that_a_crash_cut_in_two_is_followed_by_another_and_no_alarm() -> None:
    it = watcher()
    it.sent(0, START)
    assert it.in_doubt(START + 9 * MINUTE) == []
    assert it.in_doubt(START + 11 * MINUTE) == [0]
    it.sent(0, START + 11 * MINUTE)
    assert it.in_doubt(START + 12 * MINUTE) == []
    it.came_back(back(0, START + 11 * MINUTE))
    it.came_back(back(1, START + 11 * MINUTE))
    assert (it.missing(), told(it, START + 59 * MINUTE)) == ([], [])


def test_an_alarm_that_stays_open_is_told_again_every_day_as_the_same_alarm() -> None:
    it = watcher()
    it.came_back(back(0, START + 99 * HOUR))
    (opened,) = told(it, START + 3 * HOUR)
    assert told(it, START + 26 * HOUR) == []
    (again,) = told(it, START + 27 * HOUR)
    assert (again.uid, again.activity, again.sequence) == (opened.uid, Activity.UPDATE, 1)
    assert again.seconds == 27 * 3600
    assert told(it, START + 28 * HOUR) == []
