"""What a judgement depends on besides the events: a handful of numbers, the same in a stream and in a backtest."""

from msgspec import Struct

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


class Config(Struct, frozen=True, kw_only=True):
    """The numbers of a judgement; times in milliseconds, risks in (0, 1).

    `window_ms` is the length of an event-time window, of which a tenant keeps the newest `kept_windows`. An event more than
    `skew_ms` ahead of its partition's clock is no event; one more than `lateness_ms` behind its tenant's clock is counted,
    not judged. A fold is judged every `fold_requests` requests and at the end of a window. A finding opens at `risk_medium`,
    is told again when its severity rises or after `update_ms`, and closes `quiet_ms` after the last suspect request;
    or it closes because its new behaviour was adopted (`models/quarantine.py`): not before `adopt_after_ms`, and when that behaviour
    has been steady and unsuspicious to its peers for `steady_ms`.
    Campaigns are searched for every `epoch_ms`. A tenant without an open case of whom nothing has come for `forget_ms` of its
    partition's time, by epochs, is forgotten: it begins anew (`models/forgetting.py`).
    Declared evaluators open no finding and join no campaign until
    `allowed_until_ms` (by tenant, on their own clock); their rows tell risk and scores all the same.
    """

    window_ms: int = HOUR_MS
    kept_windows: int = 2
    skew_ms: int = 72 * HOUR_MS
    lateness_ms: int = 10 * MINUTE_MS
    remembered_ids: int = 64
    fold_requests: int = 16
    risk_medium: float = 0.5
    risk_high: float = 0.8
    risk_critical: float = 0.95
    update_ms: int = 6 * HOUR_MS
    quiet_ms: int = 12 * HOUR_MS
    adopt_after_ms: int = 72 * HOUR_MS
    steady_ms: int = 24 * HOUR_MS
    epoch_ms: int = HOUR_MS
    forget_ms: int = 90 * 24 * HOUR_MS
    allowed_until_ms: dict[str, int] = {}

    def allows(self, tenant: str, at_ms: int) -> bool:
        """Whether a tenant is a declared evaluator at a time."""
        return at_ms < self.allowed_until_ms.get(tenant, 0)

    def window_start(self, ts_ms: int) -> int:
        """The start of the window that a time lies in."""
        return ts_ms - ts_ms % self.window_ms
