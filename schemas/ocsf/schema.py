"""The JSON Schema of what we say, shipped beside the code."""

from importlib.resources import files
from typing import Any

import msgspec

SCHEMA: dict[str, Any] = msgspec.json.decode(files(__package__).joinpath("schema.json").read_bytes())
"""JSON Schema 2020-12 of exactly the part of OCSF Detection Finding that `alert` emits; it allows nothing else."""
