"""From where on the signals topic has to be read again: the offsets of the first signals of each epoch."""

from schemas.signal import Signal


class SignalOffsets:
    """Notes signals as they come, and forgets those that no longer count; one number an epoch.

    >>> offsets = SignalOffsets(expiry_ms=100)
    >>> offsets.first = {0: 5, 100: 7, 200: 6}
    >>> offsets.read_from(epoch_ms=200, position=9), offsets.read_from(epoch_ms=900, position=9)
    (6, 10)
    """

    def __init__(self, expiry_ms: int) -> None:
        self._expiry_ms = expiry_ms
        self.first: dict[int, int] = {}

    def note(self, signal: Signal, offset: int) -> None:
        """A signal stands at this offset; offsets rise."""
        self.first.setdefault(signal.epoch_ms, offset)

    def read_from(self, epoch_ms: int, position: int) -> int:
        """The offset from which on every signal stands that counts after this epoch, of those up to `position`."""
        self.first = {at: offset for at, offset in self.first.items() if at >= epoch_ms - self._expiry_ms}
        return min(self.first.values(), default=position + 1)
