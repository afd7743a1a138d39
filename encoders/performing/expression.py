"""Expression: phrases, metrical accents, tempo variation, ornaments.

The rules follow the overview of Friberg, Bresin and Sundberg (2006, Advances in Cognitive Psychology 2, 145-161):
phrase arch, metrical accent, "high loud", final ritard (Friberg & Sundberg 1999). Their strength here is judgement:
enough to sound played, too little to draw attention.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from encoders.notation.score import Bar, Sheet


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase, from breath to breath, in quarter notes."""

    start: float
    end: float

    def locate(self, onset: float) -> float:
        """Relative position of a moment within the phrase, 0..1."""
        return min(1.0, max(0.0, (onset - self.start) / max(self.end - self.start, 1e-6)))


def find_phrases(sheet: Sheet) -> tuple[Phrase, ...]:
    """The phrases of a sheet: they end at fermatas, general rests and double bars, else about every four bars."""
    cuts = {0.0, sheet.beats}
    cuts |= {onset for onset, bar in sheet.bars if bar.section}
    cuts |= {round(t.onset + t.beats, 6) for t in sheet.tones if t.held}
    ends = 0.0
    for tone in sheet.tones:
        if tone.onset - ends >= 0.5 and ends > 0:
            cuts.add(tone.onset)
        ends = max(ends, tone.onset + tone.beats)
    upbeats = _measure_upbeat(sheet)
    marked = sorted(cut for cut in cuts if 0 <= cut <= sheet.beats)
    result: list[Phrase] = []
    full = [onset for onset, bar in sheet.bars if not bar.beats < 0.5 * _measure_full_bar(bar)]
    for start, end in pairwise(marked):
        bars = full[bisect_left(full, start) : bisect_left(full, end)]
        points = [start, *[onset - upbeats for onset in bars[4::4] if onset - upbeats > start], end]
        # A remainder of a bar or two belongs to the phrase before it.
        if len(points) > 2 and len(bars) % 4 in (1, 2):
            del points[-2]
        result += [Phrase(a, b) for a, b in pairwise(points) if b > a]
    return tuple(_merge_short_phrases(result))


def _merge_short_phrases(found: list[Phrase]) -> list[Phrase]:
    """The phrases, with those shorter than three quarter notes joined to their neighbour."""
    result: list[Phrase] = []
    for phrase in found:
        if result and (phrase.end - phrase.start < 3.0 or result[-1].end - result[-1].start < 3.0):
            result[-1] = Phrase(result[-1].start, phrase.end)
        else:
            result.append(phrase)
    return result


def _measure_full_bar(bar: Bar) -> float:
    count, unit = bar.metre
    return 4.0 * count / unit


def _measure_upbeat(sheet: Sheet) -> float:
    """Quarter notes of the upbeat that the piece begins with; 0 without one."""
    first = sheet.bars[0][1]
    return first.beats if first.beats < 0.6 * _measure_full_bar(first) else 0.0


def weigh_beat(onset: float, bar_onset: float, bar: Bar, upbeat: bool) -> float:
    """Metrical weight of a moment of a bar: 1 on its first beat, .5 halfway, .25 on other beats, 0 between them."""
    place = (
        onset
        - bar_onset
        + (_measure_full_bar(bar) - bar.beats if upbeat and bar.beats < _measure_full_bar(bar) else 0.0)
    )
    if place < 1e-4:
        return 1.0
    count = _measure_full_bar(bar) / bar.beat
    at = place / bar.beat
    if abs(at - round(at)) > 1e-3:
        return 0.0
    return 0.5 if count >= 4 and count % 2 == 0 and abs(at - count / 2) < 1e-3 else 0.25


class PerformanceClock:
    """Converts quarter notes to seconds: the stated tempo with a player's small variations."""

    def __init__(
        self,
        moments: Sequence[float],
        seconds_per_quarter: float,
        shape: Sequence[Phrase],
        beats: float,
        holds: Sequence[tuple[float, float]],
        give: float,
        ending: float,
        paces: Sequence[tuple[float, float]] = (),
    ) -> None:
        """`give`: strength of the variations, 0 strict .. 1 free. `ending`: quarter notes of the final ritard. `paces`:
        changes of tempo as (quarter notes, tempo relative to the stated one)."""
        self._moments = sorted({*moments, 0.0, beats, *(p.start for p in shape), *(b for hold in holds for b in hold)})
        self._seconds = [0.0]
        starts = [p.start for p in shape]
        breaths = set(starts[1:])
        held = _merge_spans(holds)
        for a, b in pairwise(self._moments):
            middle = (a + b) / 2
            phrase = shape[max(0, bisect_right(starts, middle) - 1)]
            x = phrase.locate(middle)
            pace = 1.0 + give * (0.05 * (4 * x * (1 - x) - 0.6) - 0.10 * max(0.0, (x - 0.85) / 0.15) ** 2)
            if paces:
                pace *= paces[max(0, bisect_right(paces, middle, key=lambda p: p[0]) - 1)][1]
            if _is_within(middle, held):
                pace /= 1.2 + 0.5 * give
            left = beats - middle
            if left < ending:
                # Friberg & Sundberg: the ritard of a runner who stops; the freer the music, the slower its end.
                last = 0.62 - 0.14 * give
                # The lower limit keeps time moving for a tone that is written longer than the music lasts.
                pace *= max(0.05, 1.0 + (last**3 - 1.0) * (1.0 - left / ending)) ** (1.0 / 3.0)
            breath = (0.03 + 0.16 * give) if b in breaths else 0.0
            self._seconds.append(self._seconds[-1] + (b - a) * seconds_per_quarter / pace + breath)

    def to_seconds(self, beat: float) -> float:
        """Time in seconds of a moment of the score in quarter notes."""
        index = min(len(self._moments) - 2, max(0, bisect_right(self._moments, beat + 1e-9) - 1))
        a, b = self._moments[index], self._moments[index + 1]
        return self._seconds[index] + (self._seconds[index + 1] - self._seconds[index]) * (beat - a) / (b - a)


def _merge_spans(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The spans in order, overlapping ones merged, so that a binary search finds the span of a moment."""
    result: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def _is_within(moment: float, spans: Sequence[tuple[float, float]]) -> bool:
    index = bisect_right(spans, moment, key=lambda span: span[0]) - 1
    return index >= 0 and moment < spans[index][1]


def write_out_ornament(ornament: str, pitch: int, seconds: float, scale: frozenset[int]) -> list[tuple[float, int]]:
    """The notes of an ornament as (share of the written length at which it begins, pitch); the plain note alone when
    there is no time."""
    above = next(pitch + step for step in (1, 2, 3) if (pitch + step) % 12 in scale or step == 3)
    below = next(pitch - step for step in (1, 2, 3) if (pitch - step) % 12 in scale or step == 3)
    above, below = min(above, pitch + 2), max(below, pitch - 2)
    if ornament == "trill" and seconds > 0.3:
        count = max(4, min(24, 2 * round(seconds / 0.22)))
        return [(i / count, pitch if i % 2 == 0 else above) for i in range(count - 1)] + [((count - 1) / count, pitch)]
    if ornament == "turn" and seconds > 0.28:
        step = min(0.2, 0.075 / seconds)
        return [(0.0, pitch), (1 - 4 * step, above), (1 - 3 * step, pitch), (1 - 2 * step, below), (1 - step, pitch)]
    if ornament in ("mordent", "inverted", "trill") and seconds > 0.16:
        step = min(0.3, 0.065 / seconds)
        return [(0.0, pitch), (step, below if ornament == "mordent" else above), (2 * step, pitch)]
    return [(0.0, pitch)]
