"""How loud a recording is, moment by moment, by ITU-R BS.1770: measured as the samples pass, so memory stays flat."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoders.base import Matrix

Energies = NDArray[np.float64]

STEP = 0.1
"""Seconds of one block of energy."""
SILENCE = -70.0
"""LUFS under which BS.1770 takes nothing for sound."""
_EDGE = 45.0
"""dB under the loudness of the whole at which the sound is taken to have begun, and to have ended."""
_SURROUND = 1.41
_WEIGHTS = {
    1: (1.0,),
    2: (1.0, 1.0),
    3: (1.0, 1.0, 1.0),
    4: (1.0, 1.0, _SURROUND, _SURROUND),
    5: (1.0, 1.0, 1.0, _SURROUND, _SURROUND),
    6: (1.0, 1.0, 1.0, 0.0, _SURROUND, _SURROUND),
    7: (1.0, 1.0, 1.0, 0.0, 1.0, _SURROUND, _SURROUND),
    8: (1.0, 1.0, 1.0, 0.0, 1.0, 1.0, _SURROUND, _SURROUND),
}
"""What each channel counts, in the order of WAV and FLAC: left, right, centre, low effects (left out), surround."""
_VORBIS_SIX = (1.0, 1.0, 1.0, _SURROUND, _SURROUND, 0.0)
"""Ogg keeps the low effects last."""
CHANNELS = max(_WEIGHTS)


@dataclass(frozen=True, slots=True)
class Levels:
    """Loudness of a recording, in LUFS."""

    whole: float
    """Integrated and gated, as BS.1770 has it."""
    opening: float
    """Of the first ten seconds that sound."""
    closing: float
    """Of the last ten seconds that sound."""
    swing: float
    """dB between the 95th and the 10th percentile of windows of 3 s, one a second: the definition of the cue."""
    begins: float
    """Seconds before the sound begins."""
    ends: float
    """Seconds after which nothing sounds any more."""


class LevelMeter:
    """Takes samples block by block and keeps one weighted energy for every tenth of a second."""

    def __init__(self, rate: int, channels: int, low_effects_last: bool = False) -> None:
        from pyloudnorm import IIRfilter

        # The two filters of BS.1770 (a shelf for the head, a high-pass), one after the other.
        shelf = IIRfilter(4.0, 1 / np.sqrt(2), 1500.0, rate, "high_shelf")
        high_pass = IIRfilter(0.0, 0.5, 38.0, rate, "high_pass")
        self._filters = np.array([[*shelf.b, *shelf.a], [*high_pass.b, *high_pass.a]], dtype=np.float64)
        self._state = np.zeros((2, 2, channels))
        weights = _VORBIS_SIX if low_effects_last and channels == 6 else _WEIGHTS[channels]
        self._weights = np.array(weights)
        self._rate = rate
        self._left: Energies = np.zeros(0)
        self._taken = 0
        self._energies: list[Energies] = []

    def take(self, samples: Matrix) -> None:
        """Adds float32 [frames, channels]."""
        from scipy.signal import sosfilt

        heard, self._state = sosfilt(self._filters, samples, axis=0, zi=self._state)
        power = np.concatenate([self._left, np.square(heard) @ self._weights])
        # Blocks of a tenth of a second need not be whole samples long: their edges are rounded, not their sum.
        first = sum(map(len, self._energies))
        edges, block = [0], first + 1
        while (edge := round(block * STEP * self._rate) - self._taken) <= len(power):
            edges.append(edge)
            block += 1
        if len(edges) > 1:
            sums = np.add.reduceat(power[: edges[-1]], edges[:-1])
            self._energies.append(sums / np.diff(edges))
            self._taken += edges[-1]
        self._left = power[edges[-1] :]

    def course(self) -> Energies:
        """The weighted energy of every tenth of a second so far."""
        return np.concatenate([*self._energies, np.zeros(0)])

    def levels(self) -> Levels | None:
        """What was measured so far; none when nothing sounds."""
        energies = self.course()
        if not len(energies):
            return None
        # The gate looks at windows of 0.4 s, one every 0.1 s.
        windows = np.convolve(energies, np.full(4, 0.25), mode="valid") if len(energies) >= 4 else energies
        heard = windows[lufs(windows) > SILENCE]
        if not len(heard):
            return None
        whole = float(lufs(heard[lufs(heard) > lufs(heard.mean()) - 10].mean()))
        sounding = np.flatnonzero(lufs(energies) > max(SILENCE, whole - _EDGE))
        begins, ends = int(sounding[0]), int(sounding[-1]) + 1
        inside = energies[begins:ends]
        ten = round(10 / STEP)
        return Levels(
            whole=whole,
            opening=float(lufs(inside[:ten].mean())),
            closing=float(lufs(inside[-ten:].mean())),
            swing=_swing(inside),
            begins=begins * STEP,
            ends=ends * STEP,
        )


def integrated_loudness(samples: Matrix, rate: int) -> float:
    """Integrated and gated loudness in LUFS of float32 [channels, frames]; `SILENCE` when nothing sounds."""
    meter = LevelMeter(rate, len(samples))
    # A second at a time: the filtered samples take twice the memory of what they are made from.
    for at in range(0, samples.shape[1], rate):
        meter.take(samples[:, at : at + rate].T)
    levels = meter.levels()
    return levels.whole if levels else SILENCE


def lufs(energy: Energies | np.float64) -> Energies:
    """Loudness of weighted energies; -130 where there is none."""
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(energy, 1e-13)))


def _swing(energies: Energies) -> float:
    width, step = round(3 / STEP), round(1 / STEP)
    if len(energies) <= width:
        return 0.0
    sums = np.concatenate([[0.0], np.cumsum(energies)])
    starts = np.arange(0, len(energies) - width + 1, step)
    windows = np.maximum(lufs((sums[starts + width] - sums[starts]) / width), SILENCE)
    return float(np.percentile(windows, 95) - np.percentile(windows, 10))
