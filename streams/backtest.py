"""The same judgement over a file: no Kafka, no clock, no chance."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from models.adoptions import Adoption
from models.campaigns.config import CampaignConfig
from models.campaigns.correlator import Correlator
from models.look import looking
from models.mind import Mind
from models.partition import Partition
from schemas.campaign import CampaignFinding
from schemas.codec import read_event
from schemas.errors import BadRecord
from schemas.event import Event
from schemas.finding import Activity, Finding
from schemas.partitioner import partition_of
from schemas.rows import TenantWindow

#: Tenants that stay unpacked when rows are taken; 25 KB each.
MOST_AWAKE = 100_000


class BacktestResult(Struct, frozen=True, kw_only=True):
    """What became of the records; `events_in` = `events_applied` + `duplicates` + `dead_letters`.

    `canary_events` are those of canaries that the mind knows, left out of everything else.
    `findings` counts findings of tenants, `campaigns` those of campaigns, `alerts` the lines of both.
    """

    events_in: int
    events_applied: int
    duplicates: int
    dead_letters: int
    late_events: int
    findings: int
    campaigns: int
    alerts: int
    tenants: int
    feature_rows: int
    canary_events: int = 0


class Backtest:
    """Feeds records in their order through the topic's own partitioner to one judgement a partition.

    Each simulated partition sees the sequence a worker would see, so the findings of tenants are those of the stream, line for line.
    They are handed to `on_finding` as they arise: those of the first half of a file are the first part of those of the whole. Campaigns are
    searched for among the signals of all partitions, at the epochs that all of them have passed, as `campaigns` says. But a file has no
    heartbeats of idle partitions, so one that is six hours behind the foremost is not waited for, whatever that says; and
    an epoch that a partition has not passed at the end stays unevaluated; a worker's idle heartbeats release it.
    """

    def __init__(
        self,
        mind: Mind,
        partitions: int,
        on_finding: Callable[[Finding | CampaignFinding], None],
        campaigns: CampaignConfig | None = None,
    ) -> None:
        most_awake = max(1, MOST_AWAKE // partitions)
        self._partitions = [Partition(mind, index, partitions, most_awake=most_awake) for index in range(partitions)]
        self._offsets = [0] * partitions
        self._home: dict[str, int] = {}
        self._on_finding, self._hasher = on_finding, mind.hasher
        usual = CampaignConfig(epoch_ms=mind.config.epoch_ms)
        self._correlator = Correlator(replace(campaigns or usual, idle_ms=usual.idle_ms), mind.versions)
        self._findings = self._campaigns = self._alerts = 0

    def adopt(self, partition: int, adoptions: Iterable[Adoption]) -> None:
        """Let a simulated partition adopt control records at these offsets, as a worker's did; before the first of them is fed."""
        self._partitions[partition].adopt(adoptions)

    def feed(self, record: bytes) -> None:
        """Judge one record; one that is no event is counted as a dead letter, on partition 0."""
        self._feed(read_event(record))

    def feed_all(self, records: list[bytes]) -> None:
        """Judge these records one after the other; faster than each by itself, to the same effect."""
        events = list(map(read_event, records))
        with looking(events, self._hasher):
            for event in events:
                self._feed(event)

    def _feed(self, event: Event | BadRecord) -> None:
        home = self._home_of(event.tenant_id) if isinstance(event, Event) else 0
        partition = self._partitions[home]
        partition.apply(self._next(home), event)
        partition.dead.clear()
        partition.canaries.findings.clear()
        if partition.findings:
            for _, finding in partition.findings:
                self._alerts += 1
                self._findings += finding.activity is Activity.CREATE
                self._on_finding(finding)
            partition.findings.clear()
        if partition.messages:
            self._correlate(partition)

    def rows(self) -> list[TenantWindow]:
        """Every window that changed since the last call, by partition."""
        return [row for partition in self._partitions for row in partition.checkpoint().rows]

    def result(self, feature_rows: int) -> BacktestResult:
        """The totals so far."""
        totals = [partition.totals for partition in self._partitions]
        return BacktestResult(
            events_in=sum(total.events_in for total in totals),
            events_applied=sum(total.applied for total in totals),
            duplicates=sum(total.duplicates for total in totals),
            dead_letters=sum(total.dead_letters.total() for total in totals),
            late_events=sum(total.late for total in totals),
            findings=self._findings,
            campaigns=self._campaigns,
            alerts=self._alerts,
            tenants=sum(partition.tenants for partition in self._partitions),
            feature_rows=feature_rows,
            canary_events=sum(total.canaries for total in totals),
        )

    def _correlate(self, partition: Partition) -> None:
        correlator = self._correlator
        for message in partition.messages:
            correlator.take(message)
        partition.messages.clear()
        for campaign in correlator.findings:
            self._alerts += 1
            self._campaigns += campaign.activity is Activity.CREATE
            self._on_finding(campaign)
        correlator.findings.clear()

    def _home_of(self, tenant: str) -> int:
        home = self._home.get(tenant)
        if home is None:
            home = self._home[tenant] = partition_of(tenant, len(self._partitions))
        return home

    def _next(self, partition: int) -> int:
        self._offsets[partition] += 1
        return self._offsets[partition] - 1


def batches(records: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    """The records in lists of `size`, the last one shorter."""
    left = iter(records)
    return iter(lambda: list(islice(left, size)), [])


def in_order_of_time(records: Iterable[bytes]) -> list[bytes]:
    """The records by event time, those that are no events first; equal times keep their order. Holds them all in memory."""

    def time_ms(record: bytes) -> int:
        event = read_event(record)
        return event.ts if isinstance(event, Event) else -1

    return sorted(records, key=time_ms)
