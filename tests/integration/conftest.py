"""Traffic for the drills, made once a run."""

from collections.abc import Iterator

import pytest

from streams.simulation import Simulation, simulate
from tests.integration.drill import WorkerProcess
from tests.integration.ending import with_an_end


@pytest.fixture(scope="session")
def traffic() -> list[bytes]:
    """Two days of some thirty tenants, attackers among them."""
    records, _ = simulate(Simulation(days=2, tenants=24, attackers=6, seed=5))
    return with_an_end(list(records))


@pytest.fixture(autouse=True)
def no_worker_outlives_its_test() -> Iterator[None]:
    """A drill that fails half-way leaves no worker running beside the next one."""
    yield
    while WorkerProcess.started:
        worker = WorkerProcess.started.pop()
        if worker.process.poll() is None:
            worker.kill()
