"""Turns a written tone into sounding notes: length, ornaments, grace notes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from encoders.notation.score import Tone
from encoders.performing.expression import write_out_ornament
from encoders.performing.jitter import Rng
from encoders.performing.loudness import decibels_to_velocity
from encoders.performing.performance import ARTICULATIONS, Note, PerformanceStyle


class Articulator:
    """Articulates single tones in one performance style."""

    def __init__(self, style: PerformanceStyle, scale: frozenset[int], rng: Rng) -> None:
        """`scale`: the pitch classes that ornaments use."""
        self._style, self._scale, self._rng = style, scale, rng

    def articulate(
        self, tone: Tone, octave: int, ornate: bool, onset: float, written: float, level: float, ends: bool
    ) -> list[Note]:
        """The sounding notes of a tone.

        `onset` and `written` length in seconds, `level` in dB against full velocity; `octave`: transposition in this
        repetition; `ornate`: whether the player adds ornaments; `ends`: whether the tone ends a phrase.
        """
        pitch = tone.pitch + 12 * (
            octave + (self._style.octave if tone.part == 0 or self._style.setting == "alone" else 0)
        )
        pitch = pitch if 0 <= pitch <= 127 else tone.pitch
        share = ARTICULATIONS[self._style.articulation]
        if tone.short:
            share = min(share * 0.7, 0.5)
        elif tone.slurred:
            share = max(share, 1.0)
        elif written > 0.8:
            # Long notes are sustained even where short ones are detached.
            share += (0.93 - share) * min(1.0, (written - 0.8) / 1.2) if share < 0.93 else 0.0
        overlap = 0.035 if share >= 1.0 and not ends else 0.0
        sounds = max(0.05, written * (min(share, 0.9) if ends and written > 0.3 else share) + overlap)
        ornament = tone.ornament
        if not ornament and ornate and written > 0.5 and tone.part == 0 and self._rng.unit() < 0.25:
            ornament = self._rng.pick(["mordent", "inverted", "turn"])
        loud = decibels_to_velocity(level)
        notes: list[Note] = []
        for number, grace in enumerate(reversed(tone.graces), 1):
            at = onset - 0.07 * number
            if at > 0:
                notes.append(
                    _make_note(at, 0.075, grace + (pitch - tone.pitch), decibels_to_velocity(level - 3.0), tone.part)
                )
        steps = write_out_ornament(ornament, pitch, written, self._scale)
        for number, (share_in, height) in enumerate(steps):
            start = onset + share_in * written
            end = onset + steps[number + 1][0] * written if number + 1 < len(steps) else onset + sounds
            softer = 0 if number == 0 else 3
            notes.append(_make_note(start, max(0.04, end - start), height, max(16, loud - softer), tone.part))
        return notes


def _make_note(onset: float, duration: float, pitch: int, loud: int, part: int) -> Note:
    return Note(round(onset, 4), round(duration, 4), max(0, min(127, pitch)), loud, part)


def separate_repeats(notes: Sequence[Note]) -> list[Note]:
    """The notes in order, each ending 20 ms before its part strikes the same pitch again; doubled ones once."""
    rows: dict[tuple[int, int], list[Note]] = defaultdict(list)
    for note in sorted(notes, key=lambda n: (n.onset, n.part, n.pitch, -n.duration)):
        row = rows[(note.part, note.pitch)]
        if row and note.onset - row[-1].onset < 0.05:
            row[-1] = replace(
                row[-1], duration=max(row[-1].duration, note.duration), velocity=max(row[-1].velocity, note.velocity)
            )
            continue
        if row and row[-1].onset + row[-1].duration > note.onset - 0.02:
            row[-1] = replace(row[-1], duration=round(note.onset - 0.02 - row[-1].onset, 4))
        row.append(note)
    return sorted((n for row in rows.values() for n in row), key=lambda n: (n.onset, n.part, n.pitch))
