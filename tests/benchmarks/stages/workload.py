"""The frozen workload: two days of our simulator, and what a worker makes of them on the way from stage to stage."""

from hashlib import blake2b

from msgspec import Struct

from models.look import looking
from models.mind import Mind
from models.partition import Partition
from models.snapshot import unpack_tenant
from models.tenant import Tenant
from schemas.codec import read_event
from schemas.event import Event
from schemas.finding import Finding
from schemas.rows import TenantWindow
from schemas.signal import Signal, Watermark
from streams.configuration import mind_of
from streams.settings import JudgementSettings
from streams.simulation import Simulation, simulate

SIMULATION = Simulation(days=2, tenants=60, attackers=8, seed=11)
#: What the records of this simulation hash to. Another digest is another workload: its figures cannot be compared.
DIGEST = "b12288ce52527e8e"
#: Thresholds at which there are findings enough to time.
EAGER = JudgementSettings(risk_medium=0.1, risk_high=0.2, risk_critical=0.4, quiet_hours=2)
TOPIC_ID = "frozen-workload-000001"
SECRET = b"what is measured is kept nowhere, so any key does"
TOGETHER = 64


class Workload(Struct, frozen=True, kw_only=True):
    """The input of every stage. `states` are all tenants packed at the end."""

    digest: str
    mind: Mind
    records: list[bytes]
    events: list[Event]
    findings: list[Finding]
    rows: list[TenantWindow]
    signals: list[Signal]
    marks: list[Watermark]
    states: list[bytes]

    @classmethod
    def made(cls) -> "Workload":
        """Simulate it and judge it once: half a minute."""
        records = list(simulate(SIMULATION)[0])
        mind = mind_of(JudgementSettings(), SECRET)
        events = [event for event in map(read_event, records) if isinstance(event, Event)]
        judge = judged(mind, events)
        checkpoint = judge.checkpoint()
        return cls(
            digest=digest_of(records),
            mind=mind,
            records=records,
            events=events,
            findings=[finding for _, finding in judged(mind_of(EAGER, SECRET), events).findings],
            rows=checkpoint.rows,
            signals=[message for message in judge.messages if isinstance(message, Signal)],
            marks=[message for message in judge.messages if isinstance(message, Watermark)],
            states=[packed for _, packed in checkpoint.tenants],
        )

    def awake(self) -> list[Tenant]:
        """All tenants, unpacked."""
        states = [unpack_tenant(packed) for packed in self.states]
        return [Tenant(self.mind, state.tenant, state.subject, state) for state in states]


def digest_of(records: list[bytes]) -> str:
    """What tells one workload from another."""
    return blake2b(b"\n".join(records), digest_size=8).hexdigest()


def judged(mind: Mind, events: list[Event]) -> Partition:
    """One partition that has judged them all, as a worker does: so many at a time."""
    judge = Partition(mind, 0, 1, TOPIC_ID)
    for begin in range(0, len(events), TOGETHER):
        together = events[begin : begin + TOGETHER]
        with looking(together, mind.hasher):
            for offset, event in enumerate(together, begin):
                judge.apply(offset, event)
    return judge
