"""CPU by stage: the same records judged several times, each time from nothing, by the code of a worker."""

import gc
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import thread_time

from msgspec import Struct
from msgspec.structs import replace

from models.accounts import Checkpoint, Unit
from models.campaigns.config import CampaignConfig
from models.campaigns.correlator import Correlator
from models.campaigns.state import FORM, CampaignMark, pack_mark
from models.hashing import Hasher
from models.look import looking
from models.mind import Mind
from models.partition import Partition
from models.snapshot import unpack_tenant
from models.tenant import Tenant
from schemas import ocsf
from schemas.campaign import CampaignFinding
from schemas.codec import read_event
from schemas.finding import Finding
from schemas.rows import CampaignMemberRow, FindingRow, Row, decode_row, encode_row
from schemas.signal import Message, Signal, decode_message, encode_message
from streams.capacity.store import through_a_store
from streams.capacity.traffic import Traffic
from streams.clickhouse.rows import block_token
from streams.configuration import campaign_config
from streams.judging import TOGETHER
from streams.settings import Settings

SECRET = b"what is measured is kept nowhere, so any key does"
TOPIC_ID = "capacity-measured-0001"  # as long as a real one
#: Passes of checkpoints in a round: enough packed tenants to time. How many a worker would make is the estimate's.
PASSES = 8
WARM_RECORDS = 2000


class Costs(Struct, frozen=True, kw_only=True):
    """What one round took: CPU seconds of this thread by stage, and how often each piece of work was done.

    `states` are the tenants packed as they were at the end, `signals` the newest signal of each that gave one.
    """

    seconds: dict[str, float]
    done: dict[str, int]
    states: list[bytes]
    signals: list[Signal]

    def us(self, stage: str, each: str = "records") -> float:
        """Microseconds of a stage for each piece of work of a kind; 0 when there was none of it."""
        return self.seconds.get(stage, 0.0) / self.done[each] * 1e6 if self.done.get(each) else 0.0

    @property
    def learned_us(self) -> float:
        """What packing a tenant costs more when it has judged a fold since the last time, as nearly all of a round have."""
        rows, repacked = self.us("row", "states") * self.done["rows"], self.us("repack", "states") * self.done["packed"]
        return max(0.0, self.seconds["pack"] * 1e6 - rows - repacked) / max(1, self.done["packed"])

    @property
    def judged_us(self) -> float:
        """Of an event, what does not depend on how often tenants are packed."""
        return sum(self.us(stage) for stage in ("decode", "judge", "campaigns", "alerts"))


def measure_costs(
    mind: Mind, settings: Settings, traffic: Traffic, rounds: int, told: Callable[[int, Costs], None]
) -> list[Costs]:
    """Judge the traffic `rounds` times, after a short round that is not counted; each time all stages take turns.

    `told` is called after each round, with 0 after the one that is not counted. Garbage is collected between rounds.
    """
    told(0, _Round(mind, settings, traffic.first(WARM_RECORDS)).run())
    costs = []
    for number in range(1, rounds + 1):
        gc.collect()
        costs.append(_Round(mind, settings, traffic).run())
        told(number, costs[-1])
    return costs


