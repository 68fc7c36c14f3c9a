"""A partition's way through the epochs at which campaigns are searched for."""

from schemas.signal import Signal


class Epochs:
    """The last epoch that the partition's clock has passed, and the next one it will; owned by its partition.

    >>> epochs = Epochs(epoch_ms=100)
    >>> epochs.go_on(250)
    >>> epochs.watermark_ms, epochs.due_ms
    (200, 300)
    """

    __slots__ = ("_epoch_ms", "due_ms", "watermark_ms")

    def __init__(self, epoch_ms: int, watermark_ms: int = -1) -> None:
        self._epoch_ms, self.watermark_ms = epoch_ms, watermark_ms
        self.due_ms = watermark_ms + epoch_ms if watermark_ms >= 0 else 0

    def go_on(self, now_ms: int) -> None:
        """Note that the clock shows this time, at `due_ms` or later."""
        self.watermark_ms = now_ms - now_ms % self._epoch_ms
        self.due_ms = self.watermark_ms + self._epoch_ms

    def counts_ms(self, signal: Signal) -> int:
        """The first epoch at which a signal counts: the first that neither its tenant's clock nor the partition's has passed."""
        return max(self.watermark_ms, signal.at_ms - signal.at_ms % self._epoch_ms) + self._epoch_ms
