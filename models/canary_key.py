"""What tells a canary from a tenant that only bears such a name."""

from hashlib import blake2b
from hmac import compare_digest

from schemas.canary import read_name
from schemas.event import Event


class CanaryKey:
    """Tells the events of this deployment's canaries from those of anybody who took such a name: a keyed hash in the event's id.

    The hash covers tenant, number, time and prompt: whoever has seen a canary can repeat it to the letter, and nothing else. 3 us an event
    whose tenant has such a name.

    >>> key = CanaryKey(b"a secret of at least sixteen characters")
    >>> key.event_id("canary.0.1.2", 7, 1000, "hello").partition(".")[0]
    '7'
    """

    def __init__(self, secret: bytes) -> None:
        self._key = blake2b(secret, digest_size=32, person=b"distillw. canary").digest()

    def event_id(self, tenant: str, number: int, ts_ms: int, prompt: str) -> str:
        """The id of a canary's event, which proves it."""
        said = f"{tenant}|{number}|{ts_ms}|{prompt}".encode("utf-8", "surrogatepass")
        return f"{number}.{blake2b(said, key=self._key, digest_size=16).hexdigest()}"

    def proves(self, event: Event) -> bool:
        """Whether an event is one of this deployment's canaries."""
        number = event.event_id.partition(".")[0]
        if not (number.isascii() and number.isdigit()) or len(number) > 6 or read_name(event.tenant_id) is None:
            return False
        proof = self.event_id(event.tenant_id, int(number), event.ts, event.prompt or "")
        return compare_digest(proof.encode(), event.event_id.encode("utf-8", "surrogatepass"))
