"""The control topic as a worker sees it: the newest record, and how partitions come to judge by it."""

from collections.abc import Callable
from typing import Any, Protocol

from models.adoptions import Adoption
from schemas.control import Control, decode_control
from schemas.errors import BadRecord
from streams.delivery import Offsets
from streams.held import HeldPartition
from streams.logs import logger

log = logger(__name__)


class Controls:
    """The newest control record on the topic; of two with one number the first is the one, whoever sent the other."""

    def __init__(self) -> None:
        self.newest: Control | None = None

    def take(self, record: Any) -> None:
        """Take in a record of the topic."""
        try:
            control = decode_control(record.value)
        except BadRecord as error:
            log.warning("a record of the control topic cannot be read", offset=record.offset, detail=str(error))
            return
        if self.newest is None or control.number > self.newest.number:
            self.newest = control
        elif control.number < self.newest.number or control != self.newest:
            log.warning("a control record came too late: its number is taken", number=control.number)


class AdoptionLog(Protocol):
    """The checkpoint topic, as far as adoptions are concerned."""

    async def write_adoptions(self, partition: int, generation: int, adoptions: list[Adoption]) -> None:
        """Make them durable."""


class Adopting:
    """Lets a partition adopt the newest control record with a batch, once that is durable.

    What an earlier owner has judged and told without its being durable is judged again by the records that it adopted, so nothing new is
    adopted before the offset at which the log ended when this owner first had a batch of it.
    """

    def __init__(self, controls: Controls, checkpoints: AdoptionLog, offsets: Callable[[int], Offsets]) -> None:
        self._controls, self._checkpoints, self._offsets = controls, checkpoints, offsets

    async def before(self, held: HeldPartition, first_offset: int) -> None:
        """Called before a batch that begins at this offset is judged."""
        judge, control = held.judge, self._controls.newest
        if held.fresh_from is None:
            held.fresh_from = self._offsets(judge.index).end
        first = max(first_offset, judge.position + 1)
        if control is None or held.fresh_from is None or first < held.fresh_from:
            return
        if judge.newest_control is not None and judge.newest_control.number >= control.number:
            return
        adoption = Adoption(first, control)
        await self._checkpoints.write_adoptions(
            judge.index, judge.generation, [*judge.adoptions_since(held.durable), adoption]
        )
        judge.adopt([adoption])
        log.info("control record adopted", partition=judge.index, number=control.number, first_offset=first)
