"""A soak from beginning to end."""

import time
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from schemas.errors import DistillwatchError
from streams.clickhouse.migrations import migrate
from streams.lag import records_left
from streams.local.clickhouse import LocalClickHouse
from streams.local.kafka import LocalKafka
from streams.replay import replay
from streams.settings import Settings
from streams.topics import create_topics
from tests.benchmarks.soak import traffic
from tests.benchmarks.soak.faults import FAULTS, Line
from tests.benchmarks.soak.report import Minute, Report, slope
from tests.benchmarks.soak.watching import Watching
from tests.benchmarks.stream.latency import quantile
from tests.integration.alert_times import alert_times
from tests.integration.drill import Expected, Kept, judged, pass_time, searched, stored, wait_until
from tests.integration.exact import require_exact
from tests.integration.proxy import proxy_to

WARM_RECORDS = 40_000
FAULT_AT_SECONDS, CALM_SECONDS = 10.0, 5.0  # what is appended just before a fault waits for its end
END_SECONDS = 1800.0
PATIENCE_SECONDS = 300.0  # a broker may take long to be back where others are at work


class Looked(Struct, frozen=True):
    """What was seen of one minute while it went by."""

    fault: str
    begin_ms: int
    sent: int
    behind: int
    memory_mb: float
    tenants: int
    awake: int


def soak(
    kafka: LocalKafka,
    clickhouse: LocalClickHouse,
    settings: Callable[[str, int], Settings],
    place: Path,
    minutes: int,
    rate: float | None,
    say: Callable[[str], None],
) -> Report:
    """Run it; `settings` makes those of a name, with ClickHouse at a port. The report says whether all is exact."""
    saturated = None if rate else _saturated(settings("saturated", clickhouse.port), place, say)
    rate = rate or (saturated or 0.0) / 2
    file = place / "events.jsonl"
    events = traffic.write(file, round(rate * 60 * minutes), seed=1)
    with ExitStack() as stack:
        proxy = stack.enter_context(proxy_to(clickhouse.port))
        mine = _ready(settings("soak", proxy.port))
        line = Line(mine, kafka, clickhouse, proxy, place)
        stack.callback(line.end)
        up = b"partition restored"  # the first start compiles
        wait_until(lambda: line.kept.has(lambda _: up in line.kept.worker.log.read_bytes()), seconds=END_SECONDS)
        looked, grown = _disturb(line, file, rate, minutes, say)
        say("all is sent; waiting until it is judged, searched and stored")
        for done in (judged, searched, stored):
            wait_until(lambda done=done: line.kept.has(done), seconds=END_SECONDS)  # type: ignore[misc]
        restarts, code = line.kept.restarts, line.kept.worker.stop()
        say("judging it again without disturbance")
        expected = Expected(mine, traffic.read(file))
        wrong = _wrong(mine, expected, line.dead) or (f"the worker ended with code {code}" if code else "")
        return _report(mine, looked, grown, events, len(line.dead), rate, saturated, restarts, expected, wrong)


def _ready(settings: Settings) -> Settings:
    create_topics(settings)
    migrate(settings.clickhouse)
    return settings


def _saturated(settings: Settings, place: Path, say: Callable[[str], None]) -> float:
    """Events a second of a worker that has them all before it."""
    _ready(settings)
    file = place / "warm.jsonl"
    left = total = traffic.write(file, WARM_RECORDS, seed=1000)
    replay(traffic.read(file), settings)
    kept, begin, before = Kept(settings, place / "saturated.log"), 0.0, total
    while left:
        pass_time(0.2)
        behind = _behind(settings)
        left = behind if behind >= 0 else left  # the group's coordinator takes a moment when the broker is young
        if not begin and left < total * 3 / 4:
            begin, before = time.monotonic(), left
    rate = before / max(time.monotonic() - begin, 0.2)
    kept.worker.stop()
    say(f"saturated: {rate:,.0f} events a second")
    return rate


