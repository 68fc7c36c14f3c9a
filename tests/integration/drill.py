"""What the drills share: workers as processes of their own, and what they left on the topics."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar

import msgspec
import orjson
from pydantic import BaseModel, SecretStr

from models.adoptions import Adoption
from models.snapshot import unpack_partition, unpack_tenant
from schemas import ocsf
from schemas.campaign import CampaignFinding
from schemas.errors import RetryLater
from schemas.finding import Finding
from schemas.rows import FindingRow, TenantWindow, decode_row
from streams.alert_text import is_campaign
from streams.backtest import Backtest
from streams.checkpoint_records import ADOPTED, CAMPAIGNS, FEEDBACK, unpack_adoptions
from streams.configuration import mind_of
from streams.lag import records_left
from streams.secret import load_secret
from streams.settings import PREFIX, Settings
from streams.tail import read_topic

PATIENCE_SECONDS = 120.0
Key = tuple[str, int, int]


def environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables."""
    out = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    for branch in Settings.model_fields:
        piece: BaseModel = getattr(settings, branch)
        for name in type(piece).model_fields:
            value = getattr(piece, name)
            if value is not None:
                text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
                out[f"{PREFIX}{branch}__{name}".upper()] = text
    return out


class WorkerProcess:
    """A worker as the command line starts it; its log is a file. `started` are all of them, so that none outlives its test."""

    started: ClassVar[list["WorkerProcess"]] = []
    command = "worker"

    def __init__(self, settings: Settings, log: Path, *arguments: str) -> None:
        self._out = log.open("ab")
        self._begins = log.stat().st_size  # the log of several workers may be one
        self.log = log
        self.process = subprocess.Popen(
            [sys.executable, "-m", "streams.cli", self.command, *arguments],
            env=environment(settings),
            stdout=self._out,
            stderr=self._out,
        )

        self.started.append(self)

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM once it is up; the exit code. Before that Python itself ends it, uncleanly and with nothing to lose."""
        wait_until(lambda: f"{self.command} is up".encode() in self.log.read_bytes()[self._begins :], self)
        return self._end(signal.SIGTERM)

    def wait(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Until it ends by itself; the exit code."""
        try:
            return self.process.wait(seconds)
        finally:
            self._out.close()

    def text(self) -> str:
        """What it has said so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _end(self, number: signal.Signals) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait(30)


class Kept:
    """A worker that is started again whenever it ends, as a supervisor of services does."""

    def __init__(self, settings: Settings, log: Path, *arguments: str) -> None:
        self._settings, self._log, self._arguments = settings, log, arguments
        self.restarts = -1
        self.start()

    def start(self) -> None:
        """Begin anew."""
        self.restarts += 1
        self.worker = WorkerProcess(self._settings, self._log, *self._arguments)

    def has(self, done: Callable[[Settings], bool]) -> bool:
        """Whether it is done; starts it again when it has ended."""
        if self.worker.process.poll() is not None:
            self.start()
        return done(self._settings)


def pass_time(seconds: float) -> None:
    """Let a fault last."""
    threading.Event().wait(seconds)


def wait_until(
    condition: Callable[[], bool], worker: WorkerProcess | None = None, seconds: float = PATIENCE_SECONDS
) -> None:
    """Look again and again until it holds; fails when a worker has ended meanwhile or patience has."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert worker is None or worker.process.poll() is None, worker and worker.text()[-4000:]
        assert time.monotonic() < deadline, worker and worker.text()[-4000:]
        pause.wait(0.2)


def judged(settings: Settings) -> bool:
    """Whether every record of the requests topic is judged and safe."""
    return _nothing_left(settings, settings.worker.group, settings.topics.requests)


def stored(settings: Settings) -> bool:
    """Whether every row is in ClickHouse."""
    return _nothing_left(settings, settings.worker.group + "-sink", settings.topics.rows)


def searched(settings: Settings) -> bool:
    """Whether every signal has been searched for campaigns."""
    return _nothing_left(settings, settings.worker.group + "-campaigns", settings.topics.signals)


def _nothing_left(settings: Settings, group: str, topic: str) -> bool:
    try:
        return records_left(settings, group, topic) == 0
    except RetryLater:  # the coordinator of a group takes a moment when the broker is young
        return False


