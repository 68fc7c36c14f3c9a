"""The canary as a service of its own: what watches the workers does not die with them."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from models.canary_key import CanaryKey
from schemas.blindness import Blindness
from schemas.errors import DistillwatchError, RetryLater
from schemas.finding import Activity
from schemas.ocsf.health import blindness_alert, blindness_headers
from streams.batches import BatchSender
from streams.canary.alerts import read_alert
from streams.canary.burst import burst, name_of
from streams.canary.watcher import REMIND_MS, Limits, Sign, Watcher
from streams.follower import Follower
from streams.kafka_client import aiokafka_settings
from streams.logs import logger
from streams.secret import load_secret
from streams.settings import Settings
from streams.telemetry import Telemetry
from streams.topics import topic_identity
from streams.watch import Health, Watch

log = logger(__name__)

STEP_SECONDS = 0.5
ANSWER_SECONDS = 30.0
#: Where it is in doubt whether detection works the next canary does not wait for its period.
PROBE_SECONDS = 60.0
MOST_NAMES = 10_000
MISTAKEN = (
    "a canary was judged as a tenant: the workers have another secret, or a version without canaries; no more are sent"
)


class CanaryService:
    """Sends a canary to each partition every period, follows the alerts topic, and writes an alarm to it when one stays away.

    It keeps nothing: what came back and what is open follows from the alerts topic. Any number of them may run; each sends its own
    canaries, and they share the alarms. Workers that have another secret take a canary for an attack: after the first such alert no
    more are sent, and until the first canary came back they are sent one at a time. While Kafka is away no alarm can be written:
    then /health and the metrics say so alone.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self._settings, self._clock = settings, clock
        self._key = CanaryKey(load_secret(settings))
        limits = settings.canary
        self.watcher = Watcher(
            Limits(
                absent_ms=round(1000 * limits.period_seconds * limits.most_periods),
                lag_ms=round(1000 * limits.most_lag_seconds),
            ),
            self._now_ms(),
        )
        self.telemetry = Telemetry()
        #: From append to alert of the newest canary that came back, in seconds, by partition.
        self.latencies: dict[int, float] = {}
        #: Whether a worker took a canary of ours for a tenant.
        self.mistaken = False
        topic_identity(settings, settings.topics.alerts)
        self._connection = aiokafka_settings(settings.kafka)
        since_ms = self._now_ms() - self.watcher.limits.absent_ms - 2 * REMIND_MS
        self._alerts = Follower(self._connection, settings.topics.alerts, self._take, max(0, since_ms))
        self._producer: AIOKafkaProducer | None = None
        self._stop = asyncio.Event()
        self._sent_at: float | None = None
        self._probed_at = 0.0
        self._has_read = False
        self._count = 0
        self._names: set[bytes] = set()
        self._news = asyncio.Event()

    async def run(self, on_ready: Callable[[int], None] = lambda _: None) -> None:
        """Send and watch until SIGTERM, SIGINT or `stop`; `on_ready` is called with the port of metrics and health."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        watch = Watch(self._settings.watch, self.telemetry, self._health)
        on_ready(await watch.start())
        work = [
            asyncio.create_task(self._again(job)) for job in (self._read, self._send_due, self._tell, self._measure)
        ]
        try:
            await self._connect()
            await asyncio.wait([asyncio.create_task(self._stop.wait()), *work], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in work:
                task.cancel()
            await self._close()
            await watch.stop()
        for task in work:
            if task.done() and not task.cancelled():
                task.result()

    async def once(self, seconds: float) -> list[int]:
        """Send one canary to each partition and wait for their alerts; the partitions that gave none in time. Writes no alarm."""
        await self._connect()
        try:
            await self._read()
            reading = asyncio.create_task(self._again(self._read))
            await self._send(await self._partitions())
            await self._until(lambda: not self.watcher.missing(), seconds)
            reading.cancel()
            return sorted(set(range(self._count)) - self.latencies.keys())
        finally:
            await self._close()

    def stop(self) -> None:
        """Ask for a clean stop."""
        self._stop.set()

    # -- work, each again and again -----------------------------------------------------------------------------------

    async def _read(self) -> None:
        await self._alerts.catch_up()
        self._has_read = True

    async def _send_due(self) -> None:
        now, period = self._clock(), self._settings.canary.period_seconds
        if self._producer is None or not self._has_read:
            return
        if self._sent_at is None or now - self._sent_at >= period:
            self._sent_at = now - period + min(period, PROBE_SECONDS)  # when it fails it is tried again soon
            await self._send(await self._partitions())
            self._sent_at = now
        elif now - self._probed_at >= min(period, PROBE_SECONDS):
            self._probed_at = now
            await self._send(self.watcher.in_doubt(self._now_ms()))

    async def _tell(self) -> None:
        if self._producer is None or not self._has_read:
            return
        for line in self.watcher.look(self._now_ms()):
            say = log.info if line.activity is Activity.CLOSE else log.error
            say("blind", partition=line.partition, cause=line.cause.value, activity=line.activity.name.lower())
            await self._publish(line)
            self.watcher.told(line)

    async def _measure(self) -> None:
        now_ms, telemetry = self._now_ms(), self.telemetry
        for partition, age_ms in self.watcher.ages_ms(now_ms).items():
            telemetry.canary_age.labels(partition).set(age_ms / 1000)
        for partition, lag_ms in self.watcher.lags_ms().items():
            telemetry.canary_lag.labels(partition).set(lag_ms / 1000)
        for partition, cause in self.watcher.blind(now_ms).items():
            telemetry.blind.labels(partition).set(cause is not None)

    # -- inside -------------------------------------------------------------------------------------------------------

    async def _again(self, job: Callable[[], Awaitable[None]]) -> None:
        while not self._stop.is_set():
            try:
                await job()
            except (KafkaError, TimeoutError, DistillwatchError) as error:  # it is told by the age of the canaries
                log.warning("Kafka does not answer the canary", error=type(error).__name__, detail=str(error))
                await asyncio.sleep(STEP_SECONDS)
            await asyncio.sleep(STEP_SECONDS)

    async def _until(self, true: Callable[[], bool], seconds: float) -> None:
        """Wait until it is true, a canary was mistaken, or the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not (true() or self.mistaken):
                    self._news.clear()
                    await self._news.wait()

    def _take(self, record: Any) -> None:
        self._news.set()
        said = read_alert(record)
        if said is None:
            if record.key in self._names:
                self.mistaken = True
                log.error(MISTAKEN)
        elif isinstance(said, Sign):
            if self.watcher.came_back(said):
                latency = max(0.0, (said.alert_ms - said.sent_ms) / 1000)
                self.telemetry.canary_latency.observe(latency)
                self.latencies[said.partition] = latency
        else:
            self.watcher.told(said)

    async def _partitions(self) -> list[int]:
        topic = self._settings.topics.requests
        self._count = (await asyncio.to_thread(topic_identity, self._settings, topic))[1]
        self.watcher.expect(range(self._count))
        return list(range(self._count))

    async def _send(self, partitions: Iterable[int]) -> None:
        sender = BatchSender(lambda: self._producer)
        if len(self._names) > MOST_NAMES:
            self._names.clear()
        for partition in partitions:
            if self.mistaken:
                return
            name = name_of(partition, self._count, self._now_ms())
            key = name.tenant.encode()
            records = [(key, record) for record in burst(name, self._key)]
            self._names.add(key)
            self.watcher.sent(partition, name.sent_ms)
            self.telemetry.canaries_sent.inc()
            await asyncio.wait_for(sender.send(self._settings.topics.requests, partition, records), ANSWER_SECONDS)
            if not self.latencies:
                await self._until(lambda: bool(self.latencies), ANSWER_SECONDS)

    async def _publish(self, line: Blindness) -> None:
        assert self._producer is not None  # noqa: S101 - `_tell` has looked
        topic, key = self._settings.topics.alerts, f"canary.{line.partition}".encode()
        sending = self._producer.send_and_wait(topic, blindness_alert(line), key=key, headers=blindness_headers(line))
        await asyncio.wait_for(sending, ANSWER_SECONDS)

    async def _connect(self) -> None:
        producer = AIOKafkaProducer(**self._connection, acks="all", enable_idempotence=True)
        try:
            await producer.start()
        except KafkaError as error:
            await producer.stop()
            raise RetryLater(f"Kafka does not answer ({type(error).__name__}); is it running?") from None
        self._producer = producer

    async def _close(self) -> None:
        await self._alerts.stop()
        producer, self._producer = self._producer, None
        if producer is not None:
            await asyncio.wait([asyncio.create_task(producer.stop())], timeout=2.0)

    def _now_ms(self) -> int:
        return round(self._clock() * 1000)

    def _health(self) -> Health:
        now_ms = self._now_ms()
        wrong = {partition: cause for partition, cause in self.watcher.blind(now_ms).items() if cause is not None}
        degraded = [f"blind in partition {partition}: canary {cause.value}" for partition, cause in wrong.items()]
        if self.mistaken:
            degraded.append(MISTAKEN)
        ages = {str(partition): round(age / 1000, 1) for partition, age in self.watcher.ages_ms(now_ms).items()}
        return Health(ok=True, details={"degraded": degraded, "canary_age_seconds": ages})
