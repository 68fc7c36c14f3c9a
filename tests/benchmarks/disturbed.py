"""Traffic in which every tenant's surface is disturbed, so that no habit of whoever made it stands for a kind of tenant."""

from pathlib import Path
from random import Random
from typing import Any

import orjson

GREETINGS = ("Hi, ", "please ", "[task] ", "Q: ", "User request:\n")


class Disturbed:
    """How one tenant's surface differs from what the composer gave it; what it is after stays."""

    def __init__(self, tenant: str, seed: int) -> None:
        rng = Random(f"{tenant}/{seed}")
        self._output, self._input = rng.lognormvariate(0, 0.7), rng.lognormvariate(0, 0.3)
        self._silent = {
            name
            for name, share in (("prompt", 0.1), ("client", 0.15), ("params", 0.15), ("account", 0.2))
            if rng.random() < share
        }
        if rng.random() < 0.4:
            self._silent.add("conversation_id")
        self._lower, self._one_address = rng.random() < 0.15, rng.random() < 0.25
        self._greeting = rng.choice(GREETINGS) if rng.random() < 0.25 else ""
        self._told_refusals = rng.random() < 0.7

    def event(self, event: dict[str, Any]) -> dict[str, Any]:
        """One of its events, disturbed."""
        usage, response = event["usage"], event["response"]
        usage["output_tokens"] = max(1, int(usage["output_tokens"] * self._output))
        usage["input_tokens"] = max(1, int(usage["input_tokens"] * self._input))
        if not self._told_refusals:
            response["refused"], response["finish_reason"] = None, "stop"
        if self._one_address:
            event["client"]["ip"] = event["tenant_id"]
        prompt = event["prompt"].lower() if self._lower else event["prompt"]
        event["prompt"] = self._greeting + prompt
        return event | dict.fromkeys(self._silent)


def disturb(source: Path, target: Path, seed: int) -> None:
    """Rewrite a file of events, each tenant in its own way."""
    tenants: dict[str, Disturbed] = {}
    with source.open("rb") as lines, target.open("wb") as out:
        for line in lines:
            event = orjson.loads(line)
            name = event["tenant_id"]
            tenant = tenants.get(name) or tenants.setdefault(name, Disturbed(name, seed))
            out.write(orjson.dumps(tenant.event(event)) + b"\n")