def windows_on(settings: Settings) -> dict[Key, TenantWindow]:
    """The newest version of each window on the rows topic."""
    newest: dict[Key, TenantWindow] = {}
    for record in read_topic(settings, settings.topics.rows):
        row = decode_row(record.value)
        if not isinstance(row, TenantWindow):
            continue
        key = (row.tenant, row.window_start_ms, row.source_partition)
        if key not in newest or newest[key].version <= row.version:
            newest[key] = row
    return newest


def finding_rows_on(settings: Settings) -> set[str]:
    """The ids of the lines of findings on the rows topic."""
    rows = (decode_row(record.value) for record in read_topic(settings, settings.topics.rows))
    return {row.line_uid for row in rows if isinstance(row, FindingRow)}


def alerts_on(settings: Settings, *, campaigns: bool = False) -> dict[str, bytes]:
    """The alerts about tenants, or campaigns, by the id of their line; a repetition must be equal to the letter."""
    alerts: dict[str, bytes] = {}
    for record in read_topic(settings, settings.topics.alerts):
        alert = orjson.loads(record.value)
        if is_campaign(alert) is not campaigns:
            continue
        uid = alert["metadata"]["uid"]
        assert alerts.setdefault(uid, record.value) == record.value
    return alerts


def totals_on(settings: Settings) -> dict[str, int]:
    """What the checkpoint topic says became of the records: applied, duplicates, dead letters."""
    newest: dict[tuple[int, bytes], bytes] = {}
    for record in read_topic(settings, settings.topics.checkpoints):
        if record.value is None:  # left behind by a re-homing
            newest.pop((record.partition, record.key), None)
            continue
        known = newest.get((record.partition, record.key))
        if known is None or _position(known) <= _position(record.value):
            newest[record.partition, record.key] = record.value
    totals = {"applied": 0, "duplicates": 0, "dead_letters": 0}
    marks = {index: unpack_partition(value[8:]) for (index, key), value in newest.items() if key.startswith(b"mark")}
    for (index, key), value in newest.items():
        if key in (CAMPAIGNS, FEEDBACK) or key.startswith(ADOPTED):
            continue
        if key.startswith(b"mark"):
            totals["dead_letters"] += sum(marks[index].dead_letters.values())
            totals["applied"] += marks[index].forgotten.applied
            totals["duplicates"] += marks[index].forgotten.duplicates
        elif index not in marks or not marks[index].counts(unpack_tenant(value[8:])):
            state = unpack_tenant(value[8:])
            totals["applied"] += state.applied
            totals["duplicates"] += state.duplicates
    return totals


def adoptions_on(settings: Settings) -> dict[int, list[Adoption]]:
    """Every adoption that was ever durable, by partition, in the order of their offsets; none contradicts another."""
    found: dict[int, dict[int, Adoption]] = {}
    for record in read_topic(settings, settings.topics.checkpoints):
        if record.key.startswith(ADOPTED) and record.value is not None:
            for one in unpack_adoptions(record.value[8:]):
                assert found.setdefault(record.partition, {}).setdefault(one.first_offset, one) == one
    return {partition: [held[at] for at in sorted(held)] for partition, held in found.items()}


def _position(value: bytes) -> int:
    return int.from_bytes(value[:8], "big", signed=True)


class Expected:
    """What an undisturbed run gives, by backtest with the worker's secret: alerts by id, windows by key, totals."""

    def __init__(
        self, settings: Settings, records: Iterable[bytes], adoptions: dict[int, list[Adoption]] | None = None
    ) -> None:
        self.alerts: dict[str, bytes] = {}
        self.campaigns: list[CampaignFinding] = []
        mind = mind_of(settings.judgement, load_secret(settings))
        run = Backtest(mind, settings.topics.partitions, self._alert)
        for partition, adopted in (adoptions or {}).items():
            run.adopt(partition, adopted)
        for record in records:
            run.feed(record)
        self.windows = {(row.tenant, row.window_start_ms, row.source_partition): row for row in run.rows()}
        self.result = run.result(len(self.windows))

    def _alert(self, finding: Finding | CampaignFinding) -> None:
        if isinstance(finding, Finding):
            self.alerts[finding.line_uid] = ocsf.alert(finding)
        else:
            self.campaigns.append(finding)


def without_versions(windows: dict[Key, TenantWindow]) -> dict[Key, TenantWindow]:
    """The windows without their offsets, which differ when records are doubled or others stand between."""
    return {key: msgspec.structs.replace(row, version=0) for key, row in windows.items()}
