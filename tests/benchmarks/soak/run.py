"""A soak from beginning to end."""

import threading
import time
import traceback
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from schemas.errors import DistillwatchError
from schemas.rows import FindingRow, decode_row
from streams.clickhouse.migrations import migrate
from streams.lag import records_left
from streams.local.clickhouse import LocalClickHouse
from streams.local.kafka import LocalKafka
from streams.replay import replay
from streams.settings import Settings
from streams.tail import Tail
from streams.topics import create_topics
from tests.benchmarks.soak import traffic
from tests.benchmarks.soak.faults import FAULTS, Line
from tests.benchmarks.soak.report import Minute, Report, slope
from tests.benchmarks.stream.latency import quantile
from tests.integration.drill import Expected, Kept, judged, pass_time, searched, stored, wait_until
from tests.integration.exact import require_exact
from tests.integration.proxy import proxy_to

WARM_RECORDS = 40_000
FAULT_AT_SECONDS = 10.0
END_SECONDS = 1800.0
_OFFSET = (1 << 48) - 1


class Looked(Struct, frozen=True):
    """What was seen of one minute while it went by."""

    fault: str
    begin_ms: int
    behind: int
    memory_mb: float


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
        looked = _disturb(line, file, rate, minutes, say)
        say("all is sent; waiting until it is judged, searched and stored")
        for done in (judged, searched, stored):
            wait_until(lambda done=done: line.kept.has(done), seconds=END_SECONDS)  # type: ignore[misc]
        restarts, code = line.kept.restarts, line.kept.worker.stop()
        say("judging it again without disturbance")
        expected = Expected(mine, traffic.read(file))
        wrong = _wrong(mine, expected, line.dead) or (f"the worker ended with code {code}" if code else "")
        return _report(mine, looked, events, len(line.dead), rate, saturated, restarts, expected, wrong)


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


def _disturb(line: Line, file: Path, rate: float, minutes: int, say: Callable[[str], None]) -> list[Looked]:
    sending = threading.Thread(target=replay, args=(traffic.read(file), line.settings), kwargs={"rate": rate})
    sending.start()
    memory: list[float] = []
    over = threading.Event()
    watching = threading.Thread(target=_watch, args=(line, memory, over))
    watching.start()
    looked = []
    begin = time.monotonic()
    for minute in range(minutes):
        begin_ms = round(time.time() * 1000)
        memory.clear()
        name, fault = FAULTS[(minute - 1) % len(FAULTS)] if minute else ("", None)
        if fault is not None:
            pass_time(max(0.0, begin + 60 * minute + FAULT_AT_SECONDS - time.monotonic()))
            fault(line)
        pass_time(max(0.0, begin + 60 * (minute + 1) - time.monotonic()))
        looked.append(Looked(name, begin_ms, _behind(line.settings), max(memory, default=0.0)))
        say(f"minute {minute}: {name or 'nothing'}; {looked[-1].behind:,} records behind")
    sending.join()
    over.set()
    watching.join()
    return looked


def _watch(line: Line, memory: list[float], over: threading.Event) -> None:
    while not over.wait(1.0):
        pid = line.look_after()
        with suppress(OSError, StopIteration):
            lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
            memory.append(next(int(one.split()[1]) / 1024 for one in lines if one.startswith("VmRSS")))


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
    events: int,
    bad: int,
    rate: float,
    saturated: float | None,
    restarts: int,
    expected: Expected,
    wrong: str,
) -> Report:
    sent, latencies = _by_minute(settings, [one.begin_ms for one in looked])
    minutes = tuple(
        Minute(
            number=number,
            fault=one.fault,
            sent=sent[number],
            behind=one.behind,
            alerts=len(latencies[number]),
            p50_ms=quantile(sorted(latencies[number]), 0.5),
            p99_ms=quantile(sorted(latencies[number]), 0.99),
            memory_mb=one.memory_mb,
        )
        for number, one in enumerate(looked)
    )
    every = sorted(latency for some in latencies.values() for latency in some)
    calm = sorted(latency for one in minutes if not one.fault for latency in latencies[one.number])
    return Report(
        date=datetime.now(UTC).date().isoformat(),
        events=events,
        bad_records=bad,
        events_per_second=rate,
        saturated_per_second=saturated,
        minutes=minutes,
        findings=len(expected.alerts),
        restarts=restarts,
        memory_slope_mb_per_minute=slope([one.memory_mb for one in minutes[1:]]),
        p50_ms=quantile(every, 0.5),
        p99_ms=quantile(every, 0.99),
        undisturbed_p99_ms=quantile(calm, 0.99),
        wrong=wrong,
    )


def _by_minute(settings: Settings, begins_ms: list[int]) -> tuple[dict[int, int], dict[int, list[int]]]:
    """Records sent in each minute, and by the minute of its cause how many milliseconds each alert took."""
    stamps: defaultdict[int, array[int]] = defaultdict(lambda: array("q"))
    sent: defaultdict[int, int] = defaultdict(int)
    for record in _whole(settings, settings.topics.requests):
        stamps[record.partition].append(record.timestamp)
        sent[_minute(record.timestamp, begins_ms)] += 1
    causes: dict[str, int] = {}
    for record in _whole(settings, settings.topics.rows):
        row = decode_row(record.value)
        if isinstance(row, FindingRow):
            causes.setdefault(row.line_uid, stamps[row.source_partition][row.version & _OFFSET])
    latencies: defaultdict[int, list[int]] = defaultdict(list)
    for record in _whole(settings, settings.topics.alerts):
        cause_ms = causes.pop(dict(record.headers)["ce_id"].decode(), None)  # the first time that it was told
        if cause_ms is not None:
            latencies[_minute(cause_ms, begins_ms)].append(record.timestamp - cause_ms)
    return sent, latencies


def _minute(at_ms: int, begins_ms: list[int]) -> int:
    return max(0, sum(begin_ms <= at_ms for begin_ms in begins_ms) - 1)


def _whole(settings: Settings, topic: str) -> Iterator[Any]:
    tail = Tail(settings, topic, from_beginning=True)
    try:
        yield from tail.whole()
    finally:
        tail.close()
