"""CPU of a worker per event, by stage, on a real Kafka and the real ClickHouse engine.

    .venv/bin/python -m tests.benchmarks.worker_cost [EVENTS.jsonl] [--role judge|all]

Without a file it takes the simulator's traffic (three days, 40 tenants, six campaigns, seed 1). They are sent once the
worker is up, faster than it judges, so it is measured saturated from the first to the last. CPU time is the operating system's, of the
whole process.
"""

import argparse
import http.client
import json
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from streams.clickhouse.migrations import migrate
from streams.files import RecordFile
from streams.local.clickhouse import LocalClickHouse
from streams.local.kafka import LocalKafka, default_jars
from streams.local.ports import free_ports
from streams.replay import replay
from streams.settings import Settings
from streams.simulation import Simulation, simulate
from streams.telemetry import samples
from streams.topics import create_topics
from tests.integration.drill import WorkerProcess, judged, stored, wait_until

STAGES = ("decode", "judge", "checkpoint")


def metrics(port: int) -> dict[str, float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/metrics")
    return samples(connection.getresponse().read())


def measure(events: str | None, role: str) -> dict[str, float]:
    """Run once; microseconds of CPU per event by stage, and the rest: delivery, publishing, acknowledging, the sink."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        first = free_ports(4)
        kafka = LocalKafka(place, first, jars=default_jars(Path(".distillwatch").absolute()))
        clickhouse = LocalClickHouse(place, first + 2)
        stack.callback(kafka.stop)
        stack.callback(clickhouse.stop)
        kafka.start()
        clickhouse.start()
        settings = Settings(
            kafka={"bootstrap_servers": kafka.address},
            clickhouse={"port": clickhouse.port},
            worker={"secret": "a secret for the benchmark"},
            watch={"port": first + 3},
            local={"directory": place / "local"},
        )
        create_topics(settings)
        migrate(settings.clickhouse)
        return _run(settings, role, RecordFile(events) if events else simulate(Simulation())[0], place)


def _run(settings: Settings, role: str, records: Iterable[bytes], place: Path) -> dict[str, float]:
    worker = WorkerProcess(settings, place / "worker.log", "--role", role)
    wait_until(lambda: "worker is up" in worker.text(), worker)
    before = metrics(settings.watch.port)
    sent = replay(records, settings).sent
    wait_until(lambda: judged(settings) and (role == "judge" or stored(settings)), worker, seconds=1200)
    after = metrics(settings.watch.port)
    worker.stop()
    cpu = after["process_cpu_seconds_total"] - before["process_cpu_seconds_total"]
    result = {"events": float(sent), "total": cpu / sent * 1e6}
    for stage in STAGES:
        name = f'distillwatch_stage_cpu_seconds_total{{stage="{stage}"}}'
        result[stage] = (after[name] - before.get(name, 0.0)) / sent * 1e6
    result["rest"] = result["total"] - sum(result[stage] for stage in STAGES)
    result["resident_mb"] = after["process_resident_memory_bytes"] / 1e6
    result["checkpoint_bytes_per_event"] = after["distillwatch_checkpoint_bytes_total"] / sent
    return result


def main() -> None:
    """Print the table and the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events", nargs="?")
    parser.add_argument("--role", choices=("judge", "all"), default="all")
    arguments = parser.parse_args()
    result = measure(arguments.events, arguments.role)
    print(
        f"| {' | '.join(result)} |\n|{'---|' * len(result)}\n| {' | '.join(f'{value:.1f}' for value in result.values())} |"
    )
    print(json.dumps({name: round(value, 2) for name, value in result.items()}))


if __name__ == "__main__":
    main()
