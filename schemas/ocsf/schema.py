"""The JSON Schema of what we say, shipped beside the code."""

from importlib.resources import files
from typing import Any

import msgspec


def _shipped(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = msgspec.json.decode(files(__package__).joinpath(name).read_bytes())
    return schema


SCHEMA = _shipped("schema.json")
"""JSON Schema 2020-12 of exactly the part of OCSF Detection Finding that `alert` emits for a tenant; it allows nothing else."""

CAMPAIGN_SCHEMA = _shipped("campaign_schema.json")
"""The same for a campaign."""

CANARY_SCHEMA = _shipped("canary_schema.json")
"""The same for a canary that was found."""

BLINDNESS_SCHEMA = _shipped("blindness_schema.json")
"""The same for an alarm of blindness."""
