"""What is done to the line, one thing a minute."""

import threading
from collections.abc import Callable
from pathlib import Path

from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from streams.kafka_client import kafka_python_settings
from streams.lag import committed_offsets
from streams.local.clickhouse import LocalClickHouse
from streams.local.kafka import LocalKafka
from streams.replay import replay
from streams.settings import Settings
from streams.simulation.rubbish import rubbish
from tests.integration.drill import Kept, WorkerProcess, pass_time, wait_until
from tests.integration.proxy import Proxy

AWAY_SECONDS, BROKER_AWAY_SECONDS = 20.0, 5.0
RUBBISH, SET_BACK = 500, 2000


class Line:
    """A worker that is started again whenever it ends, and all that it stands on; `dead` are the bad records sent so far."""

    def __init__(
        self, settings: Settings, kafka: LocalKafka, clickhouse: LocalClickHouse, proxy: Proxy, logs: Path
    ) -> None:
        self.settings, self._kafka, self._clickhouse, self._proxy, self._logs = settings, kafka, clickhouse, proxy, logs
        self.kept = Kept(settings, logs / "worker.log")
        self.dead: list[bytes] = []
        self._lock = threading.Lock()
        self._seconds = 0

    def look_after(self) -> int:
        """Start the worker again if it has ended; its process."""
        with self._lock:
            self.kept.has(lambda _: True)
            return self.kept.worker.process.pid

    def end(self) -> None:
        """Leave no worker running."""
        for worker in WorkerProcess.started:
            if worker.process.poll() is None:
                worker.kill()

    def kill_the_worker(self) -> None:
        """kill -9; it is started again at once."""
        self.kept.worker.kill()

    def take_clickhouse_away(self) -> None:
        """kill -9 of ClickHouse, for twenty seconds."""
        self._clickhouse.kill()
        try:
            pass_time(AWAY_SECONDS)
        finally:
            self._clickhouse.start()

    def slow_clickhouse(self) -> None:
        """Each insert takes two seconds, for twenty."""
        self._proxy.trouble = "slow"
        pass_time(AWAY_SECONDS)
        self._proxy.trouble = "none"

    def take_the_broker_away(self) -> None:
        """kill -9 of the broker, for five seconds."""
        self._kafka.kill()
        try:
            pass_time(BROKER_AWAY_SECONDS)
        finally:
            self._kafka.start()

    def join_and_leave(self) -> None:
        """A second worker takes half of the partitions and is stopped again."""
        self._seconds += 1
        second = WorkerProcess(self.settings, self._logs / f"second-{self._seconds}.log", "--role", "judge")
        wait_until(lambda: "partition restored" in second.text(), second)
        pass_time(5)
        assert second.stop() == 0, second.text()[-2000:]

    def send_rubbish(self) -> None:
        """Some hundred records that are no events."""
        bad = [record for record in rubbish(len(self.dead), RUBBISH) if len(record) < 1_000_000]
        self.dead += bad
        replay(bad, self.settings)

    def deliver_again(self) -> None:
        """Stop the worker, set the offsets of its group back, start it."""
        with self._lock:
            if self.kept.worker.process.poll() is None:
                self.kept.worker.stop()
            self._set_back()
            self.kept.start()

    def _set_back(self) -> None:
        settings = self.settings
        offsets = {
            TopicPartition(settings.topics.requests, index): OffsetAndMetadata(max(0, at - SET_BACK), "", -1)
            for index, at in committed_offsets(settings, settings.worker.group).items()
        }
        consumer = KafkaConsumer(**kafka_python_settings(settings.kafka), group_id=settings.worker.group)
        try:
            consumer.commit(offsets)
        finally:
            consumer.close()


#: In turn, from the second minute on.
FAULTS: tuple[tuple[str, Callable[[Line], None]], ...] = (
    ("worker killed", Line.kill_the_worker),
    ("ClickHouse away, 20 s", Line.take_clickhouse_away),
    ("second worker joins, leaves", Line.join_and_leave),
    ("broker killed, 5 s away", Line.take_the_broker_away),
    ("500 bad records", Line.send_rubbish),
    ("ClickHouse slow, 20 s", Line.slow_clickhouse),
    ("2,000 delivered again a partition", Line.deliver_again),
)
