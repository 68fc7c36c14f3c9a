"""The detector in a stock Faust agent, each tenant's in a table with a changelog, as Faust's documentation keeps state."""

import pickle
import sys
from typing import Any

import faust

from tests.benchmarks.stream.jobs.detector import Detector, alert
from tests.benchmarks.stream.jobs.place import here
from tests.benchmarks.stream.jobs.probe import Probe

place = here()
probe = Probe(place.progress)
app = faust.App(
    place.group,
    broker=f"kafka://{place.broker}",
    store="memory://",
    datadir=place.state,
    web_enabled=False,
    topic_partitions=int(place.partitions),
    topic_replication_factor=1,
)
requests = app.topic(place.requests, key_type=bytes, value_serializer="json")
alerts = app.topic(place.alerts, value_serializer="json")
detectors = app.Table("detectors", key_type=bytes, value_type=bytes)


@app.agent(requests)  # type: ignore[untyped-decorator]
async def judge(stream: Any) -> None:
    """Take a tenant's detector out of the table, use it, put it back."""
    async for event in stream.events():
        request, key = event.value, event.key
        kept = detectors.get(key)
        detector = pickle.loads(kept) if kept else Detector()  # noqa: S301 - a rival keeps it as its users would; ours reads no pickle
        score = detector.judge(request)
        detectors[key] = pickle.dumps(detector)
        if score is not None:
            appended_ms = round(event.message.timestamp * 1000)
            await alerts.send(key=key, value=alert(request, score, appended_ms))
        probe.count += 1


if __name__ == "__main__":
    sys.argv[1:] = ["worker", "-l", "warn"]
    app.main()