def _disturb(
    line: Line, file: Path, rate: float, minutes: int, say: Callable[[str], None]
) -> tuple[list[Looked], float]:
    """What was seen of each minute, and by how many MB a minute the memory of processes grew."""
    looked: list[Looked] = []
    feed = traffic.Feed(file)
    with ThreadPoolExecutor(1) as pool, Watching(line) as watching:
        sending = pool.submit(replay, feed, line.settings, rate=rate, patience_seconds=PATIENCE_SECONDS)
        begin = time.monotonic()
        try:
            for minute in range(minutes):
                looked.append(_minute(minute, begin + 60 * minute, line, feed, watching))
                say(f"minute {minute}: {looked[-1].fault or 'nothing'}; {looked[-1].behind:,} records behind")
                _require_going(sending)
            sending.result()
        finally:  # interrupted, it still ends in good order
            feed.stop()
        return looked, slope(watching.warm())


def _minute(number: int, begin: float, line: Line, feed: traffic.Feed, watching: Watching) -> Looked:
    begin_ms, before = round(time.time() * 1000), feed.handed_out
    name, fault = FAULTS[(number - 1) % len(FAULTS)] if number else ("", None)
    if fault is not None:
        pass_time(max(0.0, begin + FAULT_AT_SECONDS - time.monotonic()))
        fault(line)
    pass_time(max(0.0, begin + 60 - time.monotonic()))
    tenants, awake = watching.tenants()
    return Looked(
        fault=name,
        begin_ms=begin_ms,
        sent=feed.handed_out - before,
        behind=_behind(line.settings),
        memory_mb=watching.most_mb(begin / 60),
        tenants=tenants,
        awake=awake,
    )


def _require_going(sending: "Future[Any]") -> None:
    """Raise what the sending ended with, if it failed."""
    if sending.done():
        sending.result()


def _behind(settings: Settings) -> int:
    with suppress(DistillwatchError):
        return records_left(settings, settings.worker.group, settings.topics.requests)
    return -1


def _wrong(settings: Settings, expected: Expected, dead: list[bytes]) -> str:
    try:
        require_exact(settings, expected, dead=dead, stored=True)
    except AssertionError as error:
        return f"not so: {traceback.extract_tb(error.__traceback__)[-1].line}"
    return ""


def _report(  # noqa: PLR0917 - what there is to tell
    settings: Settings,
    looked: list[Looked],
    grown: float,
    events: int,
    bad: int,
    rate: float,
    saturated: float | None,
    restarts: int,
    expected: Expected,
    wrong: str,
) -> Report:
    begins_ms = [one.begin_ms for one in looked]
    taken = [(_minute_of(at_ms, begins_ms), at_ms, ms) for at_ms, ms in alert_times(settings)]
    calm = [(number, ms) for number, at_ms, ms in taken if at_ms < begins_ms[number] + CALM_SECONDS * 1000]
    minutes = tuple(
        Minute(
            number=number,
            fault=one.fault,
            sent=one.sent,
            behind=one.behind,
            alerts=sum(each == number for each, _, _ in taken),
            p50_ms=_quantile(0.5, (ms for each, _, ms in taken if each == number)),
            p99_ms=_quantile(0.99, (ms for each, _, ms in taken if each == number)),
            calm_p99_ms=_quantile(0.99, (ms for each, ms in calm if each == number)),
            memory_mb=one.memory_mb,
            tenants=one.tenants,
            awake=one.awake,
        )
        for number, one in enumerate(looked)
    )
    return Report(
        date=datetime.now(UTC).date().isoformat(),
        events=events,
        bad_records=bad,
        events_per_second=rate,
        saturated_per_second=saturated,
        minutes=minutes,
        findings=len(expected.alerts),
        restarts=restarts,
        memory_slope_mb_per_minute=grown,
        p50_ms=_quantile(0.5, (ms for _, _, ms in taken)),
        p99_ms=_quantile(0.99, (ms for _, _, ms in taken)),
        undisturbed_p99_ms=_quantile(0.99, (ms for _, ms in calm)),
        wrong=wrong,
    )


def _quantile(share: float, values: Iterable[int]) -> float | None:
    return quantile(sorted(values), share)


def _minute_of(at_ms: int, begins_ms: list[int]) -> int:
    return max(0, sum(begin_ms <= at_ms for begin_ms in begins_ms) - 1)
