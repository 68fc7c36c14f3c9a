"""Where a partition's state belongs: what is written for another place is refused."""

from typing import Any

from msgspec import Struct

from schemas.errors import ForeignState

from .compiled import compiled

_M, _MASK = 0x5BD1E995, 0xFFFFFFFF


class Home(Struct, frozen=True, gc=False):
    """A partition of a topic, which is known by its id, and of how many.

    >>> Home(3, 8, "a").require("a", partitions=8)
    """

    index: int
    partitions: int
    topic_id: str

    def has(self, tenant: str) -> bool:
        """Whether the default partitioner brings this tenant here: `schemas.partitioner`, compiled, for it is asked at each waking.

        >>> from schemas.partitioner import partition_of
        >>> all(Home(partition_of(name, 7), 7, "").has(name) for name in ("", "a", "org", "org_1", "ein längerer Name"))
        True
        """
        return (_murmur2(tenant.encode()) & 0x7FFFFFFF) % self.partitions == self.index

    def require(self, topic_id: str, partitions: int | None = None) -> None:
        """Raise `ForeignState` when state was written for another topic or another number of partitions."""
        if topic_id != self.topic_id:
            raise ForeignState(
                f"the state of partition {self.index} was written for topic id {topic_id}, the topic has id "
                f"{self.topic_id} now: every event would be skipped as a replay; stop all workers and run: distillwatch rehome"
            )
        if partitions not in (None, self.partitions):
            raise ForeignState(
                f"the state of partition {self.index} was written for {partitions} partitions, the topic has "
                f"{self.partitions} now; stop all workers and run: distillwatch rehome"
            )


@compiled
def _murmur2(data: Any) -> int:
    """What `schemas.partitioner.murmur2` says; no product of two factors is beyond 63 bits."""
    length = len(data)
    h = 0x9747B28C ^ length
    for at in range(0, length - length % 4, 4):
        word = data[at] | data[at + 1] << 8 | data[at + 2] << 16 | data[at + 3] << 24
        k = word * _M & _MASK
        h = (h * _M & _MASK) ^ ((k ^ (k >> 24)) * _M & _MASK)
    if length % 4:
        left = 0
        for at in range(length % 4):
            left |= data[length - length % 4 + at] << (8 * at)
        h = (h ^ left) * _M & _MASK
    h = (h ^ (h >> 13)) * _M & _MASK
    return h ^ (h >> 15)
