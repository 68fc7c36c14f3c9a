"""A worker: the applications, what they need, and how they end."""

import asyncio
import gc
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from aiokafka.errors import KafkaError

from models.campaigns.correlator import Correlator
from models.references import References
from schemas.errors import BadRecord, DistillwatchError
from streams.applications import correlating, judging, learning, new_application, sinking
from streams.batches import BatchSender
from streams.calibrator import Calibrator
from streams.campaigns import Campaigns
from streams.checkpoints import CheckpointLog
from streams.clickhouse.rows import RowStore
from streams.configuration import campaign_config, judgement_config, mind_of
from streams.controls import Controls
from streams.delivery import App, in_our_words
from streams.event_lag import degraded
from streams.feedback import Learner
from streams.feedback_evidence import FindingsTold
from streams.follower import Follower
from streams.kafka_client import aiokafka_settings
from streams.logs import logger
from streams.own_days import OwnTraffic
from streams.pipeline import Pipeline
from streams.publisher import Publisher
from streams.secret import load_secret
from streams.settings import Settings
from streams.sink import Sink
from streams.state_directory import StateDirectory, temporary_directory
from streams.telemetry import Telemetry
from streams.topic_copies import TopicCopies
from streams.topic_limits import most_dead_bytes
from streams.topic_reader import read_between
from streams.topics import topic_identity
from streams.watch import Health, Watch

log = logger(__name__)

STOP_SECONDS = 20.0

Role = Literal["all", "judge", "campaigns", "sink"]


