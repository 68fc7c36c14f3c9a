"""The branches of the settings: what each part of the service is told."""

from datetime import date
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class Piece(BaseModel):
    """A branch of the tree: frozen, and a typo in it is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class KafkaSettings(Piece):
    """Where Kafka is, and who we are to it."""

    bootstrap_servers: str = Field("127.0.0.1:19092", description="host:port, comma-separated")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="how to connect: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "PLAIN", description="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; with a SASL protocol"
    )
    sasl_username: str | None = Field(None, description="user, with a SASL protocol")
    sasl_password: SecretStr | None = Field(None, description="password, with a SASL protocol")
    ssl_cafile: Path | None = Field(None, description="CA certificates (PEM); the system's when unset")
    ssl_certfile: Path | None = Field(None, description="client certificate (PEM) for mutual TLS")
    ssl_keyfile: Path | None = Field(None, description="key of the client certificate (PEM)")


class TopicSettings(Piece):
    """Names of the topics, and how `distillwatch topics` creates them."""

    requests: str = Field("api.requests", description="API request events, key = tenant id")
    dead: str = Field("api.requests.dead", description="records that are not events, original bytes")
    alerts: str = Field("security.alerts", description="OCSF Detection Findings, of tenants and of campaigns")
    rows: str = Field("distillwatch.rows", description="rows on their way to ClickHouse")
    rows_dead: str = Field("distillwatch.rows.dead", description="rows, signals and feedback that could not be read")
    checkpoints: str = Field("distillwatch.checkpoints", description="state of each tenant (compacted)")
    signals: str = Field("distillwatch.signals", description="what tenants tell the search for campaigns")
    feedback: str = Field("security.feedback", description="verdicts of analysts about findings")
    control: str = Field(
        "distillwatch.control", description="what was learned across tenants, numbered; judges adopt it"
    )
    partitions: int = Field(8, ge=1, le=4096, description="partitions of the requests topic when it is created")
    replication_factor: int = Field(
        1, ge=1, le=9, description="copies of each topic when it is created; 3 in production"
    )


class ClickHouseSettings(Piece):
    """Where ClickHouse is, and how long it keeps rows."""

    host: str = Field("127.0.0.1", description="HTTP interface")
    port: int = Field(18123, ge=1, le=65535, description="port of the HTTP interface")
    username: str = Field("default", description="user")
    password: SecretStr = Field(SecretStr(""), description="password")
    secure: bool = Field(default=False, description="HTTPS")
    ca_cert: Path | None = Field(None, description="CA certificates (PEM) with HTTPS")
    database: str = Field("distillwatch", pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="database")
    retention_days: int = Field(90, ge=1, le=3650, description="rows are kept for so long after they were written")
    batch_rows: int = Field(20_000, ge=1, le=1_000_000, description="rows an insert, at most")
    batch_seconds: float = Field(1.0, gt=0, le=60, description="time a row waits for company, at most")


class WorkerSettings(Piece):
    """How the worker reads, and when it writes its state down."""

    group: str = Field(
        "distillwatch",
        min_length=1,
        description="consumer group of the judging agents; the others' are this with -sink and -campaigns",
    )
    instance: str | None = Field(None, description="static member name, unique a worker: restarts without a rebalance")
    checkpoint_seconds: float = Field(5.0, gt=0, le=300, description="state is written at least so often")
    checkpoint_bytes: int = Field(
        32_000_000, ge=10_000, description="and when so many bytes of changed state are waiting"
    )
    batch_records: int = Field(500, ge=1, le=100_000, description="records a batch, at most")
    session_timeout_seconds: float = Field(
        10.0, ge=6, le=300, description="after so long without a heartbeat a worker is dead"
    )
    state_form: int | None = Field(
        None,
        ge=6,
        le=7,
        description="form that state is written in: 7, or 6 as the version before does; unset: the one it is found in, and 7 where "
        "there is none",
    )
    hydrated_tenants: int = Field(20_000, ge=1, description="tenants a worker keeps unpacked, at most")
    tenants_in_memory: int = Field(
        1_000_000, ge=1, description="packed tenants a worker keeps in memory, at most; those idle for longest are kept in a file"
    )
    state_directory: Path | None = Field(
        None,
        description="where that file is, a worker's own directory; a temporary one when unset. A cache: it may be lost at any time",
    )
    warm_start: bool = Field(
        default=False,
        description="keep a copy of the newest state in the checkpoint topic there too, for which worker.state_directory must be set: a "
        "restart reads the rest only",
    )
    dead_letter_ratio: float = Field(
        0.8, gt=0, le=1, description="stop when more than this share of recent records is bad"
    )
    dead_letter_keys: int = Field(50, ge=1, description="and the bad ones come from more distinct keys than this")
    dead_letter_window: int = Field(1000, ge=10, description="recent records that the two limits look at, a partition")
    secret: SecretStr | None = Field(
        None, description="keys every content hash in state and rows; 16 characters or more"
    )
    secret_file: Path | None = Field(None, description="a file that holds it instead")


class JudgementSettings(Piece):
    """What decides a finding; part of the judgement, so the same for worker and backtest."""

    window_minutes: int = Field(60, ge=1, le=1440, description="length of an event-time window")
    skew_hours: float = Field(
        72.0, gt=0, description="an event further ahead of its partition's clock goes to the dead letters"
    )
    lateness_minutes: float = Field(
        10.0, ge=0, description="an event further behind its tenant's clock is counted, not judged"
    )
    risk_medium: float = Field(0.5, gt=0, lt=1, description="risk at which a finding opens (severity Medium)")
    risk_high: float = Field(0.8, gt=0, lt=1, description="risk from which it is High")
    risk_critical: float = Field(0.95, gt=0, lt=1, description="risk from which it is Critical")
    quiet_hours: float = Field(12.0, gt=0, description="a finding closes so long after the last suspect request")
    adopt_after_hours: float = Field(
        72.0,
        gt=0,
        description="a finding older than this closes when the tenant's new behaviour has been steady and unsuspicious to its "
        "peers for a day",
    )
    forget_days: float = Field(
        90.0,
        ge=1,
        description="a tenant without an open finding of whom nothing has come for so long, by its partition's clock, begins anew",
    )
    allow: dict[str, date] = Field(
        default={}, description='declared evaluators: no finding up to and with that day, UTC; {"org_x": "2027-03-31"}'
    )

    @model_validator(mode="after")
    def _risks_rise(self) -> Self:
        if not self.risk_medium < self.risk_high < self.risk_critical:
            raise ValueError("risk_medium < risk_high < risk_critical must hold")
        return self


class CampaignSettings(Piece):
    """How campaigns are searched for; times are event time."""

    quiet_hours: float = Field(
        24.0, ge=24, description="a campaign closes so long after the newest signal that supports it"
    )
    idle_hours: float = Field(
        720.0,
        gt=0,
        description="a partition so far behind the foremost one is not waited for; longer than the requests are kept, "
        "or a backlog is searched before it is read",
    )
    most_tenants: int = Field(
        1_000_000, ge=1000, description="tenants the search holds, at most: those with signals within a day"
    )


class FeedbackSettings(Piece):
    """How verdicts of analysts become control records."""

    publish_seconds: float = Field(
        60.0, gt=0, le=86_400, description="a control record is published at most so often, when new verdicts came"
    )
    most_findings: int = Field(
        50_000, ge=1000, description="findings whose reasons the learner remembers; the newest ones"
    )


class CalibrationSettings(Piece):
    """How a deployment calibrates itself on its own traffic; times are event time."""

    every_hours: float = Field(24.0, ge=0, description="a calibration is published so often; 0: by hand only")
    days: int = Field(14, ge=1, le=365, description="complete days of windows that it rests on, at most")
    least_days: int = Field(7, ge=1, description="and at least, before a worker publishes the first one; by hand a day is enough")
    least_tenants: int = Field(100, ge=10, description="tenants that must be among them")
    most_tenants: int = Field(20_000, ge=100, description="tenants that it is computed from, evenly taken")
    false_findings_per_day: float | None = Field(
        None,
        gt=0,
        description="alert budget: severity Medium is reached so often a day by honest tenants; the tables decide when unset",
    )
    false_findings_per_tenant_day: float | None = Field(
        None, gt=0, lt=1, description="the same as a share of the tenants active a day; give one of the two"
    )

    @model_validator(mode="after")
    def _one_budget(self) -> Self:
        if self.false_findings_per_day is not None and self.false_findings_per_tenant_day is not None:
            raise ValueError("give false_findings_per_day or false_findings_per_tenant_day, not both")
        return self


class CanarySettings(Piece):
    """How `distillwatch canary` looks whether detection works, and when it raises an alarm."""

    period_seconds: float = Field(3600.0, gt=0, le=86_400, description="a canary is sent to each partition so often")
    most_periods: float = Field(
        2.0, ge=1, le=100, description="alarm when no canary of a partition has come back for so many periods"
    )
    most_lag_seconds: float = Field(
        1800.0, gt=0, description="alarm when a canary is on its way for so long, or a partition judges what happened so long ago"
    )


class WatchSettings(Piece):
    """What others see of a worker."""

    host: str = Field("127.0.0.1", description="address of metrics and health; loopback unless you say otherwise")
    port: int = Field(9464, ge=0, le=65535, description="port of metrics and health; 0 takes a free one")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least level logged: debug, info, warning or error"
    )
    log_format: Literal["json", "console"] = Field("json", description="json for machines, console for people")


class LocalSettings(Piece):
    """The embedded Kafka and ClickHouse, for trying out, development and tests."""

    directory: Path = Field(Path(".distillwatch"), description="jars, data, logs and process ids")
    jars: Path | None = Field(None, description="jars of the embedded broker; under the directory when unset")
    kafka_heap_mb: int = Field(384, ge=128, description="memory of the embedded broker")
    start_timeout_seconds: float = Field(60.0, gt=0, description="how long a part may take to answer")
