"""Where a partition's state belongs: what is written for another place is refused."""

from msgspec import Struct

from schemas.errors import ForeignState


class Home(Struct, frozen=True, gc=False):
    """A partition of a topic, which is known by its id, and of how many.

    >>> Home(3, 8, "a").require("a", partitions=8)
    """

    index: int
    partitions: int
    topic_id: str

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
