"""Estimates which keys sound in a recording, moment by moment; harmony and register are computed from that.

The spectrum of each moment is modelled as a sum of harmonic tones, one for each key (non-negative matrix factorisation
with a fixed dictionary, Kullback-Leibler divergence: Lee & Seung 2001; Smaragdis & Brown 2003). Overtones are thereby
seldom mistaken for other tones; a plain chroma explained half as much of the mode of the same recordings.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from encoders.analysis.audio.pulse import RATE
from encoders.analysis.audio.spectrum import compute_spectrum, estimate_tuning
from encoders.analysis.cues import estimate_mode, tabulate_beating
from encoders.base import Matrix

KEYS: Final = np.arange(28, 104)
"""MIDI keys that are looked for."""
HOP: Final = 2048
"""Samples between two moments: 93 ms."""
_WINDOW: Final = 8192
_CHUNK: Final = 512
_STEPS: Final = 3
"""Bands a semitone."""
_BANDS: Final = (len(KEYS) + 19) * _STEPS
_OVERTONES, _ROLLOFF = 10, 0.8
_PRESSED: Final = 0.6
"""Exponent on the spectrum: weak partials count more than their strength."""
_ROUNDS: Final = 25
_HEARD: Final = 0.3
"""Share of the strongest key of a moment from which another is taken to sound."""
_FAINT: Final = 0.05
"""Share of the strongest moments' strength under which a moment is taken for silence."""


@dataclass(frozen=True, slots=True)
class HarmonyEstimate:
    """The keys that sound, and measures of them; not yet in the units of the cues."""

    register: float
    """MIDI key."""
    spread: float
    """Semitones."""
    mode: float
    """-1..1, by the rule of the cue."""
    roughness: float
    """By the formula of the cue, before it is held under 1."""
    strengths: Matrix
    """[keys, moments]; 0 where a key is taken not to sound."""


def estimate_harmony(samples: NDArray[np.float32]) -> HarmonyEstimate | None:
    """The keys of mono samples at `pulse.RATE`; None when nothing with a pitch is found."""
    strengths = _keep_sounding_keys(_compute_activations(samples))
    weights = np.sqrt(strengths).sum(axis=1)
    total = float(weights.sum())
    if not total > 0:
        return None
    register = float((weights * KEYS).sum() / total)
    spread = float(np.sqrt((weights * (KEYS - register) ** 2).sum() / total))
    mode = estimate_mode(np.bincount(KEYS % 12, weights=weights, minlength=12).astype(np.float64))
    return HarmonyEstimate(register, spread, mode, _measure_roughness(strengths), strengths)


def _compute_activations(samples: NDArray[np.float32]) -> Matrix:
    """How strong every key is at every moment."""
    half = _WINDOW // 2
    padded = np.pad(samples, (half, half))
    moments = len(samples) // HOP + 1
    offset = _estimate_tuning(padded)
    bank = _build_filter_bank(offset)
    tones = _build_tone_spectra(bank, offset)
    found = np.zeros((len(KEYS), moments), dtype=np.float32)
    for at in range(0, moments, _CHUNK):
        count = min(_CHUNK, moments - at)
        piece = padded[at * HOP : (at + count - 1) * HOP + _WINDOW]
        magnitude = np.abs(compute_spectrum(piece, _WINDOW, HOP))
        found[:, at : at + count] = _factorise((bank @ magnitude) ** _PRESSED, tones)
    return found


def _estimate_tuning(padded: NDArray[np.float32]) -> float:
    """How far, in semitones, the recording's A lies from 440 Hz, -0.5 to 0.5: from every eighth moment."""
    magnitude = np.abs(compute_spectrum(padded, _WINDOW, 8 * HOP))
    # Silence has peaks too, of rounding.
    if not float(magnitude.max()) > 1e-6:
        return 0.0
    return estimate_tuning(magnitude, RATE, 60.0, 2000.0)


def _space_bands(offset: float) -> NDArray[np.float64]:
    """Hz of the bands."""
    keys = KEYS[0] - 0.5 + (np.arange(_BANDS) + 0.5) / _STEPS + offset
    return np.asarray(440.0 * 2.0 ** ((keys - 69.0) / 12.0))


def _build_filter_bank(offset: float) -> Matrix:
    """[bands, bins]: triangles a third of a semitone apart, or a bin wide where bins are wider."""
    centres, width = _space_bands(offset), RATE / _WINDOW
    bins = np.arange(_WINDOW // 2 + 1) * width
    half = np.maximum(centres * (2.0 ** (1.0 / (12.0 * _STEPS)) - 1.0), width)
    triangles = 1.0 - np.abs(bins[None, :] - centres[:, None]) / half[:, None]
    return np.asarray(np.maximum(0.0, triangles), dtype=np.float32)


def _build_tone_spectra(bank: Matrix, offset: float) -> Matrix:
    """[bands, keys]: what one key looks like through the window and the bands, of sum 1."""
    width = RATE / _WINDOW
    bins = np.arange(_WINDOW // 2 + 1)
    spectra = np.zeros((len(bins), len(KEYS)))
    for column, key in enumerate(KEYS):
        first = 440.0 * 2.0 ** ((key + offset - 69.0) / 12.0)
        for overtone in range(1, _OVERTONES + 1):
            if first * overtone > 0.47 * RATE:
                break
            spectra[:, column] += _ROLLOFF ** (overtone - 1) * _compute_main_lobe(bins - first * overtone / width)
    tones = (bank @ spectra) ** _PRESSED
    return np.asarray(tones / tones.sum(axis=0), dtype=np.float32)


def _compute_main_lobe(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """A pure tone through a Hann window, so many bins away; its main lobe only."""
    near = np.abs(distance) < 2.0
    one = np.abs(np.abs(distance) - 1.0) < 1e-6
    below = np.where(one, 1.0, 1.0 - distance**2)
    return np.asarray(np.where(near, np.where(one, 0.5, np.abs(np.sinc(distance) / below)), 0.0))


def _factorise(spectrum: Matrix, tones: Matrix) -> Matrix:
    """[keys, moments]: the strengths whose tones add up to the spectrum most nearly."""
    strengths = np.repeat(spectrum.sum(axis=0, keepdims=True) / tones.shape[1] + 1e-12, tones.shape[1], axis=0)
    for _ in range(_ROUNDS):
        strengths = strengths * (tones.T @ (spectrum / (tones @ strengths + 1e-12)))
    return np.asarray(strengths, dtype=np.float32)


def _keep_sounding_keys(found: Matrix) -> Matrix:
    """The strengths of those keys that stand out of their neighbours and their moment, 0 elsewhere."""
    highest = found.max(axis=0, keepdims=True)
    loud = highest > _FAINT * np.percentile(highest, 90)
    edged = np.pad(found, ((1, 1), (0, 0)))
    peaks = (found >= edged[:-2]) & (found >= edged[2:])
    return np.where(peaks & loud & (found > _HEARD * highest), found, np.float32(0))


def _measure_roughness(strengths: Matrix) -> float:
    table = tabulate_beating(_ROLLOFF)[np.ix_(KEYS, KEYS)]
    amplitude = strengths.astype(np.float64) ** (1 / _PRESSED)
    total, moments = 0.0, 0
    for moment in range(amplitude.shape[1]):
        keys = np.flatnonzero(amplitude[:, moment])
        moments += len(keys) > 0
        if len(keys) > 1:
            strong = amplitude[keys, moment]
            pairs = np.minimum(strong[:, None], strong[None, :]) * table[np.ix_(keys, keys)]
            total += float(pairs.sum()) / float(strong.sum())
    return total / moments if moments else 0.0
