"""Traffic for the drills, made once a run."""

from collections.abc import Iterator
from typing import Any

import pytest

from streams.clickhouse.migrations import migrate
from streams.local.clickhouse import LocalClickHouse
from streams.settings import Settings
from streams.simulation import Simulation, simulate
from tests.conftest import MakeSettings
from tests.integration.drill import Expected, WorkerProcess
from tests.integration.ending import with_an_end
from tests.integration.stage import EAGER, RESTARTING, Stage, hydra


@pytest.fixture(scope="session")
def traffic() -> list[bytes]:
    """Two days of some thirty tenants, attackers among them."""
    records, _ = simulate(Simulation(days=2, tenants=24, attackers=6, seed=5))
    return with_an_end(list(records))


@pytest.fixture
def stage(make_settings: MakeSettings, clickhouse: LocalClickHouse) -> Stage:
    """The beginning that most drills have in common."""
    del clickhouse

    def make(**branches: dict[str, Any]) -> tuple[Settings, list[bytes], Expected]:
        settings, traffic = make_settings(**({"worker": RESTARTING, "judgement": EAGER} | branches)), hydra()
        migrate(settings.clickhouse)
        return settings, traffic, Expected(settings, traffic)

    return make


@pytest.fixture(autouse=True)
def no_worker_outlives_its_test() -> Iterator[None]:
    """A drill that fails half-way leaves no worker running beside the next one."""
    yield
    while WorkerProcess.started:
        worker = WorkerProcess.started.pop()
        if worker.process.poll() is None:
            worker.kill()
