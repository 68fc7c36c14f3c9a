"""The truth about composed traffic, one line a tenant."""

from pathlib import Path

import msgspec
from msgspec import Struct

DAY_MS = 86_400_000


class Label(Struct, frozen=True, kw_only=True):
    """A tenant: its kind, the campaign it belongs to (None: honest) and the times of its attack requests, ascending."""

    tenant_id: str
    label: str
    kind: str
    campaign: str | None
    events: int
    begin_ms: int
    end_ms: int
    attack_ts: tuple[int, ...]

    @property
    def counted(self) -> bool:
        """Whether it sent anything and, if an attacker, attacked within the run."""
        return self.events > 0 and (self.label != "attack" or bool(self.attack_ts))

    @property
    def honest_days(self) -> int:
        """All its days if it is honest, else the whole days before its first attack request."""
        if self.attack_ts:
            return (self.attack_ts[0] - self.begin_ms) // DAY_MS
        return round((self.end_ms - self.begin_ms) / DAY_MS)


def read_labels(path: Path) -> list[Label]:
    """The labels of a file; raises `msgspec.ValidationError` for another form."""
    with path.open("rb") as lines:
        return [msgspec.json.decode(line, type=Label) for line in lines]
