"""Events for tests of the judgement."""

import msgspec

from models.config import Config
from models.mind import Mind
from schemas.event import Client, Event, Response, Usage

START_MS = 1_800_000_000_000 - 1_800_000_000_000 % 3_600_000
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
SECRET = b"a secret for tests, long enough to be taken"


def mind(**config: int | float) -> Mind:
    """A mind with these settings and the shipped tables."""
    return Mind.of(msgspec.structs.replace(Config(), **config), SECRET)


def event(number: int, at_ms: int, tenant: str = "org_a", prompt: str | None = None) -> Event:
    """An ordinary request; its id follows from its number."""
    return Event(
        schema_version=1,
        event_id=f"evt_{tenant}_{number}",
        ts=at_ms,
        tenant_id=tenant,
        model="frontier-large",
        api_key_id="key_1",
        prompt=f"question number {number} about hedges" if prompt is None else prompt,
        usage=Usage(input_tokens=10, output_tokens=100 + number % 7),
        response=Response(status=200, refused=False),
        client=Client(ip=f"192.0.2.{number % 5}"),
    )
