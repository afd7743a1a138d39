"""Performs a score from outside in a neutral style that follows its own marks.

These scores go through the same player as the catalogue's (`encoders.performing.player`), so that their cues are
comparable: tenuto, once with repeats, at the written tempi and dynamics. MIDI files are performances already and
do not come here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from encoders.limits import LONGEST, check_length, check_notes, fold_tempo
from encoders.notation.score import Bar, Score, order_bars, unfold
from encoders.notation.tempo_words import TEMPI
from encoders.performing.fingerprint import fingerprint
from encoders.performing.hairpins import apply_dynamics
from encoders.performing.loudness import velocity_to_decibels
from encoders.performing.performance import LEVELS, Performance, PerformanceStyle
from encoders.performing.player import perform
from encoders.performing.shorthand import write_out_shorthand

_PLAIN: Final = 100.0
"""BPM where no tempo is written: about the middle of all music (judgement)."""


@dataclass(frozen=True, slots=True)
class PlayedScore:
    """A performed score."""

    performance: Performance
    content: str
    remarks: tuple[str, ...]


def play_written(score: Score, programs: Sequence[int], place: str) -> PlayedScore:
    """The score performed once; `programs`: a General MIDI program for each part.

    Raises ScoreUnreadable naming `place` when it has no notes, too many, or lasts too long.
    """
    remarks = [] if score.dynamic else ["no dynamics written: mf taken"]
    score, tempo, beat = _set_paces(write_out_shorthand(score, remarks), remarks)
    repeats = _choose_repeats(score, tempo * beat, place, remarks)
    # Before hairpins are applied: their strength is our choice, and changing it must not change the checksum.
    content = _fingerprint_score(score, programs, repeats, tempo * beat)
    score = apply_dynamics(score, remarks)
    level, shift = _choose_level(score)
    style = PerformanceStyle(tempo, level, "tenuto", tuple(programs), repeats, beat=beat)
    # Seeded by its content, so that the same score is performed the same way in whatever file.
    performance = perform(_shift_loudness(score, shift), style, seed=int(content[:8], 16))
    return PlayedScore(performance, content, tuple(remarks))


def _choose_level(score: Score) -> tuple[str, float]:
    """The dynamic mark nearest to the mean written level, and its dB against mf."""
    total = sum(t.beats for bar in score.bars for t in bar.tones)
    mean = sum(t.beats * t.loudness for bar in score.bars for t in bar.tones) / total
    against = {
        name: velocity_to_decibels(velocity) - velocity_to_decibels(LEVELS["mf"]) for name, velocity in LEVELS.items()
    }
    name = min(against, key=lambda n: abs(against[n] - mean))
    return name, against[name]


def _shift_loudness(score: Score, shift: float) -> Score:
    """The score with its loudness relative to the level of the performance."""
    if not shift:
        return score
    bars = (replace(bar, tones=tuple(replace(t, loudness=t.loudness - shift) for t in bar.tones)) for bar in score.bars)
    return replace(score, bars=tuple(bars))


def _set_paces(score: Score, remarks: list[str]) -> tuple[Score, float, float]:
    """The score with the relative tempo of every bar; its mean tempo in BPM, and the quarter notes of its beat."""
    beat = _find_beat(score.bars)
    marks = [bar.tempi for bar in score.bars]
    first = next((t[0][1] for t in marks if t), None) or score.tempo
    if first is None:
        said_first = re.search(rf"\b({'|'.join(sorted(TEMPI, key=len, reverse=True))})", score.words.casefold())
        word = said_first[1] if said_first else None
        first = float(TEMPI[word] if word else _PLAIN) * beat
        said = f"'{word}' taken as {first / beat:g} BPM" if word else f"{_PLAIN:g} BPM taken"
        remarks.append(f"no tempo written: {said}")
    quarters: list[float] = []
    now = first
    for bar, tempi in zip(score.bars, marks, strict=True):
        # A bar is played at one tempo, so marks within a bar enter by their mean.
        points = [(0.0, now), *(t for t in tempi if t[0] < bar.beats), (bar.beats, 0.0)]
        minutes = sum((b[0] - a[0]) / max(a[1], 1.0) for a, b in pairwise(sorted(points, key=lambda p: p[0])))
        quarters.append(bar.beats / minutes if minutes > 0 else now)
        now = tempi[-1][1] if tempi else now
    played = order_bars(score.bars)
    beats = sum(score.bars[i].beats for i in played)
    mean = beats / max(sum(score.bars[i].beats / quarters[i] for i in played), 1e-9)
    tempo = fold_tempo(mean / beat)
    low, high = min(quarters) / beat, max(quarters) / beat
    if high > 1.1 * low:
        remarks.append(f"its tempo changes between {low:.0f} and {high:.0f} BPM: {tempo:.0f} is the mean")
    paces = [round(q / mean, 6) for q in quarters]
    bars = tuple(bar if p == 1.0 else replace(bar, pace=p) for bar, p in zip(score.bars, paces, strict=True))
    return replace(score, bars=bars), round(tempo, 2), mean / tempo


def _find_beat(bars: Sequence[Bar]) -> float:
    """Quarter notes in the beat that most of the piece has."""
    lengths: dict[float, float] = {}
    for bar in bars:
        lengths[bar.beat] = lengths.get(bar.beat, 0.0) + bar.beats
    return max(lengths, key=lambda b: (lengths[b], -b))


def _choose_repeats(score: Score, quarters: float, place: str, remarks: list[str]) -> int:
    """1 to play the written repeats, 0 where they would make it too long."""
    for repeats in (1, 0):
        played = order_bars(score.bars, repeats > 0)
        notes = sum(len(score.bars[i].tones) for i in played)
        seconds = 60.0 * sum(score.bars[i].beats / score.bars[i].pace for i in played) / quarters
        if repeats and (notes > _MANY or seconds > LONGEST):
            remarks.append("its repeats are left out: with them it would be too long")
            continue
        check_notes(notes, place)
        check_length(seconds, place)
        return repeats
    return 0


_MANY: Final = 60_000
"""Notes, repeats included, beyond which repeats are not played: no longer piece is meant to be repeated."""


def _fingerprint_score(score: Score, programs: Sequence[int], repeats: int, quarters: float) -> str:
    """Checksum over the written notes in 48ths of a quarter note, their loudness, instruments and tempo; equal for the
    same music in whatever file."""
    sheet = unfold(score, repeats=repeats > 0)
    rows = [
        (round(48 * t.onset), round(48 * t.beats), t.pitch, round(t.loudness), programs[t.part]) for t in sheet.tones
    ]
    return fingerprint("written", [*rows, (-1, round(10 * quarters))])
