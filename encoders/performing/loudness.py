"""The level of every tone: the stated level, shaped by beats, phrases, contour, balance and marks."""

from bisect import bisect_right
from collections.abc import Sequence
from math import log10

from encoders.notation.score import Sheet, Tone
from encoders.performing.expression import Phrase, weigh_beat

_SINGERS = ("voice", "soprano", "superius", "cantus", "canto", "gesang", "violin i", "violin", "1st violin", "triplum")


class LoudnessModel:
    """Computes the level of tones, in dB against full velocity."""

    def __init__(
        self,
        sheet: Sheet,
        tones: Sequence[Tone],
        shape: Sequence[Phrase],
        names: Sequence[str],
        base: float,
        second: int,
    ) -> None:
        """`names` of the parts, `base` dB of a plain note, `second` the part that accompanies (-1 for none)."""
        self._shape, self._starts = shape, [p.start for p in shape]
        self._bars, self._bar_starts = sheet.bars, [onset for onset, _ in sheet.bars]
        self._second = second
        self._base = base
        means: dict[int, float] = {}
        for part in range(sheet.parts):
            pitches = [t.pitch for t in sheet.tones if t.part == part]
            if pitches:
                means[part] = sum(pitches) / len(pitches)
        self._means = means
        first = names[0].lower() if names else ""
        self.melody = 0 if 0 in means and first.startswith(_SINGERS) else max(means, key=lambda p: (means[p], -p))
        self._bass = min(means, key=lambda p: (means[p], p))
        self._tops: dict[tuple[int, float], int] = {}
        for tone in tones:
            key = (tone.part, tone.onset)
            self._tops[key] = max(self._tops.get(key, 0), tone.pitch)
        self._alone = len(means) == 1

    def compute_level(self, tone: Tone) -> float:
        """dB of a tone: the stated level shaped by beat, phrase, contour, balance and marks."""
        index = max(0, bisect_right(self._bar_starts, tone.onset + 1e-6) - 1)
        start, bar = self._bars[index]
        upbeat = index == 0 or bar.section
        phrase = self._shape[max(0, bisect_right(self._starts, tone.onset + 1e-6) - 1)]
        x = phrase.locate(tone.onset)
        # The arch peaks at two thirds of the phrase and falls faster than it rises.
        arch = (x / 0.65 if x < 0.65 else 1.0 - (x - 0.65) / 0.35) * 3.0 - 1.6
        accent = 2.4 * weigh_beat(tone.onset, start, bar, upbeat) - 0.8
        if tone.part == self._second:
            return self._base - 5.0 + arch * 0.6 + accent * 0.5
        contour = max(-2.5, min(2.5, 3.0 * (tone.pitch - self._means[tone.part]) / 12.0))
        top = tone.pitch == self._tops[(tone.part, tone.onset)]
        balance = 0.0 if self._alone else 1.5 if tone.part == self.melody else -1.5 if tone.part == self._bass else -3.0
        return (
            self._base
            + arch
            + accent
            + contour
            + balance
            - (0.0 if top else 2.0)
            + 0.6 * tone.loudness
            + (2.5 if tone.accented else 0.0)
        )

    def ends_phrase(self, tone: Tone) -> bool:
        """Whether a phrase ends with the tone."""
        after = tone.onset + tone.beats
        index = bisect_right(self._starts, tone.onset + 1e-6)
        end = self._starts[index] if index < len(self._starts) else self._shape[-1].end
        return after >= end - 1e-6


def velocity_to_decibels(velocity: int) -> float:
    """A velocity in dB against full velocity: 40 log10(velocity / 127), the curve of General MIDI 2."""
    return 40.0 * log10(velocity / 127.0)


def decibels_to_velocity(level: float) -> int:
    """The velocity of a level in dB against full velocity, clamped to 16..120."""
    return max(16, min(120, round(127.0 * float(10.0 ** (level / 40.0)))))
