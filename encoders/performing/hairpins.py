"""Computes the written loudness over time: level marks hold, hairpins interpolate from one to the next.

Applied to music from outside only. The catalogue is played by the level marks of its files, and its table was
measured that way.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import inf
from typing import Final

from encoders.notation.musicxml.dynamics import LOUDEST, SOFTEST
from encoders.notation.score import Bar, DynamicMark, Score

GRADE: Final = 3.5
"""dB by which a hairpin changes the level where no mark follows: about a grade, since from pp to ff the marks are
3.4 dB apart on average. That it is one grade and not two is judgement."""
_WAYS: Final = {"crescendo": 1, "diminuendo": -1}
_Point = tuple[float, float, float]
"""Quarter notes from the start of the score, level there in dB, and slope in dB a quarter note from there on."""
_AT: Final = 1e-6
"""Tolerance in quarter notes within which two moments are equal."""


@dataclass(frozen=True, slots=True)
class _Hairpin:
    """Times in quarter notes from the start of the score."""

    start: float
    end: float
    way: int
    """1 louder, -1 softer."""


def apply_dynamics(score: Score, remarks: list[str]) -> Score:
    """The score with the loudness of every tone set from marks and hairpins at its onset. Adds a remark for hairpins
    that lead to no mark.

    The staves of one instrument share their marks. Times are as written, repeats not unfolded. Words ("cresc.") have no
    effect.
    """
    names = [score.part_ids[number] if score.part_ids else str(number) for number in range(len(score.parts))]
    starts = [round(at, 6) for at in accumulate((bar.beats for bar in score.bars), initial=0.0)]
    marks: dict[str, list[tuple[float, DynamicMark]]] = defaultdict(list)
    onsets: dict[str, set[float]] = defaultdict(set)
    for at, bar in zip(starts, score.bars, strict=False):
        for mark in bar.marks:
            marks[names[mark.part]].append((round(at + mark.onset, 6), mark))
        for tone in bar.tones:
            onsets[names[tone.part]].add(round(at + tone.onset, 6))
    courses: dict[str, list[_Point]] = {}
    aimless = 0
    for name, found in marks.items():
        courses[name], left = _build_course(found, sorted(onsets[name]), starts[-1])
        aimless += left
    if aimless:
        remarks.append(f"{aimless} of its hairpins lead to no mark: a grade each taken")
    return replace(
        score, bars=tuple(_set_loudness(bar, at, names, courses) for at, bar in zip(starts, score.bars, strict=False))
    )


def _set_loudness(bar: Bar, at: float, names: Sequence[str], courses: dict[str, list[_Point]]) -> Bar:
    tones = []
    for tone in bar.tones:
        course = courses.get(names[tone.part])
        tones.append(replace(tone, loudness=_interpolate_level(course, at + tone.onset)) if course else tone)
    return replace(bar, tones=tuple(tones))


def _interpolate_level(course: Sequence[_Point], at: float) -> float:
    start, level, slope = course[bisect_right(course, at + _AT, key=lambda point: point[0]) - 1]
    return round(level + slope * max(0.0, at - start), 2)


def _build_course(
    marks: Sequence[tuple[float, DynamicMark]], onsets: Sequence[float], last: float
) -> tuple[list[_Point], int]:
    """The level of one instrument over time, and the number of its hairpins that lead to no mark."""
    # Of several marks at one moment the last one in the file counts.
    levels = sorted({at: mark.loudness for at, mark in marks if mark.sign == "level"}.items())
    now, taken, aimless = 0.0, 0, 0
    points: list[_Point] = [(0.0, now, 0.0)]
    for hairpin in _order_hairpins(_pair_hairpins(marks), [at for at, _ in levels], last):
        while taken < len(levels) and levels[taken][0] <= hairpin.start:
            points.append((levels[taken][0], levels[taken][1], 0.0))
            now, taken = levels[taken][1], taken + 1
        start, marked = hairpin.start, False
        while start < hairpin.end:
            at, aim = levels[taken] if taken < len(levels) else (inf, now)
            end, within = min(at, hairpin.end), at < hairpin.end
            # A mark in the opposite direction is a sudden change, not the target of the hairpin.
            if hairpin.way * (aim - now) <= 0 or not (within or _is_silent(onsets, end, at)):
                aimless += not marked
                aim = now if marked and not within else min(LOUDEST, max(SOFTEST, now + hairpin.way * GRADE))
            points.append((start, now, (aim - now) / (end - start)))
            now, start = aim, end
            if within:
                now, taken, marked = levels[taken][1], taken + 1, True
            points.append((end, now, 0.0))
    return [*points, *((at, level, 0.0) for at, level in levels[taken:])], aimless


def _is_silent(onsets: Sequence[float], start: float, end: float) -> bool:
    """Whether no tone begins between two moments."""
    index = bisect_right(onsets, start + _AT)
    return index == len(onsets) or onsets[index] >= end - _AT


def _pair_hairpins(marks: Sequence[tuple[float, DynamicMark]]) -> list[_Hairpin]:
    """The hairpins with the beginnings and ends in the file; one without an end lasts to infinity."""
    begun: dict[str, _Hairpin] = {}
    found: list[_Hairpin] = []
    for at, mark in marks:
        if mark.sign == "level":
            continue
        if before := begun.pop(mark.number, None):
            found.append(replace(before, end=at) if mark.sign == "stop" else before)
        if way := _WAYS.get(mark.sign):
            begun[mark.number] = _Hairpin(at, inf, way)
    return [*found, *begun.values()]


def _order_hairpins(hairpins: Sequence[_Hairpin], levels: Sequence[float], last: float) -> list[_Hairpin]:
    """The hairpins without overlap: one without an end lasts to the next mark or hairpin, one that begins within
    another ends that, and two in the same direction at the same time are merged."""
    row = sorted((h for h in hairpins if h.end > h.start), key=lambda h: h.start)
    changes = sorted({*levels, *(h.start for h in row), last})
    turns: list[_Hairpin] = []
    for hairpin in row:
        if hairpin.end == inf:
            index = bisect_right(changes, hairpin.start)
            hairpin = replace(hairpin, end=changes[index] if index < len(changes) else hairpin.start)
        if turns and hairpin.start < turns[-1].end and hairpin.way == turns[-1].way:
            turns[-1] = replace(turns[-1], end=max(turns[-1].end, hairpin.end))
            continue
        if turns:
            turns[-1] = replace(turns[-1], end=min(turns[-1].end, hairpin.start))
        turns.append(hairpin)
    return [hairpin for hairpin in turns if hairpin.end > hairpin.start]
