"""Onsets and tempo of a recording from its spectral flux, with the other octaves that the tempo may be in."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from encoders.analysis.audio.spectrum import autocorrelate, build_mel_bank, compute_spectral_flux, compute_spectrum
from encoders.base import Matrix

RATE: Final = 22050
"""Samples a second of all that is analysed."""
HOP: Final = 256
"""Samples between two frames: 11.6 ms."""
_WINDOW, _BANDS, _CHUNK = 1024, 96, 2048
LOWEST, HIGHEST = 30.0, 10000.0
"""Hz between which the bands lie."""
_FRAMES: Final = RATE / HOP
"""Frames a second."""
_FLOOR: Final = 3e4
"""Energy of the loudest moments over that from which a change counts: 45 dB."""
_LAG: Final = 3
"""Frames over which a rise is taken: 35 ms, as long as slow attacks need."""
_RISE: Final = 0.16
"""Nepers, mean over all bands, that an onset rises above what is around it; chosen on rendered scores, where the count
came nearest to the notes', and was the same through MP3 and under noise 45 dB below the music."""
_AROUND: Final = 0.5
"""Seconds."""
_APART: Final = 4
"""Frames between two onsets."""
SLOWEST, FASTEST = 30.0, 240.0
"""BPM between which a beat is looked for."""
_USUAL, _USUAL_WIDTH = 80.0, 0.8
"""BPM, and octaves: where tempi lie when nothing else is known (the centre that the ontology has for the catalogue)."""
_A_BEAT, _A_BEAT_WIDTH = 1.9, 0.8
"""Onsets in a beat, and octaves: the median of a hundred rendered scores, whose beat is known."""
_NEARLY: Final = 0.3
"""Share of the best fit from which another octave is reported too."""
_BEATS: Final = 0.1
"""Least autocorrelation at one beat for a beat to be reported at all."""
_LATER: Final = ((1, 1.0), (2, 0.5), (3, 0.33), (4, 0.25))
"""Lag in beats, and the weight of the autocorrelation there."""


@dataclass(frozen=True, slots=True)
class PulseEstimate:
    """Onsets, tempo and articulation of a recording."""

    onsets: float
    """A second."""
    tempo: float
    """BPM of the chosen beat; 0 where there is none."""
    others: tuple[float, ...]
    """BPM of the octaves that fit nearly as well, best first."""
    held: float
    """0..1: share of the time between onsets in which the sound stays within 10 dB of its height."""


def compute_mel_bands(samples: NDArray[np.float32]) -> Matrix:
    """[bands, frames]: mel energies of mono samples at `RATE`."""
    bank = build_mel_bank(RATE, _WINDOW, _BANDS, LOWEST, HIGHEST)
    padded = np.pad(samples, (0, max(0, _WINDOW - len(samples))))
    frames = (len(padded) - _WINDOW) // HOP + 1
    energies = np.zeros((_BANDS, frames), dtype=np.float32)
    for at in range(0, frames, _CHUNK):
        count = min(_CHUNK, frames - at)
        piece = padded[at * HOP : (at + count - 1) * HOP + _WINDOW]
        energies[:, at : at + count] = bank @ np.square(np.abs(compute_spectrum(piece, _WINDOW, HOP)))
    return energies


def estimate_pulse(energies: Matrix) -> PulseEstimate:
    """Onsets and tempo from mel band energies [bands, frames]."""
    strength = _compute_onset_strength(energies)
    onsets = _find_onsets(strength)
    rate = len(onsets) * _FRAMES / energies.shape[1]
    tempo, others = _estimate_tempo(strength, rate)
    return PulseEstimate(rate, tempo, others, _measure_held_share(energies, onsets))


def _compute_onset_strength(energies: Matrix) -> NDArray[np.float64]:
    """Spectral flux of every frame, in nepers, over the one `_LAG` frames before."""
    loudest = float(np.percentile(energies.max(axis=0), 99))
    pressed = np.log1p(energies * np.float32(_FLOOR / max(loudest, 1e-20)))
    if pressed.shape[1] <= _LAG:
        return np.zeros(pressed.shape[1])
    return compute_spectral_flux(pressed, _LAG)


def _find_onsets(strength: NDArray[np.float64]) -> NDArray[np.intp]:
    """The frames in which something begins."""
    from scipy.ndimage import uniform_filter1d
    from scipy.signal import find_peaks

    around = uniform_filter1d(strength, int(_AROUND * _FRAMES) | 1)
    peaks, _ = find_peaks(strength, height=around + _RISE, distance=_APART)
    return np.asarray(peaks)


def _estimate_tempo(strength: NDArray[np.float64], rate: float) -> tuple[float, tuple[float, ...]]:
    """The tempo and its other likely octaves: the maximum of the flux's autocorrelation, weighted by priors on tempi
    and on onsets a beat. `rate`: onsets a second."""
    from scipy.ndimage import uniform_filter1d

    longest = int(_FRAMES * 60.0 / SLOWEST * _LATER[-1][0]) + 2
    if len(strength) < longest or not rate > 0:
        return 0.0, ()
    over = np.maximum(strength - uniform_filter1d(strength, int(_FRAMES)), 0.0)
    alike = autocorrelate(over - over.mean(), longest)
    alike = alike / np.maximum(len(over) - np.arange(len(alike)), 1)
    if not alike[0] > 0:
        return 0.0, ()
    alike = alike / alike[0]
    tempi = 2.0 ** np.arange(np.log2(SLOWEST), np.log2(FASTEST), 0.01)
    lags = 60.0 / tempi * _FRAMES
    fit = np.sum([share * np.interp(beats * lags, np.arange(len(alike)), alike) for beats, share in _LATER], axis=0)
    usual = np.log2(tempi / _USUAL) / _USUAL_WIDTH
    dense = np.log2(tempi / (rate * 60.0 / _A_BEAT)) / _A_BEAT_WIDTH
    fit = np.maximum(fit, 0.0) * np.exp(-0.5 * (usual**2 + dense**2))
    best = int(np.argmax(fit))
    if float(np.interp(lags[best], np.arange(len(alike)), alike)) < _BEATS:
        return 0.0, ()
    others = []
    for octave in (0.5, 2.0):
        if SLOWEST <= tempi[best] * octave < FASTEST:
            near = np.abs(np.log2(tempi / (tempi[best] * octave))) < 0.05
            place = int(np.argmax(np.where(near, fit, -1.0)))
            others.append((float(fit[place] / fit[best]), float(tempi[place])))
    return float(tempi[best]), tuple(bpm for share, bpm in sorted(others, reverse=True) if share >= _NEARLY)


def _measure_held_share(energies: Matrix, onsets: NDArray[np.intp]) -> float:
    decibels = 10.0 * np.log10(np.maximum(energies.sum(axis=0), 1e-20))
    total = weight = 0.0
    for onset, following in pairwise(onsets.tolist()):
        gap = following - onset
        # A short gap is a chord or an ornament, a long one a rest: neither says how notes are articulated.
        if not 6 <= gap <= 4 * _FRAMES:
            continue
        course = decibels[onset:following]
        height = float(course[: max(6, gap // 2)].max())
        total += gap * float(np.mean(course > height - 10.0))
        weight += gap
    return total / weight if weight else 1.0
