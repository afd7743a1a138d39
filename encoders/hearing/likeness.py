"""How like two pieces of music are, by their notes: a short vector for each, to be compared by cosine.

Half of it says when what sounds: the length cut into 24 equal stretches, the time each of the 12 pitch classes sounds
in each, less its mean over the piece (or every two pieces of a key would be alike). Half of it says what follows what:
how often the top voice goes from each of 12 pitch classes to each other, less what chance would make of its shares.
Tempo, level, instruments and small ornaments change little; another key, other repeats or another piece change much.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from encoders.performance import Note, Performance

_STRETCHES: Final = 24
LENGTH: Final = 12 * _STRETCHES + 144
"""Numbers in a vector."""
CLOSE: Final = 0.9
"""Cosine from which two pieces are told as close."""


def likeness(performance: Performance) -> tuple[float, ...]:
    """The vector of a performance, of unit length; music without any shape (one endless tone) has a one at the end."""
    when = _when(performance)
    what = _what(performance)
    both = np.concatenate([_unit(when.ravel()), _unit(what.ravel())])
    norm = float(np.linalg.norm(both))
    if norm < 1e-9:
        both[-1], norm = 1.0, 1.0
    return tuple(round(float(x), 5) for x in both / norm)


def _when(performance: Performance) -> NDArray[np.float64]:
    on = np.array([n.onset for n in performance.notes])
    off = on + np.array([n.duration for n in performance.notes])
    pitch = np.array([n.pitch % 12 for n in performance.notes])
    first, last = float(on.min()), float(off.max())
    step = (last - first) / _STRETCHES
    held = np.zeros((_STRETCHES, 12))
    for row in range(_STRETCHES):
        low, high = first + row * step, first + (row + 1) * step
        held[row] = np.bincount(pitch, np.clip(np.minimum(off, high) - np.maximum(on, low), 0.0, None), 12)
    # A root lets the melody count beside long held chords.
    shares = np.sqrt(held / np.maximum(held.sum(axis=1, keepdims=True), 1e-9))
    return np.asarray(shares - shares.mean(axis=0, keepdims=True))


def _what(performance: Performance) -> NDArray[np.float64]:
    """The top voice: of the notes that begin together, the highest, unless a higher one still sounds."""
    counts = np.zeros((12, 12))
    before, top, ends = -1, -1, 0.0
    for chord in _chords(performance):
        note = max(chord, key=lambda n: (n.pitch, n.duration))
        if note.pitch < top and note.onset < ends - 0.05:
            continue
        if before >= 0:
            counts[before, note.pitch % 12] += 1.0
        before, top, ends = note.pitch % 12, note.pitch, note.onset + note.duration
    total = max(counts.sum(), 1e-9)
    chance = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / total
    return np.asarray(np.sign(counts - chance) * np.sqrt(np.abs(counts - chance)))


def _chords(performance: Performance) -> list[list[Note]]:
    """The notes that begin within 30 ms of the first of them: hands are never quite together."""
    chords: list[list[Note]] = []
    for note in performance.notes:
        if chords and note.onset - chords[-1][0].onset < 0.03:
            chords[-1].append(note)
        else:
            chords.append([note])
    return chords


def _unit(values: NDArray[np.float64]) -> NDArray[np.float64]:
    norm = float(np.linalg.norm(values))
    return values / norm if norm > 1e-9 else np.zeros_like(values)
