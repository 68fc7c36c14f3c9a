"""The command line of the soak."""

import os
import re
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from schemas.topics import TOPICS
from streams.local.clickhouse import LocalClickHouse
from streams.local.kafka import LocalKafka, default_jars
from streams.local.ports import free_ports
from streams.settings import PREFIX, Settings
from tests.benchmarks.command import check_writable, run_app, say, write
from tests.benchmarks.quality.process import ROOT
from tests.benchmarks.soak.report import markdown as page
from tests.benchmarks.soak.run import soak as run
from tests.integration.stage import EAGER

app = typer.Typer(add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False)
#: Limits that the traffic reaches within minutes: tenants sleep, wait on disk and are forgotten, and come back from there.
WORKER = {
    "checkpoint_seconds": 1.0,
    "session_timeout_seconds": 6.0,
    "secret": "a secret for the soak only",
    "hydrated_tenants": 320,
    "tenants_in_memory": 600,
}
FORGET_DAYS = 30


@app.command(context_settings={"help_option_names": ["-h", "--help"]})
def soak(
    *,
    minutes: Annotated[int, typer.Option(min=2, help="how long; from the second minute on each has a fault")] = 30,
    rate: Annotated[
        float | None, typer.Option(min=1, help="events a second; half of what is measured before, when absent")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="write everything here as JSON")] = None,
    markdown: Annotated[Path | None, typer.Option(help="write the table here as Markdown")] = None,
) -> None:
    """Run a worker at half load on a real Kafka and ClickHouse, disturb it every minute, and prove that nothing was lost.

    The worker keeps 320 tenants awake, 600 in memory, the others on disk, and forgets whom it has not seen for 30 days.
    In turn: the worker killed, ClickHouse away, a second worker joins and leaves, the broker killed, bad records, ClickHouse slow, records
    delivered again. Then totals and windows per tenant (on the topic and in ClickHouse), findings byte for byte, members of
    campaigns and dead letters are compared with a backtest of the same records. Exit code 1 when anything differs.

    Example: `deploy/benchmark soak --minutes 30 --markdown soak.md --json soak.json`
    """
    check_writable(json, markdown)
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="soak-") as directory:
        place, first = Path(directory), free_ports(3)
        kafka = LocalKafka(place, first, heap_mb=768, jars=default_jars(ROOT / ".distillwatch"))
        clickhouse = LocalClickHouse(place, first + 2)
        try:
            kafka.start()
            clickhouse.start()
            report = run(kafka, clickhouse, _settings(kafka, place), place, minutes, rate, say)
        finally:
            clickhouse.stop()
            kafka.stop()
    write(report, page(report), json, markdown)
    typer.echo(page(report))
    raise typer.Exit(1 if report.wrong else 0)


def _settings(kafka: LocalKafka, place: Path) -> Any:
    def make(name: str, clickhouse_port: int) -> Settings:
        return Settings(
            kafka={"bootstrap_servers": kafka.address},
            topics={topic.role: f"{name}.{topic.role}" for topic in TOPICS} | {"partitions": 8},
            clickhouse={"port": clickhouse_port, "database": re.sub(r"\W", "_", name)},
            worker=WORKER | {"group": name},
            judgement=EAGER | {"forget_days": FORGET_DAYS},
            calibration={"least_tenants": 1_000_000},  # the comparison is with a judgement that adopts nothing
            watch={"port": 0},
            local={"directory": place / "local"},
        )

    return make


if __name__ == "__main__":
    run_app(app, "deploy/benchmark soak")
