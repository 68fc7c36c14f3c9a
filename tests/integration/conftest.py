"""Traffic for the drills, made once a run."""

import pytest

from streams.simulation import Simulation, simulate
from tests.integration.ending import with_an_end


@pytest.fixture(scope="session")
def traffic() -> list[bytes]:
    """Two days of some thirty tenants, attackers among them."""
    records, _ = simulate(Simulation(days=2, tenants=24, attackers=6, seed=5))
    return with_an_end(list(records))
