"""Blocks of samples as they should have been: damage silenced, other rates and channels brought to one shape."""

from typing import Final

import numpy as np

from encoders.base import Matrix

_MOMENT: Final = 0.025
"""Seconds of sound that are silenced at a time: about a frame of MP3."""
_LOUDEST: Final = 2.0
"""Times full scale: encoders overshoot what was written by half, seldom by more."""
_OVER: Final = 4.0
"""Times the usual peak of its block from which such a moment is damage, and not a recording that is loud throughout."""


def silence_bursts(block: Matrix, rate: int) -> float:
    """Silences what a codec makes of damaged bytes, in place: moments far beyond full scale, and far beyond the moments
    around them. Gives how many seconds that were."""
    step = max(1, int(_MOMENT * rate))
    edges = np.arange(0, len(block), step)
    peaks = np.maximum.reduceat(np.abs(block).max(axis=1), edges)
    if not float(peaks.max()) <= _LOUDEST:  # not a number is a burst too
        usual = float(np.median(peaks[np.isfinite(peaks) & (peaks > 0)])) if np.isfinite(peaks).any() else 0.0
        bursts = ~(peaks <= max(_LOUDEST, _OVER * usual))
        block[np.repeat(bursts, step)[: len(block)]] = 0.0
        return float(bursts.sum()) * step / rate
    return 0.0


class Shape:
    """Brings the blocks of one recording to the rate and the channels of another, as a stream."""

    def __init__(self, rate: int, wanted: int, channels: int) -> None:
        """From `rate` samples a second to the wanted ones, in so many channels."""
        import soxr

        self._channels = channels
        self._stream = soxr.ResampleStream(rate, wanted, channels, dtype="float32") if rate != wanted else None

    def of(self, block: Matrix) -> Matrix:
        """The next block; it may be behind by a few samples, which the following ones bring."""
        if block.shape[1] != self._channels:
            block = np.repeat(block.mean(axis=1, keepdims=True, dtype=np.float32), self._channels, axis=1)
        return block if self._stream is None else np.asarray(self._stream.resample_chunk(block), dtype=np.float32)

    def rest(self) -> Matrix:
        """The samples that are still behind."""
        nothing = np.zeros((0, self._channels), dtype=np.float32)
        if self._stream is None:
            return nothing
        return np.asarray(self._stream.resample_chunk(nothing, last=True), dtype=np.float32)
