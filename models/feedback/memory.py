"""The memory of the learner: the newest verdicts with the evidence of their findings, as bytes that survive a restart."""

from collections import Counter, deque
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from schemas.control import Control, Learned
from schemas.errors import ForeignState
from schemas.feedback import Feedback

from .evidence import Evidence
from .learner import learn

FORM = 1
MOST_VERDICTS = 10_000
MOST_CAUSES = 20


class Verdict(Struct, frozen=True, array_like=True, gc=False):
    """One verdict with what its finding rested on; some 110 bytes packed. `values` go by the families of the state."""

    serial: int
    finding: bytes
    false_positive: bool
    cause: str
    time_ms: int
    values: tuple[float, ...]


class _State(Struct, frozen=True, kw_only=True, array_like=True):
    """The memory at rest.

    `position` is the last offset of the feedback topic (`topic_id`) that is accounted for in it, `control` the newest record
    that was made of it: it may not be on the control topic yet.
    """

    form: int
    topic_id: str
    position: int
    serial: int
    families: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    control: Control | None


class Memory:
    """What the learner knows: the newest 10,000 verdicts, about 1 MB packed; owned by whoever holds the feedback topic.

    Serials number verdicts from 1 for ever, whatever becomes of the topic that brought them.
    """

    def __init__(self, topic_id: str = "") -> None:
        self.topic_id = topic_id
        self.position = -1
        self.serial = 0
        self.control: Control | None = None
        self._families: list[str] = []
        self._verdicts: deque[Verdict] = deque(maxlen=MOST_VERDICTS)

    def take(self, feedback: Feedback, evidence: Evidence) -> None:
        """Keep one verdict; the oldest one goes."""
        self._families += sorted(set(evidence) - set(self._families))
        self.serial += 1
        self._verdicts.append(
            Verdict(
                self.serial,
                UUID(feedback.finding_uid).bytes,
                feedback.verdict == "false_positive",
                feedback.cause,
                feedback.time_ms,
                tuple(round(evidence.get(family, 0.0), 3) for family in self._families),
            )
        )

    def next_control(self, newest: Control | None) -> Control | None:
        """The record that follows the newest one on the topic, made of every verdict that counts; None when no verdict is new.

        A function of the verdicts, in their order, and of `newest` alone.
        """
        if self.serial <= (newest.read_to if newest is not None else 0):
            return None
        void = newest.void if newest is not None else ()
        counted = self._counted(void)
        return Control(
            number=1 + (newest.number if newest is not None else 0),
            made_ms=max((verdict.time_ms for verdict in self._verdicts), default=0),
            read_to=self.serial,
            void=void,
            learned=Learned(
                weights=learn([(self._evidence(verdict), verdict.false_positive) for verdict in counted]),
                findings=len(counted),
                false_positives=sum(verdict.false_positive for verdict in counted),
                causes=_most_frequent(verdict.cause for verdict in counted if verdict.false_positive),
            ),
            calibration=newest.calibration if newest is not None else None,
            calibration_held=newest is not None and newest.calibration_held,
        )

    def pack(self) -> bytes:
        """The memory in bytes."""
        return msgspec.msgpack.encode(
            _State(
                form=FORM,
                topic_id=self.topic_id,
                position=self.position,
                serial=self.serial,
                families=tuple(self._families),
                verdicts=tuple(self._verdicts),
                control=self.control,
            )
        )

    @classmethod
    def unpack(cls, packed: bytes) -> "Memory":
        """The memory that was packed; raises `ForeignState` for anything that this version did not write."""
        state = _read(packed)
        memory = cls(state.topic_id)
        memory.position, memory.serial, memory.control = state.position, state.serial, state.control
        memory._families, memory._verdicts = list(state.families), deque(state.verdicts, MOST_VERDICTS)
        return memory

    def _counted(self, void: Iterable[tuple[int, int]]) -> list[Verdict]:
        """The newest verdict about each finding, of those that are not void, in the order in which they came."""
        spans = tuple(void)
        newest: dict[bytes, Verdict] = {}
        for verdict in self._verdicts:
            if not any(first <= verdict.serial <= last for first, last in spans):
                newest.pop(verdict.finding, None)
                newest[verdict.finding] = verdict
        return list(newest.values())

    def _evidence(self, verdict: Verdict) -> Evidence:
        return {family: value for family, value in zip(self._families, verdict.values, strict=False) if value}


def _most_frequent(causes: Iterable[str]) -> dict[str, int]:
    counts = Counter(causes)
    return {cause: counts[cause] for cause in sorted(counts, key=lambda one: (-counts[one], one))[:MOST_CAUSES]}


def _read(packed: bytes) -> _State:
    try:
        raw: Any = msgspec.msgpack.decode(packed)
        form = raw[0]
    except (msgspec.DecodeError, TypeError, IndexError, KeyError):
        raise ForeignState("the verdicts in the checkpoint topic are damaged") from None
    if form != FORM:
        raise ForeignState(f"the verdicts in the checkpoint topic have form {form!r}, this version reads form {FORM}")
    try:
        return msgspec.msgpack.decode(packed, type=_State)
    except msgspec.DecodeError as error:
        raise ForeignState(f"the verdicts in the checkpoint topic are damaged: {error}") from None
