"""Similarity of two pieces by their notes: a short vector for each, to be compared by cosine.

The first half describes timing: the piece is cut into 16 overlapping segments, and each holds the sounding time of the
12 pitch classes, less its mean over the piece (or all pieces of one key would be alike). Segments are measured half
in seconds and half in chords, so that a ritard or a fermata moves them little. The second half describes transitions:
how often the top voice goes from each of the 12 pitch classes to each other, less what is expected by chance. Tempo,
level, instruments and ornaments change the vector little; another key changes all of it.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from encoders.performing.performance import Note, Performance

_SEGMENTS: Final = 16
CLOSE: Final = 0.92
"""Cosine from which two pieces are reported as close.

Measured on the music21 corpus: 79 scores against straight MIDI renditions of them at another tempo have .965 at least,
.982 and more for 95 % of them, .995 in the middle. Of 230,860 pairs out of 680 scores and tunes half are under .08 and
all but one in ten thousand under .62; the nearest, .82 and .88, are one chorale melody in two settings by Bach. A copy
that plays other repeats is not found.
"""


def compute_note_likeness(performance: Performance) -> tuple[float, ...]:
    """The vector of a performance, of unit length; for music without any structure (one endless tone) the last
    component is 1 and all others are 0."""
    when = _describe_timing(performance)
    what = _describe_transitions(performance)
    both = np.concatenate([_normalise(when.ravel()), _normalise(what.ravel())])
    norm = float(np.linalg.norm(both))
    if norm < 1e-9:
        both[-1], norm = 1.0, 1.0
    return tuple(round(float(x), 5) for x in both / norm)


def _describe_timing(performance: Performance) -> NDArray[np.float64]:
    on = np.array([n.onset for n in performance.notes])
    off = on + np.array([n.duration for n in performance.notes])
    pitch = np.array([n.pitch % 12 for n in performance.notes])
    first, last = float(on.min()), float(off.max())
    struck = np.array([*(chord[0].onset for chord in _group_chords(performance)), last])
    counted = np.linspace(0.0, 1.0, len(struck))
    begins, ends = (((t - first) / (last - first) + np.interp(t, struck, counted)) / 2.0 for t in (on, off))
    held = np.zeros((_SEGMENTS, 12))
    for row in range(_SEGMENTS):
        low, high = row / _SEGMENTS, (row + 1) / _SEGMENTS
        held[row] = np.bincount(pitch, np.clip(np.minimum(ends, high) - np.maximum(begins, low), 0.0, None), 12)
    around = np.vstack([held[:1], held, held[-1:]])
    held = (around[:-2] + 2.0 * held + around[2:]) / 4.0
    # A root lets the melody count beside long held chords.
    shares = np.sqrt(held / np.maximum(held.sum(axis=1, keepdims=True), 1e-9))
    return np.asarray(shares - shares.mean(axis=0, keepdims=True))


def _describe_transitions(performance: Performance) -> NDArray[np.float64]:
    """The top voice: of the notes that begin together, the highest, unless a higher one still sounds."""
    counts = np.zeros((12, 12))
    before, top, ends = -1, -1, 0.0
    for chord in _group_chords(performance):
        note = max(chord, key=lambda n: (n.pitch, n.duration))
        if note.pitch < top and note.onset < ends - 0.05:
            continue
        if before >= 0:
            counts[before, note.pitch % 12] += 1.0
        before, top, ends = note.pitch % 12, note.pitch, note.onset + note.duration
    total = max(counts.sum(), 1e-9)
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / total
    return np.asarray(np.sign(counts - expected) * np.sqrt(np.abs(counts - expected)))


def _group_chords(performance: Performance) -> list[list[Note]]:
    """The notes that begin within 30 ms of the first of them: hands are never quite together."""
    chords: list[list[Note]] = []
    for note in performance.notes:
        if chords and note.onset - chords[-1][0].onset < 0.03:
            chords[-1].append(note)
        else:
            chords.append([note])
    return chords


def _normalise(values: NDArray[np.float64]) -> NDArray[np.float64]:
    norm = float(np.linalg.norm(values))
    return values / norm if norm > 1e-9 else np.zeros_like(values)
