"""The demo itself: one scene after the other, and a clean end whatever happens."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import orjson
from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from schemas.errors import DistillwatchError, RetryLater
from schemas.ocsf.health import is_about_health
from streams.alert_text import describe, is_campaign
from streams.clickhouse.client import connect
from streams.clickhouse.migrations import migrate
from streams.demo.place import prepare
from streams.demo.service import WorkerService
from streams.files import RecordFile
from streams.lag import end_offsets, records_left
from streams.local import Stack
from streams.replay import replay
from streams.settings import Settings
from streams.simulation import Simulation, simulate
from streams.tail import Tail
from streams.topics import create_topics

SHOWN_ALERTS = 40


class Summary(Struct, frozen=True, kw_only=True):
    """The sums of a run; `events_in` = `events_applied` + `duplicates` + `dead_letters`.

    `findings` counts findings about tenants, `campaigns` those about campaigns, `alerts` the lines of both on the topic, `feature_rows` the
    rows of `tenant_windows`, `requests_in_rows` their requests, `seconds` the time from the first record sent to the last row stored.
    """

    events_in: int
    events_applied: int
    duplicates: int
    dead_letters: int
    findings: int
    campaigns: int
    feature_rows: int
    seconds: float
    alerts: int
    tenants: int
    requests_in_rows: int


class Demo:
    """Runs the whole line under a directory of its own; `close` ends every process that it started."""

    def __init__(self, settings: Settings, events: str | None, console: Console) -> None:
        self._events, self._console = events, console
        if events is not None:
            RecordFile(events)  # a file that cannot be read is said before anything is started
        self.settings, self.config = prepare(settings)
        self._ending = ExitStack()
        self._worker = WorkerService(self.config, self.settings.watch)
        self._sent = threading.Event()
        self._failure: DistillwatchError | None = None
        self._stopping = False
        self._findings: set[str] = set()
        self._campaigns: set[str] = set()
        self._alerts = 0

    def start(self) -> None:
        """Engines, topics, tables, worker; raises `RefusedToStart` or `RetryLater`."""
        stack = Stack(self.settings)
        self._ending.callback(stack.stop)
        stack.start(self._say)
        create_topics(self.settings)
        migrate(self.settings.clickhouse)
        self._alert_tail = Tail(self.settings, self.settings.topics.alerts, from_beginning=False)
        self._ending.callback(self._alert_tail.close)
        self._ending.callback(self._worker.stop)
        self._worker.start(self.settings.local.start_timeout_seconds)
        self._say("worker: started")

    def run(self) -> Summary:
        """Send the events, print alerts as they come, and return the sums when everything is processed and stored."""
        begun = time.monotonic()
        sending = threading.Thread(target=self._send, name="replay", daemon=True)
        sending.start()
        self._watch()
        seconds = time.monotonic() - begun
        self._show_alerts(0.5)
        return self._summary(seconds)

    def close(self) -> None:
        """Stop sending, then worker and engines, in this order."""
        self._stopping = True
        self._ending.close()

    # -- scenes -------------------------------------------------------------------------------------------------------

    def _send(self) -> None:
        try:
            replay(self._records(), self.settings)
        except DistillwatchError as error:
            self._failure = error
        self._sent.set()

    def _records(self) -> Iterator[bytes]:
        source = RecordFile(self._events) if self._events is not None else simulate(Simulation())[0]
        for record in source:
            if self._stopping:
                return
            yield record

    def _watch(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self._console, transient=True) as bar:
            judged, stored = bar.add_task("events judged", total=None), bar.add_task("rows stored", total=None)
            while not self._step(bar, judged, stored):
                self._show_alerts(0.3)

    def _step(self, bar: Progress, judged: int, stored: int) -> bool:
        """Look once; True when all is sent, judged and stored."""
        self._worker.check()
        if self._failure is not None:
            raise self._failure
        all_sent, topics, group = self._sent.is_set(), self.settings.topics, self.settings.worker.group
        try:
            left = self._progress(bar, judged, group, topics.requests)
            left += records_left(self.settings, group + "-campaigns", topics.signals)
            left += self._progress(bar, stored, group + "-sink", topics.rows)
        except RetryLater:  # the group's coordinator takes a moment on a new broker
            return False
        return all_sent and left == 0

    def _progress(self, bar: Progress, task: int, group: str, topic: str) -> int:
        left, total = records_left(self.settings, group, topic), sum(end_offsets(self.settings, topic).values())
        bar.update(task, completed=total - left, total=total)  # type: ignore[arg-type]
        return left

    def _show_alerts(self, seconds: float) -> None:
        for record in self._alert_tail.poll(seconds):
            alert = orjson.loads(record.value)
            if is_about_health(alert["finding_info"].get("types")):  # somebody runs canaries beside the demo
                continue
            self._alerts += 1
            (self._campaigns if is_campaign(alert) else self._findings).add(alert["finding_info"]["uid"])
            if self._alerts <= SHOWN_ALERTS:
                self._console.print(describe(alert))
            elif self._alerts == SHOWN_ALERTS + 1:
                self._console.print(
                    f"... more alerts than {SHOWN_ALERTS}: the others are on {self.settings.topics.alerts}", style="dim"
                )

    def _summary(self, seconds: float) -> Summary:
        said = self._worker.totals()
        client = connect(self.settings.clickhouse)
        rows, requests = client.query("SELECT count(), sum(requests) FROM tenant_windows").result_rows[0]
        client.close()
        return Summary(
            events_in=said["events_in"],
            events_applied=said["events_applied"],
            duplicates=said["duplicates"],
            dead_letters=said["dead_letters"],
            findings=len(self._findings),
            campaigns=len(self._campaigns),
            feature_rows=rows,
            seconds=round(seconds, 3),
            alerts=self._alerts,
            tenants=said["tenants"],
            requests_in_rows=requests,
        )

    def _say(self, line: str) -> None:
        self._console.print(line, style="dim", highlight=False)


def next_commands(config: Path) -> tuple[str, str, str]:
    """Three commands to try after a demo."""
    with_config = f"distillwatch --config {config}"
    return (
        f"{with_config} investigate riskiest",
        f"{with_config} investigate",
        f"{with_config} settings",
    )
