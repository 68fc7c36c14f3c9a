"""From settings to what the judgement is made with: the same for worker, backtest, tests and benchmarks."""

from datetime import UTC, date, datetime, time, timedelta

from msgspec.structs import replace

from models.campaigns.config import CampaignConfig
from models.canary_key import CanaryKey
from models.config import HOUR_MS, MINUTE_MS, Config
from models.mind import Mind
from schemas.errors import BadSettings
from streams.settings import CampaignSettings, JudgementSettings


def judgement_config(settings: JudgementSettings) -> Config:
    """The judgement's numbers; raises `BadSettings` when they contradict each other."""
    if not settings.risk_medium < settings.risk_high < settings.risk_critical:
        raise BadSettings("judgement.risk_medium, risk_high and risk_critical must rise in this order")
    if settings.lateness_minutes > settings.window_minutes:
        raise BadSettings("judgement.lateness_minutes must not be longer than judgement.window_minutes")
    return Config(
        window_ms=settings.window_minutes * MINUTE_MS,
        skew_ms=round(settings.skew_hours * HOUR_MS),
        lateness_ms=round(settings.lateness_minutes * MINUTE_MS),
        risk_medium=settings.risk_medium,
        risk_high=settings.risk_high,
        risk_critical=settings.risk_critical,
        quiet_ms=round(settings.quiet_hours * HOUR_MS),
        adopt_after_ms=round(settings.adopt_after_hours * HOUR_MS),
        forget_ms=round(settings.forget_days * 24 * HOUR_MS),
        allowed_until_ms={tenant: _end_of(day) for tenant, day in settings.allow.items()},
    )


def _end_of(day: date) -> int:
    """When a day is over in UTC, in epoch milliseconds."""
    return int(datetime.combine(day + timedelta(days=1), time(), UTC).timestamp() * 1000)


def mind_of(settings: JudgementSettings, secret: bytes, *, canaries: bool = False) -> Mind:
    """The mind that judges under these settings; `canaries` when it shall know those made with this secret."""
    mind = Mind.of(judgement_config(settings), secret)
    return replace(mind, canary_key=CanaryKey(secret)) if canaries else mind


def campaign_config(settings: CampaignSettings, mind: Mind) -> CampaignConfig:
    """The numbers of the search for campaigns among the signals that this mind tells."""
    return CampaignConfig(
        epoch_ms=mind.config.epoch_ms,
        quiet_ms=round(settings.quiet_hours * HOUR_MS),
        idle_ms=round(settings.idle_hours * HOUR_MS),
        most_tenants=settings.most_tenants,
    )
