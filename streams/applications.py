"""The Faust applications: judging requests, searching for campaigns, learning, bringing rows to ClickHouse; each agent is a few lines."""

from typing import Any

import faust

from streams.calibrator import Calibrator
from streams.campaigns import Campaigns
from streams.delivery import App, BatchSchema
from streams.feedback import Learner
from streams.kafka_client import faust_broker_credentials, faust_broker_url
from streams.pipeline import Pipeline
from streams.settings import Settings
from streams.sink import Sink
from streams.topic_limits import MOST_REQUEST_BYTES

TICK_SECONDS = 0.5
QUEUED_BATCHES = 16


def new_application(group: str, settings: Settings, data_directory: str) -> App:
    """A Faust application of ours in this consumer group; nothing is declared, served or stored by Faust itself."""
    worker = settings.worker
    return App(
        group,
        broker=faust_broker_url(settings.kafka),
        broker_credentials=faust_broker_credentials(settings.kafka),
        broker_session_timeout=worker.session_timeout_seconds,
        broker_heartbeat_interval=min(3.0, worker.session_timeout_seconds / 3),
        broker_commit_interval=1.0,
        broker_request_timeout=max(90.0, worker.session_timeout_seconds + 1),
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=worker.instance and f"{worker.instance}-{group}",
        # A broker that has just started may not name a topic yet: partitions that were not dealt for that wait until it is asked again.
        consumer_metadata_max_age_ms=10_000,
        consumer_max_fetch_size=4_194_304,
        producer_acks=-1,
        producer_compression_type="zstd",
        producer_linger=0,
        producer_max_batch_size=524_288,
        producer_max_request_size=MOST_REQUEST_BYTES,
        producer_request_timeout=300.0,
        stream_buffer_maxsize=QUEUED_BATCHES,
        stream_wait_empty=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        autodiscover=False,
        store="memory://",
        datadir=data_directory,
    )


def judging(app: App, topic: str, pipeline: Pipeline) -> None:
    """Let the application judge the requests topic."""

    @app.agent(app.topic(topic, schema=BatchSchema()), name="judge")  # type: ignore[untyped-decorator]
    async def judge(stream: faust.StreamT[Any]) -> None:
        async for batch in stream.noack().events():
            await pipeline.handle(batch)

    @app.timer(TICK_SECONDS)  # type: ignore[untyped-decorator]
    async def tick() -> None:
        await pipeline.tick()

    async def assigned(_: Any, partitions: set[Any], **__: Any) -> None:
        pipeline.take(tp.partition for tp in partitions if tp.topic == topic)

    async def before_release(partitions: set[Any]) -> None:
        await pipeline.release(tp.partition for tp in partitions if tp.topic == topic)

    app.on_partitions_assigned.connect(assigned, weak=False)
    app.before_release = before_release


def correlating(app: App, topic: str, campaigns: Campaigns) -> None:
    """Let the application search the signals topic for campaigns."""

    @app.agent(app.topic(topic, schema=BatchSchema()), name="campaigns")  # type: ignore[untyped-decorator]
    async def correlate(stream: faust.StreamT[Any]) -> None:
        async for batch in stream.noack().events():
            await campaigns.handle(batch)

    @app.timer(TICK_SECONDS)  # type: ignore[untyped-decorator]
    async def tick() -> None:
        await campaigns.tick()

    async def assigned(_: Any, partitions: set[Any], **__: Any) -> None:
        campaigns.take(tp.partition for tp in partitions if tp.topic == topic)

    async def before_release(partitions: set[Any]) -> None:
        await campaigns.release(tp.partition for tp in partitions if tp.topic == topic)

    app.on_partitions_assigned.connect(assigned, weak=False)
    app.before_release = before_release


def learning(app: App, topic: str, learner: Learner) -> None:
    """Let the application learn from the feedback topic."""

    @app.agent(app.topic(topic, schema=BatchSchema()), name="learn")  # type: ignore[untyped-decorator]
    async def learn(stream: faust.StreamT[Any]) -> None:
        async for batch in stream.noack().events():
            await learner.handle(batch)

    @app.timer(TICK_SECONDS)  # type: ignore[untyped-decorator]
    async def tick() -> None:
        await learner.tick()

    async def assigned(_: Any, partitions: set[Any], **__: Any) -> None:
        learner.take(tp.partition for tp in partitions if tp.topic == topic)

    async def before_release(partitions: set[Any]) -> None:
        await learner.release(tp.partition for tp in partitions if tp.topic == topic)

    app.on_partitions_assigned.connect(assigned, weak=False)
    app.before_release = before_release


def sinking(app: App, topic: str, sink: Sink, calibrator: Calibrator) -> None:
    """Let the application bring the rows topic to ClickHouse, and calibrate by what is there."""

    @app.agent(app.topic(topic, schema=BatchSchema()), name="sink")  # type: ignore[untyped-decorator]
    async def store(stream: faust.StreamT[Any]) -> None:
        async for batch in stream.noack().events():
            await sink.handle(batch)

    @app.timer(TICK_SECONDS)  # type: ignore[untyped-decorator]
    async def tick() -> None:
        await sink.tick()
        await calibrator.tick()

    async def assigned(_: Any, partitions: set[Any], **__: Any) -> None:
        calibrator.take(tp.partition for tp in partitions if tp.topic == topic)

    async def before_release(partitions: set[Any]) -> None:
        await calibrator.release([tp.partition for tp in partitions if tp.topic == topic])
        await sink.flush()

    app.on_partitions_assigned.connect(assigned, weak=False)
    app.before_release = before_release