class _Round:
    """One pass over the traffic with partitions, caches and a search of its own."""

    def __init__(self, mind: Mind, settings: Settings, traffic: Traffic) -> None:
        self._mind = mind = replace(mind, hasher=Hasher(SECRET))
        self._traffic = traffic
        self._judges = [self._judge_of(settings, index) for index in range(traffic.partitions)]
        usual = CampaignConfig(epoch_ms=mind.config.epoch_ms)
        # A partition without tenants has no heartbeat here: as in a backtest it is not waited for.
        config = replace(campaign_config(settings.campaigns, mind), idle_ms=usual.idle_ms)
        self._search = Correlator(config, mind.versions)
        self._settings = settings
        self._offsets = [0] * traffic.partitions
        self._seconds, self._done = defaultdict[str, float](float), Counter[str]()
        self._states: dict[Unit, bytes] = {}
        self._signals: dict[Unit, Signal] = {}
        self._folds: dict[tuple[str, int], int] = {}

    def run(self) -> Costs:
        """Do what a worker does with the records, and time it."""
        every, since = self._traffic.records / PASSES, 0
        for index, records in self._traffic.batches:
            self._judge(index, records)
            self._tell(index)
            since += len(records)
            if since >= every:
                self._pass()
                since = 0
        self._pass()
        self._restart()
        self._done["records"], self._done["folds"] = sum(self._offsets), sum(self._folds.values())
        states, signals = list(self._states.values()), list(self._signals.values())
        return Costs(seconds=dict(self._seconds), done=dict(self._done), states=states, signals=signals)

    def _judge_of(self, settings: Settings, index: int) -> Partition:
        awake = max(1, settings.worker.hydrated_tenants // self._traffic.partitions)
        return Partition(self._mind, index, self._traffic.partitions, TOPIC_ID, awake)

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        begun = thread_time()
        yield
        self._seconds[name] += thread_time() - begun

    def _judge(self, index: int, records: list[bytes]) -> None:
        judge, offset = self._judges[index], self._offsets[index]
        for begin in range(0, len(records), TOGETHER):
            with self._stage("decode"):
                events = [read_event(record) for record in records[begin : begin + TOGETHER]]
            with self._stage("judge"), looking(events, self._mind.hasher):
                for event in events:
                    judge.apply(offset, event)
                    offset += 1
        self._offsets[index] = offset
        judge.dead.clear()

    def _tell(self, index: int) -> None:
        judge = self._judges[index]
        findings, judge.findings = judge.findings, []
        with self._stage("alerts"):
            for offset, finding in findings:
                _alert(finding)
                row = FindingRow(
                    line_uid=finding.line_uid, source_partition=index, version=judge.version_of(offset), finding=finding
                )
                encode_row(row)
        self._done["alerts"] += len(findings)

    def _pass(self) -> None:
        """What a worker does when a checkpoint is due, for every partition; and what others do with what comes of it."""
        for judge in self._judges:
            messages, judge.messages = judge.messages, []
            with self._stage("campaigns"):
                records = [encode_message(message) for message in messages]
            with self._stage("pack"):
                checkpoint = judge.checkpoint()
            self._store(checkpoint)
            self._correlate(records)
            self._signals |= {(one.tenant, one.subject): one for one in messages if isinstance(one, Signal)}

    def _store(self, checkpoint: Checkpoint) -> None:
        rows: list[Row] = [*checkpoint.rows]
        with self._stage("rows"):
            taken = [decode_row(encode_row(row)) for row in rows]
            block_token(taken, self._settings.clickhouse.retention_days)
        self._done["rows"] += len(rows)
        self._done["packed"] += len(checkpoint.tenants)
        self._states |= dict(checkpoint.tenants)
        self._folds |= {(row.tenant, row.window_start_ms): row.folds for row in checkpoint.rows}

    def _correlate(self, records: list[bytes]) -> None:
        search = self._search
        with self._stage("campaigns"):
            for record in records:
                self._take(decode_message(record))
            lines, search.findings = search.findings, []
        with self._stage("alerts"):
            for line in lines:
                _alert(line)
                for row in _members(line):
                    encode_row(row)
        self._done["alerts"] += len(lines)

    def _take(self, message: Message) -> None:
        epoch_ms = self._search.epoch_ms
        self._search.take(message)
        if self._search.epoch_ms != epoch_ms:
            pack_mark(CampaignMark(form=FORM, topic_id=TOPIC_ID, position=0, read_from=0, search=self._search.state()))

    def _restart(self) -> None:
        """Read back what was packed, as after a restart; then wake every tenant, and pack it as one that has judged no fold since."""
        states = list(self._states.values())
        fresh = self._judge_of(self._settings, 0)
        with self._stage("restore"):
            fresh.restore(None, states)
        with self._stage("wake"):
            awake = [Tenant(self._mind, *unit, unpack_tenant(packed)) for unit, packed in self._states.items()]
        with self._stage("row"):
            for tenant in awake:
                tenant.row(tenant.windows.newest(), 0)
        with self._stage("repack"):
            for tenant in awake:
                tenant.pack(TOPIC_ID)
        with self._stage("thaw"):
            for tenant in awake:
                tenant.assessor.thaw()
        with self._stage("store"):
            through_a_store(self._states)
        self._done["states"] = len(awake)


def _alert(finding: Finding | CampaignFinding) -> None:
    ocsf.key(finding)
    ocsf.alert(finding)
    ocsf.headers(finding)


def _members(line: CampaignFinding) -> list[CampaignMemberRow]:
    return [
        CampaignMemberRow(
            campaign_uid=line.uid, named_ms=line.time_ms, version=line.sequence, member=member, versions=line.versions
        )
        for member in line.members
    ]
