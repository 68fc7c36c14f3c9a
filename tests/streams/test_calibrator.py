"""The calibrator publishes what is due, once, whoever owns it and whatever is away."""

import asyncio
import threading

from models.config import Config
from models.own_rates import own_rates
from schemas.control import Calibration, Control, Learned, encode_control
from schemas.errors import RetryLater
from streams.calibrator import PAUSE_SECONDS, Calibrator
from streams.controls import Controls
from streams.own_days import TooLittle
from streams.settings import CalibrationSettings
from streams.telemetry import Telemetry
from tests.models.own_days import REFERENCES, tenant_days
from tests.streams.fakes import Record

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MADE = own_rates(tenant_days(1, 100), REFERENCES, Config())


class Traffic:
    """A deployment at a time; each calibration rests on the days before it."""

    references = REFERENCES.version

    def __init__(self, newest_ms: int | None) -> None:
        self.now, self.failure = newest_ms, None  # type: tuple[int | None, Exception | None]

    def newest_ms(self) -> int | None:
        if self.failure is not None:
            raise self.failure
        return self.now

    def calibration(self, until_ms: int) -> Calibration:
        return Calibration(references=self.references, groups=MADE.groups, rates=MADE.rates, last_ms=until_ms)


class Topic:
    """The control topic; somebody else may be quicker."""

    def __init__(self, *before: Control) -> None:
        self.records, self.quicker, self._read = list(before), list[Control](), 0
        self.controls = Controls()

    async def control(self, control: Control) -> None:
        self.records += [*self.quicker, control]
        self.quicker.clear()

    async def read(self) -> None:
        for record in self.records[self._read :]:
            self.controls.take(Record(self._read, encode_control(record)))
            self._read += 1


def calibrator(traffic: Traffic, topic: Topic, every_hours: float = 24.0) -> tuple[Calibrator, list[float], Telemetry]:
    now, telemetry = [0.0], Telemetry()
    settings = CalibrationSettings(every_hours=every_hours)
    part = Calibrator(settings, traffic, topic.controls, topic.read, topic, telemetry, lambda: now[0])
    return part, now, telemetry


async def look(part: Calibrator, now: list[float]) -> None:
    """Let the time come at which it looks, and let it look."""
    now[0] += PAUSE_SECONDS
    await part.tick()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others)
    await part.tick()


async def test_one_is_published_for_the_complete_days_and_the_next_when_as_much_event_time_has_passed() -> None:
    traffic, topic = Traffic(10 * DAY_MS + 5 * HOUR_MS), Topic()
    part, now, telemetry = calibrator(traffic, topic)
    part.take([0, 3])
    for newest in (10 * DAY_MS + 5 * HOUR_MS, 10 * DAY_MS + 23 * HOUR_MS, 11 * DAY_MS, 11 * DAY_MS + 1):
        traffic.now = newest
        await look(part, now)
    assert [(each.number, each.made_ms, each.origin) for each in topic.records] == [
        (1, 10 * DAY_MS, "calibrated"),
        (2, 11 * DAY_MS, "calibrated"),
    ]
    assert telemetry.value("distillwatch_calibrations_total") == 2
    assert telemetry.value("distillwatch_nominal_share", severity="medium") > 0


async def test_who_does_not_hold_the_first_partition_of_rows_or_is_told_not_to_publishes_nothing() -> None:
    topic = Topic()
    other, now, _ = calibrator(Traffic(10 * DAY_MS), topic)
    other.take([1, 2])
    await look(other, now)
    manual, now, _ = calibrator(Traffic(10 * DAY_MS), topic, every_hours=0)
    manual.take([0])
    await look(manual, now)
    gone, now, _ = calibrator(Traffic(10 * DAY_MS), topic)
    gone.take([0])
    await gone.release([0])
    await look(gone, now)
    assert topic.records == []


async def test_a_clickhouse_that_does_not_answer_holds_up_no_rebalance() -> None:
    answering = threading.Event()

    class Hanging(Traffic):
        def newest_ms(self) -> int | None:
            answering.wait()
            return self.now

    topic = Topic()
    part, now, _ = calibrator(Hanging(10 * DAY_MS), topic)
    part.take([0])
    now[0] += PAUSE_SECONDS
    await part.tick()
    await part.release([0])
    answering.set()
    assert not part.details()["calibrates"]
    assert topic.records == []


async def test_another_owner_goes_on_where_the_topic_says() -> None:
    traffic, topic = Traffic(10 * DAY_MS), Topic()
    for _ in range(2):
        part, now, _ = calibrator(traffic, topic)
        part.take([0])
        await look(part, now)
    assert len(topic.records) == 1


async def test_when_somebody_takes_the_number_the_next_one_is_taken_with_what_was_learned() -> None:
    topic = Topic()
    part, now, _ = calibrator(Traffic(10 * DAY_MS), topic)
    part.take([0])
    learned = Learned(weights={"size": -1.0}, findings=3)
    topic.quicker = [Control(number=1, made_ms=0, read_to=4, learned=learned)]
    await look(part, now)
    newest = topic.controls.newest
    assert newest is not None
    assert (newest.number, newest.learned, newest.read_to) == (2, learned, 4)
    assert newest.calibration is not None


async def test_after_a_rollback_it_waits_for_a_person() -> None:
    topic = Topic(Control(number=1, made_ms=0, origin="rollback", content_of=0, calibration_held=True))
    part, now, _ = calibrator(Traffic(10 * DAY_MS), topic)
    part.take([0])
    await look(part, now)
    assert len(topic.records) == 1
    topic.records.append(Control(number=2, made_ms=0, calibration=Calibration(references="older tables", groups={})))
    await look(part, now)
    assert [each.number for each in topic.records] == [1, 2, 3]


async def test_clickhouse_away_or_too_little_traffic_only_delays_it() -> None:
    traffic, topic = Traffic(10 * DAY_MS), Topic()
    part, now, telemetry = calibrator(traffic, topic)
    part.take([0])
    for failure in (RetryLater("away"), TooLittle("3 tenants are too few")):
        traffic.failure = failure
        await look(part, now)
        assert part.details() == {"calibrates": True, "calibration_trouble": str(failure)}
    assert telemetry.value("distillwatch_calibration_failures_total") == 1
    traffic.failure, traffic.now = None, None
    await look(part, now)
    assert topic.records == []
    traffic.now = 10 * DAY_MS
    await look(part, now)
    assert len(topic.records) == 1
    assert part.details()["calibration_trouble"] is None
