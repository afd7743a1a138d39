"""Accompanies a tune with a drone, held chords, broken chords or a march.

Where the score names its chords, those are played. Where it does not, the chords are triads of the tune's own scale,
chosen bar by bar so that they contain the tune's notes, move by fifths where they can, and end on the tonic.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from encoders.notation.score import Score, Sheet, Tone

SETTINGS = ("alone", "drone", "chords", "broken", "march")


@dataclass(frozen=True, slots=True)
class Chord:
    """One chord, and when it sounds, in quarter notes."""

    onset: float
    beats: float
    root: int
    """Pitch class, 0 is C."""
    third: int
    """3 in minor, 4 in major."""
    strong: tuple[float, ...]
    """Onsets of the beats it lasts for."""


def find_tonic(score: Score) -> int:
    """Pitch class of the tonic: that of the written key, else that of the lowest note at the end."""
    if score.tonic is not None:
        return score.tonic
    last = max(score.bars[-1].tones or score.bars[0].tones, key=lambda t: (t.onset, -t.pitch))
    return last.pitch % 12


def build_scale(fifths: int) -> frozenset[int]:
    """The seven pitch classes of a signature of so many sharps (below 0: flats)."""
    return frozenset((7 * (fifths + step)) % 12 for step in range(-1, 6))


def accompany(score: Score, sheet: Sheet, setting: str, part: int, octave: int = 0) -> list[Tone]:
    """Tones of the accompaniment to a sheet whose tune is transposed by octaves; none for the setting 'alone'."""
    if setting == "alone":
        return []
    tonic = find_tonic(score)
    # Chords may overlap the tune's lowest notes, but not its middle; any lower they would sound muddy.
    floor = round(sum(tone.pitch for tone in sheet.tones) / len(sheet.tones)) + 12 * octave - 6
    if setting == "drone":
        return _play_drone(sheet, tonic, floor, part)
    chords = find_chords(score, sheet)
    pattern = {"chords": _play_held, "broken": _play_broken, "march": _play_march}[setting]
    return [tone for chord in chords for tone in pattern(chord, floor, part)]


def find_chords(score: Score, sheet: Sheet) -> list[Chord]:
    """A chord for every bar, or half bar where bars are long: from the score's chord names, or the best sequence of
    triads by dynamic programming."""
    spans: list[tuple[float, float, tuple[float, ...]]] = []
    for onset, bar in sheet.bars:
        beats = max(1, round(bar.beats / bar.beat))
        halves = 2 if beats >= 4 and beats % 2 == 0 and bar.metre != (2, 2) else 1
        length = bar.beats / halves
        for half in range(halves):
            start = round(onset + half * length, 6)
            strong = tuple(round(start + i * bar.beat, 6) for i in range(max(1, ceil(length / bar.beat - 1e-6))))
            spans.append((start, length, strong))
    written = [
        (round(onset + float(at), 6), int(root), 3 if kind == "minor" else 4)
        for onset, bar in sheet.bars
        for at, root, kind in (c.split(":") for c in bar.chord.split())
    ]
    if len(written) >= len(sheet.bars) // 2:
        return _read_written_chords(written, spans)
    return _choose_chords(score, sheet, spans)


def _read_written_chords(
    written: list[tuple[float, int, int]], spans: list[tuple[float, float, tuple[float, ...]]]
) -> list[Chord]:
    chords: list[Chord] = []
    for start, length, strong in spans:
        sounding = [(root, third) for at, root, third in written if at <= start + 1e-6]
        if sounding:
            chords.append(Chord(start, length, *sounding[-1], strong))
    return chords


def _choose_chords(score: Score, sheet: Sheet, spans: list[tuple[float, float, tuple[float, ...]]]) -> list[Chord]:
    tonic, scale = find_tonic(score), build_scale(score.fifths)
    triads = [
        (root, third)
        for root in sorted(scale)
        for third in (4, 3)
        if (root + third) % 12 in scale and (root + 7) % 12 in scale
    ]
    if (tonic + 3) % 12 in scale and any(t.pitch % 12 == (tonic + 11) % 12 for t in sheet.tones):
        triads.append(((tonic + 7) % 12, 4))  # a minor tune that sharpens its seventh wants the major fifth
    at_home = [third for root, third in triads if root == tonic]
    home = (tonic, at_home[0]) if at_home else triads[0]
    fits = [_score_triads(sheet, start, length, triads) for start, length, _ in spans]
    best = [fits[0][i] + (1.5 if triad == home else 0.0) for i, triad in enumerate(triads)]
    back: list[list[int]] = []
    for step, fit in enumerate(fits[1:], 1):
        bonus = [2.0 if triad == home and step == len(fits) - 1 else 0.3 if triad == home else 0.0 for triad in triads]
        row = [
            max(range(len(triads)), key=lambda a, b=b: (best[a] + _score_move(triads[a], triads[b]), -a))  # type: ignore[misc]
            for b in range(len(triads))
        ]
        best = [best[row[b]] + _score_move(triads[row[b]], triads[b]) + fit[b] + bonus[b] for b in range(len(triads))]
        back.append(row)
    at = max(range(len(triads)), key=lambda i: (best[i], -i))
    chosen = [at]
    for row in reversed(back):
        at = row[at]
        chosen.append(at)
    return [
        Chord(start, length, *triads[i], strong)
        for (start, length, strong), i in zip(spans, reversed(chosen), strict=True)
    ]


def _score_triads(sheet: Sheet, start: float, length: float, triads: list[tuple[int, int]]) -> list[float]:
    """How well each triad matches the notes that sound in a span; about -1..1."""
    held = [0.0] * 12
    for tone in sheet.tones:
        overlap = min(tone.onset + tone.beats, start + length) - max(tone.onset, start)
        if overlap > 1e-6:
            held[tone.pitch % 12] += overlap * (1.6 if abs(tone.onset - start) < 1e-6 else 1.0)
    total = sum(held) or 1.0
    result = []
    for root, third in triads:
        inside = held[root] * 1.15 + held[(root + third) % 12] + held[(root + 7) % 12]
        result.append(2.0 * (inside / total) - 1.0)
    return result


def _score_move(a: tuple[int, int], b: tuple[int, int]) -> float:
    if a == b:
        return 0.1
    step = (b[0] - a[0]) % 12
    return 0.25 if step in (5, 7) else -0.15 if step in (1, 11, 6) else 0.0


def _find_low_pitch(pitch_class: int, floor: int, least: int = 38) -> int:
    """The MIDI key of a pitch class in the octave above `least`, or below it where the tune is close."""
    pitch = least + (pitch_class - least) % 12
    return pitch if pitch < floor - 4 else pitch - 12


def _play_drone(sheet: Sheet, tonic: int, floor: int, part: int) -> list[Tone]:
    starts = [onset for onset, _ in sheet.bars][::4]
    low = _find_low_pitch(tonic, floor, 43)
    tones: list[Tone] = []
    for start, end in pairwise([*starts, sheet.beats]):
        if end > start:
            tones += [Tone(start, round(end - start, 6), low + step, part) for step in (0, 7)]
    return tones


def _voice_chord(chord: Chord, floor: int) -> tuple[int, list[int]]:
    """A bass note and up to three notes in close position above it, below the middle of the tune."""
    bass = _find_low_pitch(chord.root, floor)
    ceiling = max(61, min(67, floor + 2))
    upper = sorted(ceiling - (ceiling - (chord.root + step)) % 12 for step in (0, chord.third, 7))
    return bass, [pitch for pitch in upper if pitch > bass]


def _play_held(chord: Chord, floor: int, part: int) -> list[Tone]:
    bass, upper = _voice_chord(chord, floor)
    return [Tone(chord.onset, round(chord.beats, 6), pitch, part) for pitch in [bass, *upper]]


def _play_broken(chord: Chord, floor: int, part: int) -> list[Tone]:
    bass, upper = _voice_chord(chord, floor)
    ladder = [bass, *upper, *upper[1:-1][::-1]]
    beat = chord.beats / max(1, len(chord.strong))
    split = 3 if abs(beat - 1.5) < 1e-6 else 2
    step = beat / split
    count = max(1, round(chord.beats / step))
    return [
        Tone(
            round(chord.onset + i * step, 6),
            round(min(2 * step, chord.beats - i * step), 6),
            ladder[i % len(ladder)],
            part,
        )
        for i in range(count)
    ]


def _play_march(chord: Chord, floor: int, part: int) -> list[Tone]:
    bass, upper = _voice_chord(chord, floor)
    tones: list[Tone] = []
    for number, (strong, end) in enumerate(pairwise([*chord.strong, chord.onset + chord.beats])):
        beat = end - strong
        after = beat * (2 / 3 if abs(beat - 1.5) < 1e-6 else 0.5)
        low = bass if number % 2 == 0 else _find_low_pitch((chord.root + 7) % 12, floor)
        tones.append(Tone(strong, round(after, 6), low, part, short=True))
        tones += [Tone(round(strong + after, 6), round(beat - after, 6), pitch, part, short=True) for pitch in upper]
    return tones
