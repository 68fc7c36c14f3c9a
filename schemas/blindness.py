"""Blindness: a partition whose attacks would not be told of, or far too late."""

from enum import StrEnum

from msgspec import Struct

from schemas.finding import Activity, stable_uid


class Cause(StrEnum):
    """What is wrong, the worst first."""

    ABSENT = "absent"
    """No canary came back for several periods."""
    LATE = "late"
    """A canary that was sent has not come back in time; it may be on its way."""
    BEHIND = "behind"
    """Canaries come back, but what is judged there happened long ago."""


class Blindness(Struct, frozen=True, kw_only=True):
    """One line of an alarm's life.

    `time_ms` is when it was noticed, `since_ms` when the newest canary that came back was sent (0: none ever did); `seconds` is for how
    long none came, or how far behind the partition is. Whoever watches the same topic makes the same alarm of it: its uid
    depends on the partition, on the `since_ms` it opened with and, when none ever came back, on the hour it opened.
    """

    partition: int
    cause: Cause
    activity: Activity
    sequence: int
    opened_ms: int
    since_ms: int
    time_ms: int
    seconds: int
    uid: str

    @property
    def line_uid(self) -> str:
        """The id of this line: the same for every repetition of it (OCSF `metadata.uid`)."""
        return stable_uid("line", self.uid, str(int(self.activity)), str(self.sequence))


def uid_of(partition: int, since_ms: int, opened_ms: int) -> str:
    """The uid of an alarm that opens; the same for two watchers."""
    hour = opened_ms // 3_600_000
    return stable_uid("blindness", str(partition), str(since_ms) if since_ms else f"never, hour {hour}")
