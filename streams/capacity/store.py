"""What it costs that a tenant is not in memory: to the store of a worker and back."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from models.accounts import Unit
from streams.judging import TOGETHER
from streams.tenant_store import TenantStore


def through_a_store(states: Mapping[Unit, bytes]) -> None:
    """Bring packed tenants to a store of their own, all in one go, and back as a batch of records fetches them."""
    units = list(states)
    with tempfile.TemporaryDirectory(prefix="distillwatch-capacity-") as directory:
        store = TenantStore(Path(directory) / "tenants.sqlite")
        store.put(states.items())
        for begin in range(0, len(units), TOGETHER):
            store.get(units[begin : begin + TOGETHER])
        store.close()
