"""A listener's own recording as an alternative to a synthesised performance: stereo, at the rate of the synthesizer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from encoders.base import Matrix, ScoreUnreadable
from encoders.sound.decoding import open_recording
from encoders.sound.stage import Samples
from encoders.sound.synthesis import RATE

_SURROUND: Final = 0.7
"""Gain at which the channels other than left and right are added to both."""


@dataclass(frozen=True, slots=True)
class OwnRecording:
    """A listener's own sound file, used in place of a performance."""

    path: Path
    seconds: float

    def decode(self) -> Samples:
        """Float32 [2, samples] at `RATE`, at the file's own level; ScoreUnreadable when it cannot be decoded."""
        try:
            with open_recording(self.path) as recording:
                rate = recording.rate
                blocks = [_mix_to_stereo(block).T for block in recording.read_blocks()]
        except OSError as exc:
            fault = f"it cannot be read ({exc.strerror or 'unknown reason'})"
            raise ScoreUnreadable(self.path.name, fault, "Bring the file back") from exc
        if not blocks:
            raise ScoreUnreadable(self.path.name, "it holds no sound", "Bring the file back")
        from encoders.sound.resampling import resample

        samples: Samples = np.concatenate(blocks, axis=1)
        return resample(samples, rate, RATE)


def _mix_to_stereo(block: Matrix) -> Matrix:
    """[frames, 2] of [frames, channels]."""
    if block.shape[1] == 1:
        return np.repeat(block, 2, axis=1)
    if block.shape[1] == 2:
        return block
    both: Matrix = block[:, :2] + np.float32(_SURROUND) * block[:, 2:].mean(axis=1, keepdims=True, dtype=np.float32)
    return both
