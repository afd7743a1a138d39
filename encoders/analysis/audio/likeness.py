"""Identity and similarity of recordings.

Identity: a checksum over length, loudness contour and spectrum. It is quantised coarsely enough that the last bit of a
sample does not matter (WAV and FLAC round differently when written), and finely enough that MP3 or another gain does.
Similarity: a vector of harmony, compared by cosine. The recording is cut into twelve segments; each holds the share of
every pitch class less its mean over the piece, and that mean follows, centred, for music that stays on one harmony.
Another encoding, another level or half a second less hardly change the vector; another piece changes it much.
"""

import hashlib
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from encoders.analysis.audio.harmony import KEYS
from encoders.base import Matrix
from encoders.sound.levels import Energies, to_lufs

_SEGMENTS: Final = 12
LENGTH: Final = 12 * _SEGMENTS + 12
"""Numbers in a vector."""
CLOSE: Final = 0.98
"""Cosine from which two recordings are reported as close. Of 20 rendered scores, MP3 and Ogg, strongly compressed, came
to .99 at least and half a second less to .98; of 60 different ones, no two to more than .84."""
_COURSE: Final = 32
"""Segments whose loudness is compared. The fewer, the seldomer one lies at the edge between two numbers."""
_STEP, _LOWEST = 0.05, -50.0
"""dB against the whole: the last bit of 16 moves a segment by .00001, MP3 by .005."""
_BANDS, _COLOUR_LOWEST = 12, -30.0


def fingerprint_sound(frames: int, rate: int, course: Energies, energies: Matrix) -> str:
    """Hexadecimal sha256 of a recording of so many samples at this rate, from its energy, tenth by tenth of a second,
    and from the band energies of what was analysed."""
    whole = float(to_lufs(course.mean()))
    segments = np.array([float(to_lufs(course[a:b].mean())) for a, b in _split_evenly(len(course), _COURSE)]) - whole
    bands = np.array([energies[a:b].sum(dtype=np.float64) for a, b in _split_evenly(len(energies), _BANDS)])
    colour = 10 * np.log10(np.maximum(bands / max(float(bands.sum()), 1e-30), 1e-9))
    coarse = [frames, rate, round(2 * whole)]
    coarse += _quantise(segments, _STEP, _LOWEST) + _quantise(colour, 1.0, _COLOUR_LOWEST)
    return hashlib.sha256(f"isopath audio {coarse}".encode()).hexdigest()


def compute_sound_likeness(strengths: Matrix) -> tuple[float, ...]:
    """The vector, of unit length, of the strengths [keys, moments] of a `HarmonyEstimate`; for music without any
    structure (one endless tone, or noise) the last component is 1 and all others are 0."""
    classes = np.zeros((12, strengths.shape[1]))
    for row in range(strengths.shape[0]):
        classes[KEYS[row] % 12] += strengths[row]
    held = np.array([classes[:, a:b].sum(axis=1) for a, b in _split_evenly(strengths.shape[1], _SEGMENTS)])
    shares = held / np.maximum(held.sum(axis=1, keepdims=True), 1e-9)
    mean = shares.mean(axis=0)
    vector = np.concatenate([(shares - mean).ravel() / np.sqrt(_SEGMENTS), mean - mean.mean()])
    norm = float(np.linalg.norm(vector))
    # Less than this is rounding and noise, which two recordings never share.
    if norm < 1e-3:
        vector, norm = np.zeros(LENGTH), 1.0
        vector[-1] = 1.0
    return tuple(round(float(x), 5) for x in vector / norm)


def _split_evenly(length: int, segments: int) -> list[tuple[int, int]]:
    """Equal segments of a length, each of at least one."""
    edges = np.linspace(0, length, segments + 1).round().astype(int).tolist()
    return [(a, b) if b > a else (min(a, length - 1), min(a, length - 1) + 1) for a, b in pairwise(edges)]


def _quantise(values: NDArray[np.float64], step: float, lowest: float) -> list[int]:
    return [round(max(lowest, float(value)) / step) for value in values]
