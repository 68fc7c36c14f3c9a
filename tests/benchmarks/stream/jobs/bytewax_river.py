"""The detector in Bytewax: a stateful step keyed by tenant, snapshots every five seconds for recovery (at least once)."""

from datetime import timedelta
from typing import Any

import orjson
from bytewax import operators
from bytewax.connectors.kafka import KafkaSinkMessage
from bytewax.connectors.kafka import operators as kafka
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main

from tests.benchmarks.stream.jobs.detector import Detector, alert, encoded
from tests.benchmarks.stream.jobs.place import here
from tests.benchmarks.stream.jobs.probe import Probe

SNAPSHOT_SECONDS = 5.0

place = here()
probe = Probe(place.progress)


def judge(detector: Detector | None, message: Any) -> tuple[Detector, list[tuple[bytes | None, bytes]]]:
    """Use a tenant's detector; Bytewax keeps and snapshots it."""
    detector = detector or Detector()
    request = orjson.loads(message.value or b"")
    score = detector.judge(request)
    probe.count += 1
    if score is None:
        return detector, []
    appended_ms = message.timestamp[1] if message.timestamp else 0
    return detector, [(message.key, encoded(alert(request, score, appended_ms)))]


flow = Dataflow("judge")
source = kafka.input("requests", flow, brokers=[place.broker], topics=[place.requests])
keyed = operators.key_on("by tenant", source.oks, lambda message: (message.key or b"").decode())
judged = operators.stateful_flat_map("judge", keyed, judge)
sink = operators.map("message", judged, lambda pair: KafkaSinkMessage(pair[1][0], pair[1][1]))
kafka.output("alerts", sink, brokers=[place.broker], topic=place.alerts)


if __name__ == "__main__":
    init_db_dir(place.state_directory, 1)
    recovery = RecoveryConfig(place.state_directory, timedelta(0))
    cli_main(flow, epoch_interval=timedelta(seconds=SNAPSHOT_SECONDS), recovery_config=recovery)
