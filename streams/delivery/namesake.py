"""Noticing another worker of the same name: the group takes us for one another."""

from asyncio import Task
from collections import deque
from typing import Any

from schemas.errors import DistillwatchError, RefusedToStart, RetryLater

LOSSES = 3
WITHIN_SECONDS = 60.0


class Namesake:
    """Watches the id that the group's coordinator gave to a static member; owned by its consumer.

    A static member keeps its id through restarts of the broker and through rebalances. It loses it when it was silent for longer than the
    session timeout, now and then, or each time that another worker joins under its name: then the two rob each other for ever.
    """

    def __init__(self, instance: str) -> None:
        self._instance = instance
        self._member = ""
        self._losses: deque[float] = deque(maxlen=LOSSES)

    def check(self, member: str, now: float) -> None:
        """Note the id at an assignment; raises `RefusedToStart` when it was lost three times within a minute.

        >>> one = Namesake("judge-1")
        >>> for now, member in enumerate("abbcd"):
        ...     one.check(member, now)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        schemas.errors.RefusedToStart: the group took another worker for this one 3 times ...
        """
        if self._member and member != self._member:
            self._losses.append(now)
        self._member = member
        if len(self._losses) == LOSSES and now - self._losses[0] <= WITHIN_SECONDS:
            raise RefusedToStart(
                f"the group took another worker for this one {LOSSES} times within {WITHIN_SECONDS:.0f} s: two workers run as "
                f'"{self._instance}"; nothing is lost. Give each a worker.instance of its own'
            )


def given_up(membership: "Task[Any] | None", instance: str | None) -> DistillwatchError | None:
    """Why the client has given up its membership of the group, for good; None while it has not.

    `membership` is the client's task that joins and rejoins. When it fails nobody else notices: without partitions nothing is fetched. A
    coordinator that shuts a static member out, for another that joined under its name, answers with an error that the client does not know.
    """
    if membership is None or not membership.done() or membership.cancelled():
        return None
    error = membership.exception()
    return None if error is None else in_our_words(error, instance)


def in_our_words(error: BaseException, instance: str | None) -> DistillwatchError:
    """What the Kafka client ended with, as one line for the person who runs the worker that bears this name."""
    if instance and "UnknownError" in str(error):
        return RefusedToStart(
            f'the group took another worker for this one: two workers run as "{instance}"; nothing is lost. Give each a '
            "worker.instance of its own"
        )
    return RetryLater(f"Kafka ended this worker ({type(error).__name__}: {error}); nothing is lost, start it again")
