"""Spectra of recordings with numpy and scipy alone: importing librosa would compile for seconds.

The calibration was fitted on the values of librosa 0.11, and these functions give the same: the Mel scale of Slaney's
Auditory Toolbox, Hann windows, and tuning as the most frequent distance of spectral peaks from a semitone.
"""

from typing import Final

import numpy as np
import scipy.fft
import scipy.signal
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from encoders.base import Matrix

_LINEAR: Final = 200.0 / 3.0
"""Hz of a mel below `_KNEE`."""
_KNEE: Final = 1000.0
"""Hz from which mels are ratios."""
_RATIO: Final = np.log(6.4) / 27.0
"""Logarithm of the ratio of a mel above `_KNEE`."""
_PEAK: Final = 0.1
"""Share of the strongest bin of a moment that a peak must have to count for the tuning."""
_CENTS: Final = np.linspace(-0.5, 0.5, 101)
"""Semitones: edges of the bins in which tuning is counted."""


def compute_spectrum(samples: NDArray[np.float32], window: int, hop: int) -> NDArray[np.complex64]:
    """[bins, moments]: a moment every `hop` samples, through a Hann window; none reaches beyond the samples."""
    shape = scipy.signal.get_window("hann", window).astype(np.float32)
    moments = sliding_window_view(samples, window)[::hop] * shape
    return np.asarray(scipy.fft.rfft(moments, axis=1).T)


def compute_mel_frequencies(count: int, lowest: float, highest: float) -> NDArray[np.float64]:
    """Hz of so many steps on the Mel scale."""
    low, high = (
        hertz / _LINEAR if hertz < _KNEE else _KNEE / _LINEAR + np.log(hertz / _KNEE) / _RATIO
        for hertz in (lowest, highest)
    )
    mels = np.linspace(low, high, count)
    return np.where(mels < _KNEE / _LINEAR, mels * _LINEAR, _KNEE * np.exp(_RATIO * (mels - _KNEE / _LINEAR)))


def build_mel_bank(rate: int, window: int, bands: int, lowest: float, highest: float) -> Matrix:
    """[bands, bins]: triangles between each two steps of the Mel scale, of equal area."""
    bins = np.fft.rfftfreq(window, 1.0 / rate)
    steps = compute_mel_frequencies(bands + 2, lowest, highest)
    slopes = steps[:, None] - bins[None, :]
    widths = np.diff(steps)[:, None]
    triangles = np.maximum(0.0, np.minimum(-slopes[:-2] / widths[:-1], slopes[2:] / widths[1:]))
    return np.asarray(triangles * (2.0 / (steps[2:] - steps[:-2]))[:, None], dtype=np.float32)


def estimate_tuning(magnitude: Matrix, rate: int, lowest: float, highest: float) -> float:
    """Semitones, -0.5 to 0.5, by which most peaks of [bins, moments] lie above a scale with 440 Hz; 0 without peaks."""
    inner, below, above = magnitude[1:-1], magnitude[:-2], magnitude[2:]
    bend, slope = above + below - 2.0 * inner, (above - below) / 2.0
    near = np.abs(slope) < np.abs(bend)
    # Where the parabola through a bin and its neighbours is highest.
    shift = np.where(near, -slope / np.where(near, bend, 1.0), 0.0)
    hertz = np.arange(1, len(magnitude) - 1)[:, None] * (rate / (2.0 * (len(magnitude) - 1)))
    over = np.where(magnitude > _PEAK * magnitude.max(axis=0), magnitude, 0.0)
    peaks = (over[1:-1] > over[:-2]) & (over[1:-1] >= over[2:]) & (hertz >= lowest) & (hertz < highest)
    if not peaks.any():
        return 0.0
    places = np.nonzero(peaks)
    heights = inner[places] + 0.5 * slope[places] * shift[places]
    found = (places[0] + 1 + shift[places]) * rate / (2.0 * (len(magnitude) - 1))
    distance = np.mod(12.0 * np.log2(found[heights >= np.median(heights)] / 27.5), 1.0)
    distance[distance >= 0.5] -= 1.0
    counts, edges = np.histogram(distance, _CENTS)
    return float(edges[np.argmax(counts)])


def compute_spectral_flux(energies: Matrix, lag: int) -> NDArray[np.float64]:
    """How much every frame of [bands, frames] is above the one `lag` before, mean over the bands that rise."""
    strength = np.zeros(energies.shape[1])
    strength[lag:] = np.maximum(energies[:, lag:] - energies[:, :-lag], 0.0).mean(axis=0)
    return strength


def autocorrelate(course: NDArray[np.float64], longest: int) -> NDArray[np.float64]:
    """The autocorrelation of a course at lags 0, 1, 2, ... up to `longest` frames."""
    size = scipy.fft.next_fast_len(2 * len(course) - 1, real=True)
    power = np.square(np.abs(scipy.fft.rfft(course, size)))
    return np.asarray(scipy.fft.irfft(power, size)[: min(longest, len(course))])