class Worker:
    """One process that judges (`judge`), searches for campaigns and learns (`campaigns`), stores rows and calibrates (`sink`), or all.

    `past` maps a partition to the offset up to which the dead-letter limit is not applied; `forget_campaigns` begins the search anew
    when its topic was recreated. `run` returns after a clean stop and
    raises what ended the worker otherwise; it commits nothing that is not safe, whichever way it ends.
    """

    def __init__(
        self,
        settings: Settings,
        role: Role = "all",
        past: dict[int, int] | None = None,
        *,
        forget_campaigns: bool = False,
    ) -> None:
        self._settings, self._past = settings, past or {}
        self.telemetry = Telemetry()
        self._most_dead_bytes = most_dead_bytes(settings)
        self._data = temporary_directory("distillwatch")
        self._stop = asyncio.Event()
        self._apps: list[App] = []
        self._pipeline: Pipeline | None = None
        self._state: StateDirectory | None = None
        self._copies: TopicCopies | None = None
        self._campaigns: Campaigns | None = None
        self._learner: Learner | None = None
        self._followers: list[Follower] = []
        self._sink: Sink | None = None
        self._calibrator: Calibrator | None = None
        if role in {"all", "judge"}:
            self._add_judge()
        if role in {"all", "campaigns"}:
            self._add_campaigns(forget=forget_campaigns)
            self._add_learner()
        if role in {"all", "sink"}:
            self._add_sink()

    async def run(self, on_ready: Callable[[int], None] = lambda _: None) -> None:
        """Work until SIGTERM, SIGINT or a failure; `on_ready` is called with the port of metrics and health."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        watch = Watch(self._settings.watch, self.telemetry, self._health, self._ready)
        port = await watch.start()
        gc.freeze()  # modules and tables stay as they are: looking at them again takes a tenth of a second each time
        try:
            for app in self._apps:
                await app.start()
            on_ready(port)
            if self._copies is not None:
                self._copies.start()
            await self._until_stopped()
        except KafkaError as error:  # it went away while we started
            raise in_our_words(error, self._settings.worker.instance) from None
        finally:
            await self._end(watch)
        self._raise_crash()

    def stop(self) -> None:
        """Ask for a clean stop."""
        self._stop.set()

    # -- parts --------------------------------------------------------------------------------------------------------

    def _add_judge(self) -> None:
        settings = self._settings
        topic = settings.topics.requests
        app = self._new_app(settings.worker.group)
        publisher = self._publisher(app)
        controls = Controls()
        connection, kept = aiokafka_settings(settings.kafka), settings.topics.checkpoints
        place, near, warm = settings.worker.state_directory, settings.worker.tenants_in_memory, settings.worker.warm_start
        state = self._state = StateDirectory(place, near, warm=warm)
        if warm:
            topic_id, every = topic_identity(settings, kept)[0], settings.worker.checkpoint_seconds
            self._copies = TopicCopies(state.path, connection, kept, topic_id, every)
        checkpoints = CheckpointLog(kept, BatchSender(lambda: app.producer.client), connection, self._copies)
        self._pipeline = Pipeline(
            mind=mind_of(settings.judgement, load_secret(settings), canaries=True),
            settings=settings.worker,
            identity=topic_identity(settings, topic),
            checkpoints=checkpoints,
            publisher=publisher,
            telemetry=self.telemetry,
            offsets=lambda index: app.consumer.offsets(topic, index),
            monotonic=time.monotonic,
            wall=time.time,
            past=self._past,
            controls=controls,
            read_controls=self._follow(settings.topics.control, controls.take),
            open_shelf=state.open,
            close_shelf=self._close_shelf,
        )
        judging(app, topic, self._pipeline)

    def _close_shelf(self, partition: int) -> None:
        if self._state is not None:
            self._state.close(partition)
        if self._copies is not None:
            self._copies.close(partition)

    def _add_campaigns(self, *, forget: bool) -> None:
        settings, topic = self._settings, self._settings.topics.signals
        app = self._new_app(settings.worker.group + "-campaigns")
        mind = mind_of(settings.judgement, load_secret(settings))
        config = campaign_config(settings.campaigns, mind)
        partitions = topic_identity(settings, settings.topics.requests)[1]
        connection = aiokafka_settings(settings.kafka)
        self._campaigns = Campaigns(
            new=lambda: Correlator(config, mind.versions, partitions),
            expiry_ms=config.expiry_ms,
            topic_id=topic_identity(settings, topic)[0],
            memory=CheckpointLog(settings.topics.checkpoints, BatchSender(lambda: app.producer.client), connection),
            read=lambda begin, end: read_between(connection, topic, 0, begin, end),
            publisher=self._publisher(app),
            telemetry=self.telemetry,
            offsets=lambda: app.consumer.offsets(topic, 0),
            forget=forget,
        )
        correlating(app, topic, self._campaigns)

    def _add_learner(self) -> None:
        settings, topic = self._settings, self._settings.topics.feedback
        app = self._new_app(settings.worker.group + "-feedback")
        connection, controls = aiokafka_settings(settings.kafka), Controls()
        told = FindingsTold(settings.feedback.most_findings)
        self._learner = Learner(
            topic_id=topic_identity(settings, topic)[0],
            store=CheckpointLog(settings.topics.checkpoints, BatchSender(lambda: app.producer.client), connection),
            read=lambda begin, end: read_between(connection, topic, 0, begin, end),
            controls=controls,
            read_controls=self._follow(settings.topics.control, controls.take),
            told=told,
            read_alerts=self._follow(settings.topics.alerts, told.take),
            publisher=self._publisher(app),
            telemetry=self.telemetry,
            offsets=lambda: app.consumer.offsets(topic, 0),
            monotonic=time.monotonic,
            publish_seconds=settings.feedback.publish_seconds,
        )
        learning(app, topic, self._learner)

    def _follow(self, topic: str, take: Callable[[Any], None]) -> Callable[[], Awaitable[None]]:
        """What reads a topic up to its present end, a record once; raises `RefusedToStart` when the topic is missing."""
        topic_identity(self._settings, topic)
        follower = Follower(aiokafka_settings(self._settings.kafka), topic, take)
        self._followers.append(follower)
        return follower.catch_up

    def _add_sink(self) -> None:
        settings = self._settings
        app = self._new_app(settings.worker.group + "-sink")

        async def dead(record: Any, error: BadRecord) -> None:
            headers = [("dw_reason", error.reason.encode()), ("dw_detail", str(error).encode())]
            await app.producer.client.send_and_wait(
                settings.topics.rows_dead, record.value, key=record.key, headers=headers
            )

        self._sink = Sink(settings.clickhouse, RowStore(settings.clickhouse), self.telemetry, dead, time.monotonic)
        controls = Controls()
        config = judgement_config(settings.judgement)
        self._calibrator = Calibrator(
            settings.calibration,
            OwnTraffic(settings.clickhouse, settings.calibration, References.shipped(), config),
            controls,
            self._follow(settings.topics.control, controls.take),
            self._publisher(app),
            self.telemetry,
            time.monotonic,
        )
        sinking(app, settings.topics.rows, self._sink, self._calibrator)

    def _publisher(self, app: App) -> Publisher:
        return Publisher(self._settings.topics, lambda: app.producer.client, self.telemetry, self._most_dead_bytes)

    def _new_app(self, group: str) -> App:
        app = new_application(group, self._settings, self._data.name)
        app.batch_records = self._settings.worker.batch_records
        self._apps.append(app)
        return app

    # -- life ---------------------------------------------------------------------------------------------------------

    async def _until_stopped(self) -> None:
        crashes = [
            asyncio.create_task(app._crashed.wait()) for app in self._apps
        ]  # Faust offers no public event for it
        waits = [asyncio.create_task(self._stop.wait()), *crashes]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def _end(self, watch: Watch) -> None:
        for app in reversed(self._apps):
            try:
                await asyncio.wait_for(app.stop(), STOP_SECONDS)
            except TimeoutError:  # Kafka is away: what is not durable will be judged again
                log.warning("the application did not stop in time; its end is forced", seconds=STOP_SECONDS)
        for follower in self._followers:
            await follower.stop()
        await watch.stop()
        if self._copies is not None:
            await self._copies.stop()
        if self._state is not None:
            self._state.end()
        self._data.cleanup()

    def _raise_crash(self) -> None:
        reasons = [app.crash_reason for app in self._apps if app.crash_reason is not None]
        if reasons:
            ours = [reason for reason in reasons if isinstance(reason, DistillwatchError)]
            reason = (ours or reasons)[0]
            if isinstance(reason, KafkaError):
                raise in_our_words(reason, self._settings.worker.instance) from None
            raise reason

    # -- seen from outside --------------------------------------------------------------------------------------------

    def _health(self) -> Health:
        reasons = tuple(f"application {app.conf.id} crashed" for app in self._apps if app.crash_reason is not None)
        details: dict[str, Any] = {}
        if self._pipeline is not None:
            most = self._settings.canary.most_lag_seconds
            details |= self._pipeline.details() | {"degraded": degraded(self._pipeline.event_lags(), most)}
            if self._pipeline.skipping:
                reasons += (
                    f"every record is skipped as a replay: partitions {self._pipeline.skipping}; were offsets set back?",
                )
        if self._campaigns is not None:
            details |= self._campaigns.details()
        if self._learner is not None:
            details |= self._learner.details()
        if self._sink is not None:
            details["sink_trouble"] = self._sink.trouble
        if self._calibrator is not None:
            details |= self._calibrator.details()
        return Health(ok=not reasons, reasons=reasons, details=details)

    def _ready(self) -> Health:
        restoring = self._pipeline.restoring if self._pipeline is not None else []
        reasons: tuple[str, ...] = (f"state is being restored: partitions {restoring}",) if restoring else ()
        if self._campaigns is not None and self._campaigns.restoring:
            reasons += ("the open campaigns are being restored",)
        return Health(ok=not reasons, reasons=reasons)
