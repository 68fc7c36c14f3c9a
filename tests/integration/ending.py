"""An end to traffic after which nothing is pending: every partition's clock has passed everything."""

import msgspec

from schemas.codec import decode_event
from tests.models.events import HOUR_MS, event


def with_an_end(traffic: list[bytes]) -> list[bytes]:
    """The traffic, and two days later a few requests of forty other tenants, who are on every partition."""
    end_ms = decode_event(traffic[-1]).ts + 48 * HOUR_MS
    last = [event(number, end_ms + number, f"filler_{number % 40}") for number in range(1600)]
    return [*traffic, *(msgspec.json.encode(one) for one in last)]
