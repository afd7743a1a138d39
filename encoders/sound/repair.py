"""Repairs blocks of samples: silences damage, and converts rate and channels."""

from typing import Final

import numpy as np

from encoders.base import Matrix

_MOMENT: Final = 0.025
"""Seconds of sound that are silenced at a time: about a frame of MP3."""
_LOUDEST: Final = 2.0
"""Multiples of full scale beyond which a moment may be damage: encoders overshoot by half, seldom by more."""
_OVER: Final = 4.0
"""Multiples of the median peak of the block beyond which it is damage, not a recording that is loud throughout."""


def silence_bursts(block: Matrix, rate: int) -> float:
    """Silences, in place, the bursts that a codec decodes from damaged bytes: moments far beyond full scale, and far
    beyond the moments around them. Returns the number of seconds silenced."""
    step = max(1, int(_MOMENT * rate))
    edges = np.arange(0, len(block), step)
    peaks = np.maximum.reduceat(np.abs(block).max(axis=1), edges)
    if not float(peaks.max()) <= _LOUDEST:  # not a number is a burst too
        usual = float(np.median(peaks[np.isfinite(peaks) & (peaks > 0)])) if np.isfinite(peaks).any() else 0.0
        bursts = ~(peaks <= max(_LOUDEST, _OVER * usual))
        block[np.repeat(bursts, step)[: len(block)]] = 0.0
        return float(bursts.sum()) * step / rate
    return 0.0


class StreamConverter:
    """Converts a stream of blocks to another rate and another number of channels."""

    def __init__(self, rate: int, wanted: int, channels: int) -> None:
        """From `rate` to `wanted` samples a second, in `channels` channels."""
        import soxr

        self._channels = channels
        self._stream = soxr.ResampleStream(rate, wanted, channels, dtype="float32") if rate != wanted else None

    def convert(self, block: Matrix) -> Matrix:
        """Converts the next block; the resampler may hold back some samples until the following one."""
        if block.shape[1] != self._channels:
            block = np.repeat(block.mean(axis=1, keepdims=True, dtype=np.float32), self._channels, axis=1)
        return block if self._stream is None else np.asarray(self._stream.resample_chunk(block), dtype=np.float32)

    def flush(self) -> Matrix:
        """The samples that the resampler still holds back."""
        nothing = np.zeros((0, self._channels), dtype=np.float32)
        if self._stream is None:
            return nothing
        return np.asarray(self._stream.resample_chunk(nothing, last=True), dtype=np.float32)
