"""Measures the loudness of a recording by ITU-R BS.1770, block by block, so memory does not grow with its length."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoders.base import Matrix

Energies = NDArray[np.float64]

STEP = 0.1
"""Seconds of one block of energy."""
SILENCE = -70.0
"""LUFS of BS.1770's absolute gate, below which nothing counts as sound."""
_EDGE = 45.0
"""dB below the integrated loudness from which sound counts as begun, and as ended."""
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
"""Channels -> weight of each, in the order of WAV and FLAC: left, right, centre, low effects (left out), surround."""
_VORBIS_SIX = (1.0, 1.0, 1.0, _SURROUND, _SURROUND, 0.0)
"""Ogg has the low effects last."""
CHANNELS = max(_WEIGHTS)
_PEAK_RATE = 4
_PEAK_BLOCK, _PEAK_EDGE = 4096, 64
_MOST_OVER = 2.25
"""Factor by which a peak between samples can exceed the highest sample: the largest sum of the filter's magnitudes."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Loudness of a recording, in LUFS."""

    whole: float
    """Integrated and gated, as BS.1770 defines it."""
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
    """Measures blocks of samples; stores one weighted energy for every tenth of a second."""

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

    def add(self, samples: Matrix) -> None:
        """Adds float32 [frames, channels]."""
        from scipy.signal import sosfilt

        filtered, self._state = sosfilt(self._filters, samples, axis=0, zi=self._state)
        power = np.concatenate([self._left, np.square(filtered) @ self._weights])
        # A tenth of a second need not be a whole number of samples: edges are rounded one by one, without drift.
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

    def list_energies(self) -> Energies:
        """Float64 [tenths of a second]: the weighted energies so far."""
        return np.concatenate([*self._energies, np.zeros(0)])

    def measure(self) -> Levels | None:
        """The levels of all samples so far; None when nothing sounds."""
        energies = self.list_energies()
        if not len(energies):
            return None
        # The gate looks at windows of 0.4 s, one every 0.1 s.
        windows = np.convolve(energies, np.full(4, 0.25), mode="valid") if len(energies) >= 4 else energies
        gated = windows[to_lufs(windows) > SILENCE]
        if not len(gated):
            return None
        whole = float(to_lufs(gated[to_lufs(gated) > to_lufs(gated.mean()) - 10].mean()))
        sounding = np.flatnonzero(to_lufs(energies) > max(SILENCE, whole - _EDGE))
        begins, ends = int(sounding[0]), int(sounding[-1]) + 1
        inside = energies[begins:ends]
        ten = round(10 / STEP)
        return Levels(
            whole=whole,
            opening=float(to_lufs(inside[:ten].mean())),
            closing=float(to_lufs(inside[-ten:].mean())),
            swing=_measure_swing(inside),
            begins=begins * STEP,
            ends=ends * STEP,
        )


def measure_loudness(samples: Matrix, rate: int) -> float:
    """Integrated and gated loudness in LUFS of float32 [channels, frames]; `SILENCE` when nothing sounds."""
    meter = LevelMeter(rate, len(samples))
    # A second at a time: filtered samples take twice the memory of their input.
    for at in range(0, samples.shape[1], rate):
        meter.add(samples[:, at : at + rate].T)
    levels = meter.measure()
    return levels.whole if levels else SILENCE


def measure_true_peak(samples: Matrix) -> float:
    """The highest peak between samples too, in dB full scale (dBTP), of float32 [channels, frames].

    After Annex 2 of ITU-R BS.1770-4: four times oversampled. Where no block can exceed the highest so far, it is left
    out: between samples the sound rises by `_MOST_OVER` at most.
    """
    from scipy.signal import resample_poly

    blocks = range(0, samples.shape[1], _PEAK_BLOCK)
    heights = {at: float(np.abs(samples[:, at : at + _PEAK_BLOCK]).max(initial=0.0)) for at in blocks}
    highest = max(heights.values(), default=0.0)
    for at in sorted(heights, key=lambda at: -heights[at]):
        if heights[at] * _MOST_OVER < highest:
            break
        # The filter looks a dozen samples to either side.
        around = samples[:, max(0, at - _PEAK_EDGE) : at + _PEAK_BLOCK + _PEAK_EDGE]
        highest = max(highest, float(np.abs(resample_poly(around, _PEAK_RATE, 1, axis=1)).max()))
    return 20 * float(np.log10(max(highest, 1e-6)))


def to_lufs(energy: Energies | np.float64) -> Energies:
    """Weighted energies as loudness in LUFS; about -130 for no energy."""
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(energy, 1e-13)))


def _measure_swing(energies: Energies) -> float:
    width, step = round(3 / STEP), round(1 / STEP)
    if len(energies) <= width:
        return 0.0
    sums = np.concatenate([[0.0], np.cumsum(energies)])
    starts = np.arange(0, len(energies) - width + 1, step)
    windows = np.maximum(to_lufs((sums[starts + width] - sums[starts]) / width), SILENCE)
    return float(np.percentile(windows, 95) - np.percentile(windows, 10))
