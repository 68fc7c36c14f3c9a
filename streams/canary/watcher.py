"""What canaries that came back, or stayed away, say of each partition; nothing here reads a clock or a topic."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from schemas.blindness import Blindness, Cause, uid_of
from schemas.finding import Activity

#: An alarm that stays open is told again so often: whoever begins to watch need not read further back than twice this.
REMIND_MS = 24 * 3_600_000

_WORST_FIRST = tuple(Cause)


class Limits(Struct, frozen=True, kw_only=True):
    """When it is an alarm, in milliseconds: no canary back for so long, or one on its way, or a partition behind, for so long."""

    absent_ms: int
    lag_ms: int


class Sign(Struct, frozen=True, kw_only=True):
    """A canary that came back: its partition, when it was sent, how far the partition was behind, and when its alert was written."""

    partition: int
    sent_ms: int
    lag_ms: int
    alert_ms: int


class _Seen:
    """What is known of one partition; `waiting` are the canaries sent and not back, oldest first."""

    def __init__(self) -> None:
        self.newest: Sign | None = None
        self.waiting: list[int] = []
        self.open: Blindness | None = None
        self.newest_line = -1, -1  # opened_ms and sequence of the newest line on the topic


class Watcher:
    """Holds what is known of each partition, some hundred bytes each; `started_ms` is when it began to look.

    What came back and which alarms are open follows from the alerts topic, of which the last days are read again at every start; so two
    watchers, or one that was killed, raise no alarm twice.
    """

    def __init__(self, limits: Limits, started_ms: int) -> None:
        self.limits, self._started_ms = limits, started_ms
        self._seen: dict[int, _Seen] = {}

    def expect(self, partitions: Iterable[int]) -> None:
        """Watch these partitions, and those that were expected before."""
        for partition in partitions:
            self._seen.setdefault(partition, _Seen())

    def sent(self, partition: int, sent_ms: int) -> None:
        """A canary was sent."""
        self._seen[partition].waiting.append(sent_ms)

    def came_back(self, sign: Sign) -> bool:
        """A canary's alert is on the topic; whether it was one of those sent by this watcher."""
        seen = self._seen.setdefault(sign.partition, _Seen())
        ours = sign.sent_ms in seen.waiting
        if seen.newest is None or sign.sent_ms > seen.newest.sent_ms:
            seen.newest = sign
            seen.waiting = [at for at in seen.waiting if at > sign.sent_ms]
        return ours

    def told(self, line: Blindness) -> None:
        """A line of an alarm is on the topic, whoever wrote it."""
        seen = self._seen.setdefault(line.partition, _Seen())
        if (line.opened_ms, line.sequence) > seen.newest_line:
            seen.newest_line = line.opened_ms, line.sequence
            seen.open = None if line.activity is Activity.CLOSE else line

    def look(self, now_ms: int) -> list[Blindness]:
        """The lines that are due now; each is due again until it is `told`."""
        lines = (self._line(partition, seen, now_ms) for partition, seen in sorted(self._seen.items()))
        return [line for line in lines if line is not None]

    def ages_ms(self, now_ms: int) -> dict[int, int]:
        """How long ago the newest canary that came back was sent, by partition; since the start where none did."""
        return {partition: max(0, now_ms - self._since(seen)) for partition, seen in sorted(self._seen.items())}

    def lags_ms(self) -> dict[int, int]:
        """How far behind partitions were when their newest canary came back."""
        return {at: seen.newest.lag_ms for at, seen in sorted(self._seen.items()) if seen.newest is not None}

    def in_doubt(self, now_ms: int) -> list[int]:
        """The partitions to send another canary to before its time.

        Those whose alarm is open, with none on its way: the next may close it. And those where the last one should have been back: a crash
        may have cut it in two, which is no blindness.
        """
        return [partition for partition, seen in sorted(self._seen.items()) if self._doubts(seen, now_ms)]

    def missing(self) -> list[int]:
        """The partitions to which a canary is on its way, or lost."""
        return [partition for partition, seen in sorted(self._seen.items()) if seen.waiting]

    def blind(self, now_ms: int) -> dict[int, Cause | None]:
        """What is wrong with each partition; None where all is well."""
        return {partition: self._cause(seen, now_ms)[0] for partition, seen in sorted(self._seen.items())}

    # -- inside -------------------------------------------------------------------------------------------------------

    def _since(self, seen: _Seen) -> int:
        """From when on silence counts. Nobody may have sent any before the start: then from the start."""
        newest_ms = seen.newest.sent_ms if seen.newest is not None else 0
        return newest_ms if newest_ms >= self._started_ms - self.limits.absent_ms else self._started_ms

    def _cause(self, seen: _Seen, now_ms: int) -> tuple[Cause | None, int]:
        """What is wrong, and for how many milliseconds by now."""
        silent_ms, limits = now_ms - self._since(seen), self.limits
        if silent_ms > limits.absent_ms:
            return Cause.ABSENT, silent_ms
        if seen.waiting and now_ms - seen.waiting[0] > limits.lag_ms:
            return Cause.LATE, now_ms - seen.waiting[0]
        if seen.newest is not None and self._late_ms(seen.newest) > limits.lag_ms:
            return Cause.BEHIND, self._late_ms(seen.newest)
        return None, 0

    def _doubts(self, seen: _Seen, now_ms: int) -> bool:
        if seen.waiting:
            return now_ms - seen.waiting[-1] > self.limits.lag_ms // 3
        return seen.open is not None

    def _late_ms(self, sign: Sign) -> int:
        return max(sign.lag_ms, sign.alert_ms - sign.sent_ms)

    def _line(self, partition: int, seen: _Seen, now_ms: int) -> Blindness | None:
        cause, for_ms = self._cause(seen, now_ms)
        known, since_ms = seen.open, seen.newest.sent_ms if seen.newest is not None else 0
        if known is None:
            if cause is None:
                return None
            return Blindness(
                partition=partition,
                cause=cause,
                activity=Activity.CREATE,
                sequence=0,
                opened_ms=now_ms,
                since_ms=since_ms,
                time_ms=now_ms,
                seconds=for_ms // 1000,
                uid=uid_of(partition, since_ms, now_ms),
            )
        is_told_again = cause is not None and now_ms - known.time_ms >= REMIND_MS
        is_no_better = since_ms <= known.since_ms and not _worse(cause, known.cause)
        if not is_told_again and (cause is known.cause or is_no_better):
            return None  # nothing new; and it is better when a newer canary came back, not when a watcher begins anew
        return replace(
            known,
            cause=cause or known.cause,
            activity=Activity.CLOSE if cause is None else Activity.UPDATE,
            sequence=known.sequence + 1,
            since_ms=since_ms,
            time_ms=now_ms,
            seconds=known.seconds if cause is None else for_ms // 1000,
        )


def _worse(cause: Cause | None, than: Cause) -> bool:
    return cause is not None and _WORST_FIRST.index(cause) < _WORST_FIRST.index(than)
