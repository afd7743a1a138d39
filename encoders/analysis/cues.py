"""The twelve cues of a performance, measured from its notes; each can be checked by hand.

`tempo` is stated, all others are measured. What a cue means for a feeling is decided in the ontology, not here.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import tanh

import numpy as np
from numpy.typing import NDArray

from encoders.performing.instruments import get_instrument
from encoders.performing.performance import Note, Performance

_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
_FULL = 4.0
"""Energy of full scale: four notes at full velocity together."""
_SILENCE = -60.0


@dataclass(frozen=True, slots=True)
class Cues:
    """The twelve cues of one piece, each in its own unit."""

    tempo: float
    """BPM as stated for the performance."""
    onset_rate: float
    """Onsets a second: distinct moments at which something begins, 10 ms apart or more, over the length in seconds."""
    level: float
    """dB re full scale: mean energy over the whole length, where a note of velocity v has (v / 127)^4 of the energy of
    full velocity (40 log10, the General MIDI 2 curve), notes add their energies, and four full notes are 0 dB."""
    level_swing: float
    """dB between the 95th and the 10th percentile of the level in windows of 3 s, one a second (as EBU Tech 3342 does
    for loudness range, with its 3 s windows and percentiles)."""
    level_in: float
    """dB re full scale over the first 10 s."""
    level_out: float
    """dB re full scale over the last 10 s."""
    mode: float
    """-1 minor .. 1 major: the best correlation of the sounding time of the 12 pitch classes with a Krumhansl-Kessler
    (1982) major profile, less the best with a minor one, doubled and held within -1..1."""
    articulation: float
    """Sounding length over the time to the next onset of the same part, its mean weighted by that time, each held
    within 0..1.2: 1 is joined, .5 is half silence (Eerola, Friberg & Bresin 2013)."""
    register: float
    """MIDI key: mean pitch of the notes weighted by how long they sound."""
    pitch_spread: float
    """Semitones: standard deviation of the same."""
    brightness: float
    """0 dark .. 1 bright: that of the instruments (`encoders.performing.instruments`, judgement), raised by register
    (.012 a semitone above 62) and by level (.006 a dB above velocity 64), weighted by sounding length."""
    roughness: float
    """0 smooth .. 1: how much beating a sounding note meets from the others, after Plomp & Levelt (1965) in the form of
    Sethares (1993), six partials a note, weighted by strength and time, where a minor second at middle C counts 1; held
    under 1 by tanh. A lone voice has 0; close low chords are rough, whatever they mean."""

    def round_for_catalogue(self) -> "Cues":
        """The cues rounded to the decimals that a catalogue stores."""
        return Cues(
            round(self.tempo, 2),
            round(self.onset_rate, 3),
            round(self.level, 2),
            round(self.level_swing, 2),
            round(self.level_in, 2),
            round(self.level_out, 2),
            round(self.mode, 3),
            round(self.articulation, 3),
            round(self.register, 2),
            round(self.pitch_spread, 2),
            round(self.brightness, 3),
            round(self.roughness, 3),
        )


def measure_cues(performance: Performance) -> Cues:
    """The twelve cues of a performance, unrounded."""
    notes, seconds = performance.notes, performance.seconds
    envelope = _LevelEnvelope(notes)
    lengths = np.array([n.duration for n in notes])
    pitches = np.array([n.pitch for n in notes], dtype=np.float64)
    register = float(np.average(pitches, weights=lengths))
    swing = envelope.measure_windows(seconds, 3.0, 1.0)
    return Cues(
        tempo=performance.tempo,
        onset_rate=_count_onsets(notes) / seconds,
        level=envelope.measure_level(0.0, seconds),
        level_swing=float(np.percentile(swing, 95) - np.percentile(swing, 10)),
        level_in=envelope.measure_level(0.0, min(10.0, seconds)),
        level_out=envelope.measure_level(max(0.0, seconds - 10.0), seconds),
        mode=estimate_mode(sum_pitch_class_times(notes)),
        articulation=_measure_articulation(notes),
        register=register,
        pitch_spread=float(np.sqrt(np.average((pitches - register) ** 2, weights=lengths))),
        brightness=_measure_brightness(performance),
        roughness=_measure_roughness(performance),
    )


class _LevelEnvelope:
    """The energy of the sounding notes over time; gives the mean level of any time span."""

    def __init__(self, notes: tuple[Note, ...]) -> None:
        self._on = np.array([n.onset for n in notes])
        self._off = self._on + np.array([n.duration for n in notes])
        self._energy = (np.array([n.velocity for n in notes]) / 127.0) ** 4 / _FULL

    def measure_level(self, start: float, end: float) -> float:
        """Mean level between two times in seconds, in dB; silence is -60."""
        shares = np.clip(np.minimum(self._off, end) - np.maximum(self._on, start), 0.0, None)
        mean = float(np.sum(shares * self._energy)) / max(end - start, 1e-9)
        return max(_SILENCE, 10.0 * float(np.log10(max(mean, 1e-12))))

    def measure_windows(self, seconds: float, width: float, step: float) -> NDArray[np.float64]:
        """Levels in dB of windows of `width` seconds, one every `step` seconds, each wholly inside the music."""
        count = max(1, int((seconds - width) / step) + 1)
        return np.array([self.measure_level(i * step, i * step + width) for i in range(count)])


def _count_onsets(notes: tuple[Note, ...]) -> int:
    count, last = 0, -1.0
    for note in notes:
        if note.onset - last >= 0.01:
            count, last = count + 1, note.onset
    return count


def sum_pitch_class_times(notes: Sequence[Note]) -> NDArray[np.float64]:
    """Float64 [12]: total sounding time of each pitch class in seconds, C first."""
    held = np.zeros(12)
    for note in notes:
        held[note.pitch % 12] += note.duration
    return held


def estimate_mode(held: NDArray[np.float64]) -> float:
    """The mode, -1 minor .. 1 major, from the sounding time of the 12 pitch classes, C first."""
    fits = correlate_keys(held)
    return max(-1.0, min(1.0, 2.0 * float(fits[:12].max() - fits[12:].max())))


def correlate_keys(held: NDArray[np.float64]) -> NDArray[np.float64]:
    """Float64 [24], -1..1: correlation of the sounding time of the pitch classes with the profiles of the twelve major
    keys from C, then of the twelve minor ones; zeros where all pitch classes sound equally long."""
    if float(np.std(held)) < 1e-9:
        return np.zeros(24)
    profiles = (profile for profile in (_MAJOR, _MINOR) for _ in range(12))
    return np.array([np.corrcoef(np.roll(held, -(k % 12)), profile)[0, 1] for k, profile in enumerate(profiles)])


def _measure_articulation(notes: tuple[Note, ...]) -> float:
    total = weight = 0.0
    for part in sorted({n.part for n in notes}):
        own = [n for n in notes if n.part == part]
        starts = _merge_chord_onsets([n.onset for n in own])
        ends: dict[float, float] = {}
        for note in own:
            start = starts[max(0, bisect_right(starts, note.onset) - 1)]
            ends[start] = max(ends.get(start, 0.0), note.onset + note.duration)
        for start, following in pairwise(starts):
            gap = following - start
            total += min(1.2, (ends[start] - start) / gap) * gap
            weight += gap
    return total / weight if weight else 1.0


def _merge_chord_onsets(onsets: list[float]) -> list[float]:
    """The onsets without those less than 30 ms after another, which belong to the same chord."""
    kept = onsets[:1]
    for onset in onsets[1:]:
        if onset - kept[-1] >= 0.03:
            kept.append(onset)
    return kept


def _measure_brightness(performance: Performance) -> float:
    total = weight = 0.0
    for note in performance.notes:
        base = get_instrument(performance.programs[note.part]).brightness
        decibels = 40.0 * float(np.log10(note.velocity / 64.0))
        own = min(1.0, max(0.0, base + 0.012 * (note.pitch - 62) + 0.006 * decibels))
        total += own * note.duration
        weight += note.duration
    return total / weight


def tabulate_beating(rolloff: float) -> NDArray[np.float64]:
    """Float64 [128, 128]: roughness of every pair of MIDI keys at equal strength, relative to a semitone at middle C.
    `rolloff` is the amplitude ratio of successive harmonics."""
    keys = 440.0 * 2.0 ** ((np.arange(128) - 69) / 12.0)
    harmonics = np.arange(1, 7)
    strength = rolloff ** (harmonics - 1)
    frequency = keys[:, None] * harmonics[None, :]
    table = np.zeros((128, 128))
    for i in range(6):
        for j in range(6):
            a, b = frequency[:, i][:, None], frequency[:, j][None, :]
            s = 0.24 / (0.0207 * np.minimum(a, b) + 18.96)
            gap = np.abs(a - b) * s
            table += min(strength[i], strength[j]) * 5.0 * (np.exp(-3.51 * gap) - np.exp(-5.75 * gap))
    table = table - np.diag(np.diag(table))
    return np.asarray(table / table[60, 61])


def _measure_roughness(performance: Performance) -> float:
    notes = performance.notes
    rolloff = float(
        np.average(
            [get_instrument(performance.programs[n.part]).rolloff for n in notes], weights=[n.duration for n in notes]
        )
    )
    table = tabulate_beating(round(rolloff, 2))
    moments = sorted({n.onset for n in notes} | {round(n.onset + n.duration, 4) for n in notes})
    total = weight = 0.0
    following = 0
    sounding: list[Note] = []
    for a, b in pairwise(moments):
        if b - a < 0.03:
            continue  # too short to beat, and the milliseconds between the notes of a chord
        # Kept from moment to moment: a search from the start would be quadratic when one tone lasts throughout.
        while following < len(notes) and notes[following].onset <= a + 1e-6:
            sounding.append(notes[following])
            following += 1
        sounding = [n for n in sounding if n.onset + n.duration > a + 1e-6]
        if not sounding:
            continue
        weight += b - a
        if len(sounding) > 1:
            keys = [n.pitch for n in sounding]
            strong = np.array([n.velocity / 127.0 for n in sounding]) ** 2
            pairs = np.minimum(strong[:, None], strong[None, :]) * table[np.ix_(keys, keys)]
            total += (b - a) * float(pairs.sum()) / float(strong.sum())
    return tanh(total / weight) if weight else 0.0
