"""A case: the life of one finding about one tenant, on the tenant's own clock."""

from msgspec import Struct

from schemas.finding import ADOPTED, Activity, Finding, Reason, Severity, SubStream, Template, stable_uid
from schemas.versions import Versions

from .config import Config


class Case(Struct, kw_only=True, array_like=True, gc=False):
    """An open finding; mutable, owned by its tenant, about 350 bytes packed.

    Holds what its next line will say. Times are the tenant's clock (epoch milliseconds); `risk` is the highest so far, to a hundredth: what
    is told with it is told anew with each.
    """

    uid: str
    tenant: str
    subject: str
    opened_ms: int
    first_suspect_ms: int
    last_suspect_ms: int
    told_ms: int
    sequence: int = 0
    severity: Severity = Severity.MEDIUM
    risk: float = 0.0
    confidence: float = 0.0
    requests: int = 0
    output_tokens: int = 0
    model: str = ""
    reasons: tuple[Reason, ...] = ()
    sub_stream: SubStream | None = None
    templates: tuple[Template, ...] = ()

    @classmethod
    def open(cls, tenant: str, subject: str, ordinal: int, first_ms: int, now_ms: int) -> "Case":
        """A new case; its id is a function of the tenant, of how many cases it had before, and of the opening time."""
        uid = stable_uid("finding", tenant, subject, str(ordinal), str(now_ms))
        return cls(
            uid=uid,
            tenant=tenant,
            subject=subject,
            opened_ms=now_ms,
            first_suspect_ms=first_ms,
            last_suspect_ms=now_ms,
            told_ms=now_ms,
        )

    def closes_ms(self, config: Config) -> int:
        """When it closes if nothing suspect comes any more."""
        return self.last_suspect_ms + config.quiet_ms

    def adopts(self, steady_ms: int, now_ms: int, config: Config) -> bool:
        """Whether behaviour that is steady and unsuspicious since `steady_ms` (-1: is not) may become what is normal of the tenant."""
        lasts_ms = now_ms - self.opened_ms
        return 0 <= steady_ms <= now_ms - config.steady_ms and lasts_ms >= config.adopt_after_ms

    def create(self, versions: Versions) -> Finding:
        """The line that opens the finding."""
        return self._line(Activity.CREATE, self.opened_ms, versions)

    def suspect_again(self, now_ms: int, severity: Severity, config: Config, versions: Versions) -> Finding | None:
        """Another suspect fold: an Update when the severity rises or `update_ms` have passed since the last line."""
        self.last_suspect_ms = now_ms
        risen = severity > self.severity
        self.severity = max(self.severity, severity)
        if not risen and now_ms - self.told_ms < config.update_ms:
            return None
        self.told_ms, self.sequence = now_ms, self.sequence + 1
        return self._line(Activity.UPDATE, now_ms, versions)

    def close(self, config: Config, versions: Versions) -> Finding:
        """The line that ends the finding; its time is the end of the quiet period."""
        self.sequence += 1
        return self._line(Activity.CLOSE, self.closes_ms(config), versions)

    def adopt(self, now_ms: int, versions: Versions) -> Finding:
        """The line that ends the finding because the tenant's new behaviour was adopted; its time is that of the fold that led to it."""
        self.sequence += 1
        return self._line(Activity.CLOSE, now_ms, versions, ADOPTED)

    def _line(self, activity: Activity, time_ms: int, versions: Versions, ended: str = "") -> Finding:
        return Finding(
            uid=self.uid,
            sequence=self.sequence,
            activity=activity,
            tenant=self.tenant,
            subject=self.subject,
            severity=self.severity,
            risk=self.risk,
            confidence=self.confidence,
            time_ms=time_ms,
            opened_ms=self.opened_ms,
            first_suspect_ms=self.first_suspect_ms,
            last_suspect_ms=self.last_suspect_ms,
            requests=self.requests,
            output_tokens=self.output_tokens,
            model=self.model,
            reasons=self.reasons,
            versions=versions,
            ended=ended,
            sub_stream=self.sub_stream,
            templates=self.templates,
        )


def severity_of(risk: float, config: Config) -> Severity:
    """The severity that a risk has: Informational below the opening threshold.

    >>> severity_of(0.81, Config()).name
    'HIGH'
    """
    if risk >= config.risk_critical:
        return Severity.CRITICAL
    if risk >= config.risk_high:
        return Severity.HIGH
    return Severity.MEDIUM if risk >= config.risk_medium else Severity.INFORMATIONAL
