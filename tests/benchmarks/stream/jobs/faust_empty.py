"""A stock Faust application whose agent does nothing: the cost of delivery, and of decoding JSON, alone."""

import sys
from typing import Any

import faust

from tests.benchmarks.stream.jobs.place import here
from tests.benchmarks.stream.jobs.probe import Probe

place = here()
probe = Probe(place.progress)
app = faust.App(
    place.group, broker=f"kafka://{place.broker}", store="memory://", datadir=place.state, web_enabled=False
)
requests = app.topic(place.requests, key_type=bytes, value_serializer="json")


@app.agent(requests)  # type: ignore[untyped-decorator]
async def count(stream: Any) -> None:
    """Decode and count."""
    async for _ in stream:
        probe.count += 1


if __name__ == "__main__":
    sys.argv[1:] = ["worker", "-l", "warn"]
    app.main()
