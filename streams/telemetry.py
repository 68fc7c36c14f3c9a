"""Every metric, with its meaning: the one place where metrics are named."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, thread_time
from typing import Any, Literal, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from schemas.campaign import CampaignFinding
from schemas.finding import Finding
from schemas.versions import CODE_VERSION

PREFIX = "distillwatch_"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

Stage = Literal["decode", "judge", "checkpoint", "publish", "sink", "campaigns"]


class Metric(NamedTuple):
    """A metric as people see it: full name, kind, labels, meaning."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str


class Telemetry:
    """The metrics of one worker, in a registry of its own, so that two workers may live in one process.

    Count by the batch, not by the event: an increment costs 0.5 us.

    >>> telemetry = Telemetry()
    >>> telemetry.events_in.inc(3)
    >>> telemetry.value("distillwatch_events_in_total")
    3.0
    """

    def __init__(self) -> None:
        """Register every metric at zero."""
        self.registry = CollectorRegistry()
        self.metrics: list[Metric] = []
        ProcessCollector(registry=self.registry)
        self._events()
        self._positions()
        self._work()
        self._state()
        self._outputs()
        self._campaigns()
        self._feedback()
        self._canaries()

    def _events(self) -> None:
        self.events_in = self._counter("events_in", "records read from the requests topic, replays not counted")
        self.events_applied = self._counter("events_applied", "events judged or counted, each once")
        self.duplicates = self._counter("duplicates", "events whose id the tenant has sent before; not applied")
        self.dead_letters = self._counter("dead_letters", "records sent to the dead-letter topic", "reason")
        self.late_events = self._counter(
            "late_events", "events too far behind their tenant's clock; counted, not judged"
        )
        self.future_events = self._counter(
            "future_events", "events too far ahead of their partition's clock; dead letters"
        )
        self.misplaced_events = self._counter(
            "misplaced_events", "events on another partition than their tenant's; `distillwatch rekey` cures it"
        )
        self.replayed_events = self._counter("replayed_events", "records read again after a restart and skipped")
        self.canary_events = self._counter("canary_events", "events of canaries; not among `events_in`")

    def _positions(self) -> None:
        self.lag = self._gauge("lag_records", "records of a partition that are not read yet", "partition")
        self.event_lag = self._gauge(
            "event_lag_seconds",
            "how long ago happened what is judged now in a partition; silence of tenants is no lag",
            "partition",
        )
        self.rebalances = self._counter("rebalances", "times the partitions were dealt anew")
        self.partitions = self._gauge("partitions", "partitions this worker holds")

    def _work(self) -> None:
        self.batches = self._counter("batches", "batches of records judged")
        self.stage_seconds = self._counter("stage_seconds", "wall time spent in a stage, waiting included", "stage")
        self.stage_cpu_seconds = self._counter("stage_cpu_seconds", "CPU time spent in a stage", "stage")
        self.checkpoints = self._counter("checkpoints", "checkpoints written")
        self.checkpoint_bytes = self._counter("checkpoint_bytes", "bytes of state written to the checkpoint topic")
        self.checkpoint_seconds = self._histogram("checkpoint_seconds", "time until Kafka had accepted a checkpoint")

    def _state(self) -> None:
        self.tenants = self._gauge("tenants", "tenants whose state is held", "partition")
        self.tenants_hydrated = self._gauge("tenants_hydrated", "of them, those unpacked", "partition")
        self.tenants_on_disk = self._gauge("tenants_on_disk", "of them, those not in memory", "partition")
        self.state_bytes = self._gauge("state_bytes", "bytes of packed state held", "partition")

    def _outputs(self) -> None:
        self.findings = self._counter(
            "findings", "lines of findings about tenants accepted by Kafka", "activity", "severity"
        )
        self.rows_published = self._counter("rows_published", "rows accepted by the rows topic")
        self.sink_rows = self._counter("sink_rows", "rows accepted by ClickHouse")
        self.sink_bad_rows = self._counter("sink_bad_rows", "rows that could not be read; sent to their dead letters")
        self.sink_retries = self._counter("sink_retries", "inserts that failed and were tried again")
        self.sink_insert_seconds = self._histogram("sink_insert_seconds", "time of an insert that ClickHouse accepted")
        self.build_info = self._gauge("build_info", "always 1; the label is the version of the code", "version")
        self.build_info.labels(CODE_VERSION).set(1)

    def _campaigns(self) -> None:
        self.campaign_findings = self._counter(
            "campaign_findings", "lines of findings about campaigns accepted by Kafka", "activity", "severity"
        )
        self.campaign_tenants = self._gauge("campaign_tenants", "tenants whose newest signal the search holds")
        self.open_campaigns = self._gauge("open_campaigns", "campaigns that are open")
        self.late_signals = self._counter("late_signals", "signals that came after their epoch; the next one has them")
        self.bad_signals = self._counter("bad_signals", "signals that could not be read; sent to the dead letters")
        self.campaign_epoch_seconds = self._histogram("campaign_epoch_seconds", "time of the search at an epoch")
        self.campaign_lag = self._gauge("campaign_lag_records", "records of the signals topic that are not read yet")

    def _feedback(self) -> None:
        self.control_number = self._gauge("control_number", "number of the control record adopted last", "partition")
        self.verdicts = self._counter("verdicts", "verdicts of analysts that the learner took in", "verdict")
        self.bad_feedback = self._counter(
            "bad_feedback", "verdicts that could not be used; sent to the dead letters", "reason"
        )
        self.calibrations = self._counter("calibrations", "control records with a new calibration that were published")
        self.calibration_failures = self._counter(
            "calibration_failures", "times that one could not be made; tried again"
        )
        self.nominal_share = self._gauge(
            "nominal_share",
            "share of honest tenant-days that is to reach a severity, by the newest calibration",
            "severity",
        )
        self.shipped_share = self._gauge(
            "shipped_share", "share of them that would reach it by the tables as shipped", "severity"
        )
        self.measured_share = self._gauge(
            "measured_share", "share of all tenant-days that reached it, attackers included", "severity"
        )

    def _canaries(self) -> None:
        self.canary_age = self._gauge(
            "canary_age_seconds", "time since the newest canary that came back was sent (`distillwatch canary`)", "partition"
        )
        self.canary_latency = self._histogram("canary_latency_seconds", "from the append of a canary to its alert on the topic")
        self.canary_lag = self._gauge(
            "canary_event_lag_seconds", "event lag of a partition as its newest canary's alert told it", "partition"
        )
        self.canaries_sent = self._counter("canaries_sent", "canaries sent, one a partition and period")
        self.blind = self._gauge("blind", "1 while a partition is blind: no canary came back, or late", "partition")

    def finding(self, finding: Finding | CampaignFinding) -> None:
        """Count a line of a finding."""
        counter = self.findings if isinstance(finding, Finding) else self.campaign_findings
        counter.labels(finding.activity.name.lower(), finding.severity.name.lower()).inc()

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """Time a synchronous piece of a stage: wall and CPU time of this thread. Await nothing inside."""
        wall, cpu = perf_counter(), thread_time()
        try:
            yield
        finally:
            self.stage_seconds.labels(name).inc(perf_counter() - wall)
            self.stage_cpu_seconds.labels(name).inc(thread_time() - cpu)

    @contextmanager
    def waiting(self, name: Stage) -> Iterator[None]:
        """Time a piece of a stage that awaits: wall time only, for the CPU meanwhile belongs to others."""
        wall = perf_counter()
        try:
            yield
        finally:
            self.stage_seconds.labels(name).inc(perf_counter() - wall)

    def forget_partition(self, partition: int) -> None:
        """Drop what is said of a partition that this worker no longer holds."""
        held = self.tenants, self.tenants_hydrated, self.tenants_on_disk, self.state_bytes, self.control_number
        for gauge in (self.lag, self.event_lag, *held):
            gauge.remove_by_labels({"partition": str(partition)})

    def exposition(self) -> bytes:
        """Render all metrics in the Prometheus text format, of type `CONTENT_TYPE`."""
        return generate_latest(self.registry)

    def value(self, sample: str, **labels: str) -> float:
        """Read one sample, for tests and summaries; 0 for one that was never touched."""
        return self.registry.get_sample_value(sample, labels) or 0.0

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        full = self._listed(name + "_total", "counter", meaning, labels)
        return Counter(full, meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(self._listed(name, "gauge", meaning, labels), meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str) -> Histogram:
        full = self._listed(name, "histogram", meaning, ())
        return Histogram(full, meaning, registry=self.registry, buckets=SECONDS)

    def _listed(self, name: str, kind: str, meaning: str, labels: tuple[str, ...]) -> str:
        self.metrics.append(Metric(PREFIX + name, kind, labels, meaning))
        return PREFIX + name


def metric_table() -> str:
    """The README's table of metrics, in Markdown."""
    rows = [_row(m) for m in Telemetry().metrics]
    return "\n".join(["| metric | kind | labels | meaning |", "|---|---|---|---|", *rows])


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{metric.name}` | {metric.kind} | {labels} | {metric.meaning} |"


def samples(exposition: bytes) -> dict[str, Any]:
    """Read a worker's metrics back from its text: sample with labels -> value."""
    lines = (line.rsplit(" ", 1) for line in exposition.decode().splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, value in lines}
