"""The JSON Schema of what we say, shipped beside the code."""

from importlib.resources import files
from typing import Any

import msgspec

SCHEMA: dict[str, Any] = msgspec.json.decode(files(__package__).joinpath("schema.json").read_bytes())
"""JSON Schema 2020-12 of exactly the part of OCSF Detection Finding that `alert` emits for a tenant; it allows nothing else."""

CAMPAIGN_SCHEMA: dict[str, Any] = msgspec.json.decode(files(__package__).joinpath("campaign_schema.json").read_bytes())
"""The same for a campaign."""
