"""Canaries: synthetic tenants that are judged by the same code as all others and leave no trace but their finding."""

from msgspec.structs import replace

from schemas.event import Event
from schemas.finding import Activity, Finding

from .mind import Mind
from .tenant import Tenant

KEPT = 4
#: A burst reaches this risk by the shipped tables; who wants to be told only of higher ones hears of canaries from here on.
MOST_RISK = 0.8


class Canaries:
    """The canaries of one partition, the newest four, in memory only: one lives for a burst of a few minutes, 40 KB each.

    Nobody else's state, clock, rows, signals or totals know of them: without them a partition's records give the same. One whose
    burst a crash cut in two may stay silent; the next one comes.
    """

    def __init__(self) -> None:
        self._tenants: dict[str, Tenant] = {}
        #: What opened, in order; whoever publishes it takes it out.
        self.findings: list[Finding] = []

    def take(self, mind: Mind, offset: int, event: Event) -> bool:
        """Judge an event by this mind if it is a proven canary's; False otherwise, and nothing was done."""
        if mind.canary_key is None or not mind.canary_key.proves(event):
            return False
        if mind.config.risk_medium > MOST_RISK:
            mind = replace(mind, config=replace(mind.config, risk_medium=MOST_RISK))
        tenant = self._tenants.get(event.tenant_id) or self._begin(mind, event.tenant_id)
        tenant.adopt(mind)
        found: list[Finding] = []
        tenant.apply(offset, offset, event, found, [])
        tenant.signals.clear()
        self.findings += [finding for finding in found if finding.activity is Activity.CREATE]
        return True

    def _begin(self, mind: Mind, name: str) -> Tenant:
        while len(self._tenants) >= KEPT:
            del self._tenants[next(iter(self._tenants))]
        tenant = self._tenants[name] = Tenant(mind, name)
        return tenant
