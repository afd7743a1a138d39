"""Writes out the shorthand of a score: tremolos stroke by stroke, swung pairs at their real lengths.

Applied to music from outside only. The catalogue is played as it stands in its files, and swings by its styles.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import Final

from encoders.limits import MOST_NOTES
from encoders.notation.score import Bar, Score, Tone

_AT: Final = 1e-4
"""Tolerance in quarter notes, and in shares of a pair, within which two moments are equal."""


def write_out_shorthand(score: Score, remarks: list[str]) -> Score:
    """The score without tremolos and swing: one tone for each stroke, at its real onset."""
    bars = _swing_bars(score.bars)
    strokes = sum(_count_strokes(tone) for bar in bars for tone in bar.tones)
    if strokes > MOST_NOTES:
        remarks.append(f"its tremolos are held: written out they are more than {MOST_NOTES} notes")
    else:
        bars = [_write_out_tremolos(bar) if any(tone.tremolo for tone in bar.tones) else bar for bar in bars]
    return replace(score, bars=tuple(bars))


def _count_strokes(tone: Tone) -> int:
    return max(1, ceil((tone.beats - _AT) / tone.tremolo[1])) if tone.tremolo else 1


def _write_out_tremolos(bar: Bar) -> Bar:
    tones: list[Tone] = []
    for tone in bar.tones:
        length, distance = tone.tremolo or (tone.beats, 0.0)
        for number in range(_count_strokes(tone)):
            at = number * distance
            tones.append(
                replace(
                    tone,
                    onset=round(tone.onset + at, 6),
                    beats=round(min(length, tone.beats - at), 6),
                    tremolo=(),
                    tied=tone.tied and not tone.tremolo,
                    accented=tone.accented and not number,
                    graces=() if number else tone.graces,
                )
            )
    return replace(bar, tones=tuple(sorted(tones, key=lambda t: (t.onset, t.part, t.pitch))))


def _swing_bars(bars: Sequence[Bar]) -> list[Bar]:
    """The bars with the second note of every swung pair later, and the first one longer.

    Where a part divides a pair other than in halves it stays as written: triplets and dotted notes are uneven already.
    """
    feel = (0.5, 1.0)
    result = []
    for bar in bars:
        changes = [(0.0, *feel), *sorted(bar.swing)]
        feel = changes[-1][1:]
        result.append(_swing_bar(bar, changes) if any(share != 0.5 for _, share, _ in changes) else bar)
    return result


def _swing_bar(bar: Bar, changes: Sequence[tuple[float, float, float]]) -> Bar:
    for (start, share, pair), end in zip(changes, [*(c[0] for c in changes[1:]), bar.beats], strict=True):
        # Pairs are counted from the bar line; in an upbeat from the one that it leads to.
        count, unit = bar.metre
        first = bar.beats % pair - pair if bar.beats < 2.0 * count / unit else 0.0
        if share == 0.5 or bar.beat / pair % 1 > _AT:
            continue
        uneven: set[tuple[int, float]] = set()
        for tone in bar.tones:
            for moment in (tone.onset, tone.onset + tone.beats):
                place = (moment - first) / pair
                if abs(2 * place - round(2 * place)) > _AT:
                    uneven.add((tone.part, place // 1))
        moved: dict[int, dict[float, float]] = defaultdict(dict)
        for tone in bar.tones:
            for moment in (tone.onset, tone.onset + tone.beats):
                place = (moment - first) / pair
                within = start - _AT <= moment < end - _AT and (tone.part, place // 1) not in uneven
                if within and abs(place % 1 - 0.5) < _AT:
                    moved[tone.part][moment] = moment + (share - 0.5) * pair
        tones = []
        for tone in bar.tones:
            there = moved[tone.part]
            onset = there.get(tone.onset, tone.onset)
            ends = there.get(tone.onset + tone.beats, tone.onset + tone.beats)
            tones.append(replace(tone, onset=round(onset, 6), beats=round(ends - onset, 6)))
        bar = replace(bar, tones=tuple(tones))
    return bar
