"""How fast records are replayed: by their own clock, or so many a second."""

SILENCE_MS = 3_600_000
SURE_AFTER = 3


class Pace:
    """When each record is due, in seconds after the first one.

    `speed` is a multiple of the real time between the records' `ts`, `rate` is records a second; the later of the two
    counts, and without both everything is due at once. A silence of more than an hour is skipped, once three records in
    a row lie behind it: one wrong clock from the year 2100 does not stop a replay.
    """

    def __init__(self, speed: float | None, rate: float | None) -> None:
        self.speed = speed
        self.rate = rate
        self.reads_ts = speed is not None
        self._count = 0
        self._newest_ms: float | None = None
        self._elapsed_ms = 0.0
        self._far = 0

    def due_seconds(self, ts_ms: float | None) -> float:
        """When the next record is due; `ts_ms` is its event time, None when it has none.

        >>> pace = Pace(speed=60, rate=None)
        >>> pace.due_seconds(1_000_000), pace.due_seconds(1_060_000), pace.due_seconds(None)
        (0.0, 1.0, 1.0)
        """
        due = 0.0
        if self.rate is not None:
            due = self._count / self.rate
            self._count += 1
        if self.speed is not None:
            if ts_ms is not None:
                self._move(ts_ms)
            due = max(due, self._elapsed_ms / 1000 / self.speed)
        return due

    def _move(self, ts_ms: float) -> None:
        if self._newest_ms is None:
            self._newest_ms = ts_ms
        ahead = ts_ms - self._newest_ms
        self._far = self._far + 1 if abs(ahead) > SILENCE_MS else 0
        if self._far >= SURE_AFTER:
            self._newest_ms, self._far = ts_ms, 0
        elif 0 < ahead <= SILENCE_MS:
            self._newest_ms = ts_ms
            self._elapsed_ms += ahead
