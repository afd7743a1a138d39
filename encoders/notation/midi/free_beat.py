"""The beat of notes that were played freely: found in when they begin, where they do not follow their file's beats."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SLOWEST, FASTEST = 40.0, 200.0
"""BPM between which a beat is looked for."""
_USUAL, _USUAL_WIDTH = 100.0, 0.9
"""BPM, and octaves: where tempi lie when nothing else is known; judgement, after what tempi people tap to most."""
_A_BEAT, _A_BEAT_WIDTH = 2.1, 0.6
"""Onsets in a beat, and octaves: median and spread of 120 catalogue performances, whose beat is known."""
_FRAMES: Final = 100.0
"""A second."""
_HAND: Final = 0.02
"""Seconds that a player is off the beat by: how wide an onset is drawn."""
_CHORD: Final = 0.035
"""Seconds within which notes are struck as one."""
_LONG: Final = 1.0
"""Seconds to the next onset from which a longer tone is no heavier."""
_WINDOW: Final = 12.0
"""Seconds that are compared with themselves: long enough for several beats, too short for a player to drift far."""
_DRIFT: Final = 0.15
"""Octaves that a window may be faster or slower than the whole: a tenth."""
_NEAR: Final = 0.04
"""Octaves within which the best place of one beat is looked for."""
_LATER: Final = ((1, 1.0), (2, 0.5))
"""Beats later, and what the likeness there counts."""
_THIRD: Final = 0.55
"""Over the root of the onsets: how much more alike music is after three pulses than between two and four where its beat
is of three. 97 in 100 even rows of onsets stay below it; of the jigs that were taken for twos a third is above."""
_CLEAR, _CLEAR_OF_FEW = 0.12, 1.6
"""How alike music with a beat is one beat later: at least the one, and the other over the root of its onsets. Onsets
drawn by chance, of which 19 in 20 stay below it, decided both."""

_PARTS: Final = (1, 2, 3, 4, 5, 7, 8, 12, 16, 24)
"""Of a quarter note: what onsets are held against that may follow it."""
_FOLLOWED: Final = 0.5
"""How much of one mind onsets are, 0..1, about where in a part they fall. Played to a click 20 ms off at 60 to 180 BPM,
99 in 100 pieces are at .53 or more; of 1,740 that waver by 5 % at 45 to 189 BPM in a file of 120 none is above .45."""

_Row = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Beat:
    """A beat that is clear, in an octave that is likely."""

    tempo: int
    """BPM, the mean over all the music; nobody knows it nearer than whole ones."""
    others: tuple[float, ...]
    """BPM of the octaves that it may be in as well, the slower first."""


def follow(quarters: Sequence[float]) -> bool:
    """Whether onsets, told in quarter notes of their file, follow its beats: on its grid, or by hand to its click.

    A recording may have been cut anywhere, so that it counts only that they fall in one place, not where that is.
    """
    turns = np.exp(2j * np.pi * np.outer(_PARTS, np.asarray(quarters, dtype=np.float64)))
    return bool(np.abs(turns.mean(axis=1)).max() > _FOLLOWED)


def beat_of(struck: Sequence[tuple[float, int]]) -> Beat | None:
    """The beat of notes, each an onset in seconds and a velocity; none where no beat is clear.

    It lies where the onsets are most like themselves a beat later, among tempi that are usual, alone and for so many
    onsets a second. Loud notes, chords and long notes weigh more. A beat of three pulses is told from one of two; the
    octave is a guess.
    """
    moments, weights = _moments(struck)
    if len(moments) < 2:
        return None
    tempi = 2.0 ** np.arange(np.log2(SLOWEST) - _DRIFT, np.log2(FASTEST) + _DRIFT, 0.005)
    windows = _windows(_strength(moments, weights), float(tempi[0]))
    alike = windows.mean(axis=0)
    usual = np.log2(tempi / _USUAL) / _USUAL_WIDTH
    rate = 60.0 * len(moments) / moments[-1]
    dense = np.log2(tempi / (rate / _A_BEAT)) / _A_BEAT_WIDTH
    likely = np.maximum(_fit(alike, tempi), 0.0) * np.exp(-0.5 * (usual**2 + dense**2))
    tempo = float(tempi[np.argmax(np.where((tempi >= SLOWEST) & (tempi <= FASTEST), likely, -1.0))])
    if tempo / 1.5 >= SLOWEST and _thirds(windows, tempo) > _THIRD / np.sqrt(len(moments)):
        tempo /= 1.5
    if _peak(alike, tempo) < max(_CLEAR, _CLEAR_OF_FEW / np.sqrt(len(moments))):
        return None
    # The mean of what the windows are played at: as beats over minutes are where a file knows its beats.
    mean = round(float(np.mean([_played(window, tempo) for window in windows])))
    return Beat(mean, tuple(mean * octave for octave in (0.5, 2.0) if SLOWEST <= mean * octave <= FASTEST))


def _moments(struck: Sequence[tuple[float, int]]) -> tuple[_Row, _Row]:
    """When something begins, chords once, in seconds from the first; and how heavy it is."""
    rows = np.array(sorted(struck), dtype=np.float64).reshape(-1, 2)
    first = np.diff(rows[:, 0], prepend=-np.inf) > _CHORD
    moments = rows[first, 0]
    weights = np.bincount(np.cumsum(first) - 1, rows[:, 1] / 127.0)
    length = np.minimum(np.diff(moments, append=moments[-1:] + _LONG), _LONG)
    return moments - moments[:1], weights * np.sqrt(length)


def _strength(moments: _Row, weights: _Row) -> _Row:
    """The weight that begins in every frame, each onset drawn as wide as hands are unsure."""
    places = moments * _FRAMES
    whole = places.astype(np.intp)
    beyond = places - whole
    drawn = np.zeros(int(whole[-1] + _FRAMES))
    np.add.at(drawn, whole, weights * (1.0 - beyond))
    np.add.at(drawn, whole + 1, weights * beyond)
    reach = np.arange(-4 * _HAND * _FRAMES, 4 * _HAND * _FRAMES + 1)
    return np.convolve(drawn, np.exp(-0.5 * (reach / (_HAND * _FRAMES)) ** 2), "same")


def _windows(strength: _Row, slowest: float) -> _Row:
    """[windows, frames later]: how alike every window is to itself, as far as the slowest tempo needs it."""
    size = int(_WINDOW * _FRAMES)
    strength = np.pad(strength, (0, max(0, size - len(strength))))
    longest = int(_LATER[-1][0] * _FRAMES * 60.0 / slowest) + 2
    overlap = 1.0 - np.arange(longest) / size
    rows = []
    for start in range(0, len(strength) - size + 1, size // 2):
        window = strength[start : start + size]
        row = np.fft.irfft(np.abs(np.fft.rfft(window - window.mean(), 2 * size)) ** 2)[:longest]
        if row[0] > 0:  # not a rest of twelve seconds
            rows.append(row / overlap / row[0])
    return np.array(rows)


def _fit(alike: _Row, tempi: _Row) -> _Row:
    """How well every tempo fits: how alike the music is one beat later, and the next."""
    lags = 60.0 * _FRAMES / tempi
    later = [share * np.interp(beats * lags, np.arange(len(alike)), alike) for beats, share in _LATER]
    return np.asarray(np.sum(later, axis=0))


def _peak(alike: _Row, tempo: float) -> float:
    """How alike the music is a beat of this tempo later, or thereabouts."""
    lags = 60.0 * _FRAMES / tempo * 2.0 ** np.linspace(-_NEAR, _NEAR, 17)
    return float(np.interp(lags, np.arange(len(alike)), alike).max())


def _played(alike: _Row, tempo: float) -> float:
    """BPM that a window is played at, of music that is played at about this tempo."""
    near = tempo * 2.0 ** np.arange(-_DRIFT, _DRIFT, 0.005)
    return float(near[np.argmax(_fit(alike, near))])


def _thirds(windows: _Row, tempo: float) -> float:
    """How much more alike the music is after three halves of a beat than it is, on average, after two and four."""
    more = 0.0
    for window in windows:
        two, three, four = (_peak(window, _played(window, tempo) * 2 / halves) for halves in (2, 3, 4))
        more += three - (two + four) / 2
    return more / len(windows)
