"""One voice of an ABC tune: its tones, bar by bar, as they are read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from encoders.score import Bar, Tone


@dataclass(frozen=True, slots=True)
class Marks:
    """What was written before a tone and belongs to it."""

    short: bool = False
    accented: bool = False
    held: bool = False
    ornament: str = ""
    graces: tuple[int, ...] = ()
    loudness: float = 0.0


@dataclass(slots=True)
class Voice:
    """What one voice has written so far."""

    bars: list[Bar] = field(default_factory=list)
    tones: list[Tone] = field(default_factory=list)
    at: Fraction = Fraction(0)
    chords: list[str] = field(default_factory=list)
    opens: bool = False
    section: bool = False
    endings: tuple[int, ...] = ()
    slurs: int = 0

    def write(self, onset: Fraction, beats: Fraction, pitches: Sequence[tuple[int, bool]], marks: Marks) -> None:
        """Adds a tone or a chord: pitches, and whether each is tied on."""
        for pitch, tied in sorted(set(pitches)) if beats > 0 else ():
            self.tones.append(
                Tone(
                    round(float(onset), 6),
                    round(float(beats), 6),
                    pitch,
                    0,
                    tied=tied,
                    slurred=self.slurs > 0,
                    short=marks.short,
                    accented=marks.accented,
                    held=marks.held,
                    ornament=marks.ornament,
                    graces=marks.graces,
                    loudness=marks.loudness,
                )
            )

    def bar(self, line: str, metre: tuple[int, int]) -> None:
        """Closes the bar with a bar line: '|', '||', '|:', ':|', '::', '|]' and their relatives."""
        closes = 2 if line.startswith(":") or "::" in line else 0
        opens = line.endswith(":") or "::" in line
        if self.tones or self.at:
            length, chord = round(float(self.at), 6), " ".join(self.chords)
            self.bars.append(
                Bar(tuple(self.tones), length, metre, self.opens, closes, self.endings, self.section, chord=chord)
            )
            self.tones, self.at, self.chords, self.section, self.opens = [], Fraction(0), [], False, False
        elif closes and self.bars:
            self.bars[-1] = replace(self.bars[-1], closes=closes)
        if closes or opens or "||" in line or "]" in line or "[" in line:
            # Players of tune books go back to the last double bar when no sign says where a repeat began.
            self.endings = ()
            self.opens = self.section = True


def together(voices: Sequence[Sequence[Bar]]) -> Iterator[Bar]:
    """Bars of several voices as one row of bars; marks are taken from the first voice."""
    longest = max(len(bars) for bars in voices)
    for index in range(longest):
        here = [bars[index] for bars in voices if index < len(bars)]
        tones = tuple(
            replace(tone, part=part)
            for part, bars in enumerate(voices)
            if index < len(bars)
            for tone in bars[index].tones
        )
        yield replace(
            here[0],
            tones=tuple(sorted(tones, key=lambda t: (t.onset, t.part, t.pitch))),
            beats=max(bar.beats for bar in here),
        )
