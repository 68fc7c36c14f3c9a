"""Signals of made-up tenants."""

from collections.abc import Iterable

from models.campaigns.config import CampaignConfig
from models.campaigns.correlator import Correlator
from schemas.campaign import CampaignFinding
from schemas.finding import Activity
from schemas.signal import Message, Signal, Watermark
from schemas.versions import Versions

HOUR_MS = 3_600_000
START_MS = 500_000 * HOUR_MS
VERSIONS = Versions("1", "2", "3")


def signal(
    tenant: str, p_value: float, hour: int = 0, fold: int = 1, partition: int = 0, **shared: tuple[int, ...]
) -> Signal:
    """What a tenant tells within the hour `hour`; it counts at the end of it."""
    return Signal(
        tenant=tenant,
        subject="",
        partition=partition,
        fold=fold,
        epoch_ms=START_MS + (hour + 1) * HOUR_MS,
        at_ms=START_MS + hour * HOUR_MS + 1000,
        first_ms=START_MS - HOUR_MS,
        requests=16 * fold,
        output_tokens=1000 * fold,
        p_value=p_value,
        **shared,
    )


def operator(count: int, p_value: float = 0.05, hour: int = 0, name: str = "bad", **more: int) -> list[Signal]:
    """Accounts of one operator: the same template from the same network."""
    return [
        signal(f"{name}_{at:04}", p_value, hour, heads=(77, 1000 + at), networks=(55, 2000 + at), **more)  # type: ignore[arg-type]
        for at in range(count)
    ]


def crowd(count: int, hour: int = 0, **shared: tuple[int, ...]) -> list[Signal]:
    """Honest tenants, whose p-values are spread evenly over (0, 1]."""
    return [signal(f"good_{at:04}", (at + 1) / count, hour, **shared) for at in range(count)]  # type: ignore[arg-type]


def everyone(count: int = 300, hour: int = 0) -> list[Signal]:
    """The other tenants of a deployment, who share nothing."""
    return [signal(f"any_{at:04}", (at + 1) / count, hour, heads=(10_000 + at,)) for at in range(count)]


def mark(hour: int, partition: int = 0, *, idle: bool = False) -> Watermark:
    """The partition has passed the end of the hour before `hour`."""
    return Watermark(partition, START_MS + hour * HOUR_MS, idle)


def correlator(**config: float) -> Correlator:
    return Correlator(CampaignConfig(**config), VERSIONS)  # type: ignore[arg-type]


def found(messages: Iterable[Message], **config: float) -> list[CampaignFinding]:
    """All lines that these messages lead to, in a deployment with three hundred other tenants."""
    return fed(messages, **config).findings


def fed(messages: Iterable[Message], **config: float) -> Correlator:
    """The search after these messages."""
    search = correlator(**config)
    for message in (*everyone(), *messages):
        search.take(message)
    return search


def named(findings: Iterable[CampaignFinding]) -> set[str]:
    """Whom the lines name."""
    return {member.tenant for finding in findings for member in finding.members}


def activities(findings: Iterable[CampaignFinding]) -> list[str]:
    return [Activity(finding.activity).name for finding in findings]
