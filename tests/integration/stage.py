"""How the drills begin: a worker's settings, what it is sent, and what an undisturbed run would give."""

import threading
from typing import Any, Protocol

import msgspec

from schemas.codec import decode_event
from schemas.event import Client
from streams.replay import replay
from streams.settings import Settings
from streams.simulation import Simulation, simulate
from tests.integration.drill import Expected, Kept, judged, searched, stored, wait_until
from tests.models.events import HOUR_MS, MINUTE_MS, event

WORKER = {"checkpoint_seconds": 0.5}
RESTARTING = WORKER | {"session_timeout_seconds": 6.0, "batch_records": 100}
#: Thresholds that open and close many findings in little traffic.
EAGER = {"risk_medium": 0.1, "risk_high": 0.2, "risk_critical": 0.4, "quiet_hours": 2}
SIMULATION = Simulation(days=1, tenants=12, attackers=2, seed=3)  # the second kind of attack is a hydra


class Stage(Protocol):
    """Topics, tables and settings of a drill of its own, a hydra's traffic, what is expected of it; keywords are branches of settings."""

    def __call__(self, **branches: dict[str, Any]) -> tuple[Settings, list[bytes], Expected]: ...


def hydra() -> list[bytes]:
    """A hydra among others; forty more tenants, who share nothing, see to it that no partition is ever silent, and go on for some hours."""
    records = list(simulate(SIMULATION)[0])
    end_ms = SIMULATION.end_ms + 8 * HOUR_MS
    others = [
        msgspec.structs.replace(
            event(number, ts, f"filler_{number % 40}"), prompt=None, client=Client(ip=f"198.18.{number % 40}.1")
        )
        for number, ts in enumerate(range(SIMULATION.start_ms, end_ms, MINUTE_MS))
    ]
    records += [msgspec.json.encode(one) for one in others]
    return sorted(records, key=lambda record: decode_event(record).ts)


def sending(records: list[bytes], settings: Settings, seconds: float) -> threading.Thread:
    thread = threading.Thread(target=replay, args=(records, settings), kwargs={"rate": len(records) / seconds})
    thread.start()
    return thread


def finish(kept: Kept) -> None:
    for done in (judged, searched, stored):
        wait_until(lambda done=done: kept.has(done), seconds=300)  # type: ignore[misc]
    assert kept.worker.stop() == 0, kept.worker.text()[-4000:]
