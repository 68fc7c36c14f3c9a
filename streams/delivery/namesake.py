"""Noticing another worker of the same name: the group takes us for one another."""

from collections import deque

from schemas.errors import RefusedToStart

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
