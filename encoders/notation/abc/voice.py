"""One voice of an ABC tune: its tones, bar by bar, as they are read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import groupby

from encoders.notation.abc.signs import NoteDecorations
from encoders.notation.score import Bar, DynamicMark, Tone


@dataclass(slots=True)
class Voice:
    """The bars of one voice so far, and its current settings."""

    metre: tuple[int, int] = (4, 4)
    unit: Fraction = Fraction(1, 8)
    """Part of a whole note."""
    signature: dict[str, int] = field(default_factory=dict)
    shifts: dict[str, int] = field(default_factory=dict)
    """Setting -> semitones by which it sounds higher than written."""
    program: int | None = None
    name: str = ""
    drums: bool = False
    marks: NoteDecorations = field(default_factory=NoteDecorations)
    bars: list[Bar] = field(default_factory=list)
    labels: list[tuple[int, str]] = field(default_factory=list)
    """Its parts: the number of the bar that each begins with, and its name."""
    tones: list[Tone] = field(default_factory=list)
    at: Fraction = Fraction(0)
    chords: list[str] = field(default_factory=list)
    tempi: list[tuple[float, float]] = field(default_factory=list)
    levels: list[DynamicMark] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    opens: bool = False
    section: bool = False
    endings: tuple[int, ...] = ()
    again: int = 0
    """How often the current repeat is to be played again; 0 outside of repeats."""
    slurs: int = 0
    altered: dict[tuple[str, int], int] = field(default_factory=dict)
    struck: dict[tuple[str, int], int] = field(default_factory=dict)
    """(step, octave) of the last tones -> their alteration."""
    tied: dict[tuple[str, int], int] = field(default_factory=dict)
    """Those of them that are tied: the accidental of a tie applies beyond the bar line."""
    last: tuple[Fraction, Fraction] | None = None
    """Onset and length of the last note or rest of the bar."""
    tuplet: tuple[Fraction, int] = (Fraction(1), 0)
    broken: Fraction = Fraction(1)

    def copy_settings(self) -> "Voice":
        """A new voice without bars, with the current settings of this one."""
        return Voice(
            self.metre,
            self.unit,
            self.signature,
            dict(self.shifts),
            self.program,
            self.name,
            self.drums,
            NoteDecorations(loudness=self.marks.loudness),
        )

    def advance(self, length: Fraction) -> Fraction:
        """Moves the position forward by a written length; returns it in quarter notes."""
        factor, left = self.tuplet
        beats = 4 * self.unit * length * self.broken
        if left:
            beats *= factor
            self.tuplet = (factor, left - 1) if left > 1 else (Fraction(1), 0)
        self.broken = Fraction(1)
        self.last = (self.at, beats)
        self.at += beats
        return beats

    def write(self, onset: Fraction, pitches: Sequence[tuple[int, Fraction, bool]]) -> None:
        """Adds a tone or a chord: (pitch, quarter notes, whether it is tied) of each tone."""
        for pitch, beats, tied in sorted(set(pitches)):
            self.tones.append(
                Tone(
                    round(float(onset), 6),
                    round(float(beats), 6),
                    pitch,
                    0,
                    tied=tied,
                    slurred=self.slurs > 0,
                    short=self.marks.short,
                    accented=self.marks.accented,
                    held=self.marks.held,
                    ornament=self.marks.ornament,
                    graces=self.marks.graces,
                    loudness=self.marks.loudness,
                )
            )
        self.marks = NoteDecorations(loudness=self.marks.loudness)

    def dot(self, signs: str) -> None:
        """Applies a broken rhythm: lengthens the last note or rest and shortens the next one, or the reverse."""
        if self.last is None:
            return
        short = Fraction(1, 2 ** len(signs))
        before, self.broken = (2 - short, short) if signs[0] == ">" else (short, 2 - short)
        onset, beats = self.last
        self.at += beats * (before - 1)
        self.last = (onset, beats * before)
        for index, tone in self._find_last_tones():
            changed = Fraction(tone.beats).limit_denominator(4096) * before
            self.tones[index] = replace(tone, beats=round(float(changed), 6))

    def group(self, notes: int, into: str | None, over: str | None) -> None:
        """Begins a tuplet: `notes` in the time of `into`, for the next `over`; ABC's defaults where not written."""
        usual = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}.get(notes, 3 if self.metre[0] in (6, 9, 12) else 2)
        self.tuplet = (Fraction(int(into or usual), notes), int(over or notes))

    def unslur(self) -> None:
        """Ends a slur at the last tone."""
        self.slurs = max(0, self.slurs - 1)
        if self.tones:
            self.tones[-1] = replace(self.tones[-1], slurred=self.slurs > 0)

    def tie(self) -> None:
        """Ties the last tones to the next ones."""
        self.tied = self.struck
        for index, tone in self._find_last_tones():
            self.tones[index] = replace(tone, tied=True)

    def _find_last_tones(self) -> Iterator[tuple[int, Tone]]:
        onset = round(float(self.last[0]), 6) if self.last else -1.0
        yield from [(index, tone) for index, tone in enumerate(self.tones) if tone.onset == onset]

    def bar(self, line: str) -> None:
        """Ends the bar with a bar line: '|', '||', '|:', '::|', '::', '|]' or a variant of these."""
        line = line.lstrip(".")
        line = "|" if line == "[|]" else line  # invisible, and a plain bar line otherwise
        before, after = len(line) - len(line.lstrip(":")), len(line) - len(line.rstrip(":"))
        if before == len(line):
            before = after = max(1, len(line) // 2)
        closes = max(before, self.again) + 1 if before else 0
        if self.tones or self.at:
            length, chord = round(float(self.at), 6), " ".join(self.chords)
            self.bars.append(
                Bar(
                    tuple(self.tones),
                    length,
                    self.metre,
                    self.opens,
                    closes,
                    self.endings,
                    self.section,
                    "; ".join(dict.fromkeys(self.words)),
                    chord,
                    tuple(self.tempi),
                    marks=tuple(self.levels),
                )
            )
            self.tones, self.at, self.chords, self.section, self.opens = [], Fraction(0), [], False, False
            self.tempi, self.levels, self.words = [], [], []
        elif closes and self.bars:
            self.bars[-1] = replace(self.bars[-1], closes=closes)
        self.altered, self.last = {}, None
        if closes or after or "||" in line or "]" in line or "[" in line:
            # Players of tune books go back to the last double bar when no sign says where a repeat began.
            self.endings = ()
            self.section = True
            if closes or after or "]" in line or "[" in line:
                self.again = after
                self.opens = True
            self.opens = self.opens or not self.again


def close_endings(bars: Sequence[Bar]) -> list[Bar]:
    """The bars with a repeat sign at every ending but the last, so that all passes are played."""
    found: list[Bar] = []
    for ended, row in groupby(bars, key=lambda bar: bool(bar.endings)):
        runs = [list(run) for _, run in groupby(row, key=lambda bar: bar.endings)]
        while runs and ended:
            # A first ending after others begins those of another repeat.
            size = next((n for n, run in enumerate(runs) if n and 1 in run[0].endings), len(runs))
            # A first ending alone is left out the second time.
            passes = max(*(max(run[0].endings) for run in runs[:size]), runs[0][-1].closes if size == 1 else 0)
            for run in runs[:size]:
                closes = 0 if passes in run[0].endings else passes
                found += [*(replace(bar, closes=0) for bar in run[:-1]), replace(run[-1], closes=closes)]
            runs = runs[size:]
        found += [bar for run in runs for bar in run]
    return found


def merge_voices(voices: Sequence[Sequence[Bar]]) -> Iterator[Bar]:
    """Merges the bars of several voices. Repeats are those of the first voice that has any, other signs those of
    whichever voice has them."""
    longest = max(len(bars) for bars in voices)
    lead = next((bars for bars in voices if any(bar.closes or bar.endings for bar in bars)), voices[0])
    for index in range(longest):
        here = [bars[index] for bars in voices if index < len(bars)]
        tones = tuple(
            replace(tone, part=part)
            for part, bars in enumerate(voices)
            if index < len(bars)
            for tone in bars[index].tones
        )
        yield replace(
            lead[index] if index < len(lead) else here[0],
            tones=tuple(sorted(tones, key=lambda t: (t.onset, t.part, t.pitch))),
            beats=max(bar.beats for bar in here),
            words="; ".join(dict.fromkeys(word for bar in here for word in bar.words.split("; ") if word)),
            chord=max((bar.chord for bar in here), key=len),
            tempi=max((bar.tempi for bar in here), key=len),
            marks=tuple(
                replace(mark, part=part)
                for part, bars in enumerate(voices)
                if index < len(bars)
                for mark in bars[index].marks
            ),
        )
