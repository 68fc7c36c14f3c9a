"""The name of a canary: a synthetic tenant that is sent through the whole line to see whether it alerts."""

from msgspec import Struct

PREFIX = "canary."


class CanaryName(Struct, frozen=True, kw_only=True):
    """For which partition of the requests topic it was made, and when (epoch milliseconds); `nonce` brings it there.

    >>> CanaryName(partition=3, sent_ms=1800000000000, nonce=17).tenant
    'canary.3.1800000000000.17'
    """

    partition: int
    sent_ms: int
    nonce: int

    @property
    def tenant(self) -> str:
        """The tenant id."""
        return f"{PREFIX}{self.partition}.{self.sent_ms}.{self.nonce}"


def read_name(tenant: str) -> CanaryName | None:
    """The name that a tenant id holds; None for one of another form, which is nobody's canary.

    >>> read_name("canary.3.1800000000000.17").partition, read_name("canary.club"), read_name("canary.3.-1.0")
    (3, None, None)
    """
    parts = tenant.removeprefix(PREFIX).split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) <= 15 for part in parts):
        return None
    name = CanaryName(partition=int(parts[0]), sent_ms=int(parts[1]), nonce=int(parts[2]))
    return name if name.tenant == tenant else None
