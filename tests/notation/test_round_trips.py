"""What is written comes back as it was: performances by way of MIDI, and tunes by way of ABC."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from encoders.analysis.midi import analyse_midi_bytes
from encoders.notation.abc.tunes import parse_tune
from encoders.notation.midi.smf import read_midi
from encoders.notation.midi.take import MidiTake
from encoders.notation.score import unfold
from encoders.performing.performance import Note, Performance
from encoders.sound.midi import write_midi

# ---------------------------------------------------------------- MIDI

TICKS = 480
"""Ticks of a quarter note in the files that `midi` writes."""
ROUNDED = 1e-4
"""Seconds: times of notes are kept to a tenth of a millisecond."""


@st.composite
def performances(draw: st.DrawFn, apart: float) -> Performance:
    """Notes of several parts; a part strikes a pitch again no sooner than so many seconds after its last end."""
    programs = draw(st.lists(st.integers(0, 127), min_size=1, max_size=15))
    notes: list[Note] = []
    rows = st.tuples(st.integers(0, len(programs) - 1), st.integers(0, 127))
    for part, pitch in draw(st.lists(rows, min_size=1, max_size=8, unique=True)):
        at = draw(st.integers(0, 6_000_000)) / 1e4
        for _ in range(draw(st.integers(1, 4))):
            duration = draw(st.integers(300, 90_000)) / 1e4
            notes.append(Note(round(at, 4), duration, pitch, draw(st.integers(1, 127)), part))
            at += duration + apart + draw(st.just(0.0) | st.integers(0, 50_000).map(lambda n: n / 1e4))
    notes.sort(key=lambda n: (n.onset, n.part, n.pitch))
    tempo = draw(st.integers(2000, 32_000)) / 100
    return Performance(tuple(notes), tuple(programs), max(n.onset + n.duration for n in notes), tempo)


LATE = Note(408.5528, 0.03, 60, 80, 0)


@given(performances(apart=0.0), st.text(max_size=12))
@example(Performance((LATE,), (0,), 408.5828, 218.11), "no whole number of microseconds a quarter note")
def test_a_midi_file_strikes_the_notes_of_the_performance(performance: Performance, title: str) -> None:
    file = read_midi(write_midi(performance, title), "here")
    take = MidiTake(file.tracks, file, 0.0, [])
    tick = 60 / performance.tempo / TICKS
    struck = sorted(take.struck, key=lambda s: (s[4][0], s[2], s[0]))
    written = sorted(performance.notes, key=lambda n: (n.part, n.pitch, n.onset))
    assert [(pitch, loud, player[1]) for _, _, pitch, loud, player in struck] == [
        (n.pitch, n.velocity, performance.programs[n.part]) for n in written
    ]
    assert [s[0] for s in struck] == pytest.approx([n.onset for n in written], rel=0, abs=tick + ROUNDED)
    assert [s[1] for s in struck] == pytest.approx([n.onset + n.duration for n in written], rel=0, abs=tick + ROUNDED)
    assert (take.hanging, take.instant, take.silent, take.drums) == (0, 0, 0, [])
    assert take.unplayed <= {"pan"}, "seats are for ears, not for what is measured"


@given(performances(apart=0.05))
def test_a_midi_file_is_analysed_as_the_performance_it_was(performance: Performance) -> None:
    heard = analyse_midi_bytes(write_midi(performance, "x"), Path("x.mid")).performance
    assert heard is not None
    tick = 60 / performance.tempo / TICKS
    # A part without notes is not there, and silence before the first note is left out.
    parts = sorted({note.part for note in performance.notes})
    first = min(note.onset for note in performance.notes)
    assert heard.programs == tuple(performance.programs[part] for part in parts)
    found = sorted(heard.notes, key=lambda n: (n.part, n.pitch, n.onset))
    written = sorted(performance.notes, key=lambda n: (n.part, n.pitch, n.onset))
    assert [(parts[n.part], n.pitch, n.velocity) for n in found] == [(n.part, n.pitch, n.velocity) for n in written]
    onsets, durations = [n.onset - first for n in written], [n.duration for n in written]
    assert [n.onset for n in found] == pytest.approx(onsets, rel=0, abs=tick + ROUNDED)
    assert [n.duration for n in found] == pytest.approx(durations, rel=0, abs=tick + ROUNDED)


# ---------------------------------------------------------------- ABC

KEYS = {
    "C": "", "G": "F", "D": "FC", "A": "FCG", "Am": "", "Em": "F", "F#m": "FCG", "D dor": "", "A mix": "FC",
    "F": "b", "Bb": "be", "Eb": "bea", "Dm": "b", "Cm": "bea", "G dor": "b", "E phr": "", "F lyd": "", "B loc": "",
    "C#": "FCGDAEB", "Cb": "beadgcf",
}  # fmt: skip
"""Key as ABC writes it -> the steps of its signature: capitals are sharp, small letters flat."""
METRES = {"2/4": 8, "3/4": 12, "4/4": 16, "C": 16, "C|": 16, "6/8": 12, "5/4": 20, "7/8": 14}
"""Metre as ABC writes it -> sixteenths of a bar."""
UNITS = {"1/4": 4, "1/8": 2, "1/16": 1, "1/2": 8}
"""Unit of length as ABC writes it -> its sixteenths."""
ACCIDENTALS = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}
SEMITONES = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11), strict=True))

Step: TypeAlias = tuple[str, int, int]
"""Name of a written tone, its octave (5 has middle C) and by how many semitones it is altered."""
Sound: TypeAlias = tuple[float, float, int]
"""Onset and length in quarter notes, and MIDI key."""


@dataclass(slots=True)
class Event:
    """A note, a chord or, without steps, a rest."""

    length: int
    """Sixteenths."""
    steps: tuple[Step, ...]
    tied: bool = False
    """Whether all its tones go on in the next event."""
    spelled: bool = False
    """Whether its accidentals are written even where they go without saying."""


@dataclass(slots=True)
class Section:
    """Bars that are played once, twice, or with two endings."""

    key: str
    metre: str
    unit: str
    stretches: list[list[list[Event]]]
    """One row of bars; or three, of which the others are the first and the second ending."""
    twice: bool = False

    @property
    def played(self) -> list[list[list[Event]]]:
        if len(self.stretches) == 3:
            body, first, second = self.stretches
            return [body, first, body, second]
        return self.stretches * (2 if self.twice else 1)


@st.composite
def stretches(draw: st.DrawFn, beats: int) -> list[list[Event]]:
    """A few whole bars; a tie never leads out of them, for what follows them depends on the repeats."""
    step = st.tuples(st.sampled_from("CDEFGAB"), st.integers(3, 7), st.sampled_from([-1, 0, 0, 0, 1]))
    chord = st.lists(step, max_size=3, unique_by=pitch_of).map(tuple)
    bars: list[list[Event]] = []
    for _ in range(draw(st.integers(1, 3))):
        bar: list[Event] = []
        while left := beats - sum(event.length for event in bar):
            length = min(left, draw(st.sampled_from([1, 2, 3, 4, 6, 8, beats])))
            bar.append(Event(length, draw(chord), draw(st.booleans()), draw(st.booleans())))
        bars.append(bar)
    events = [event for bar in bars for event in bar]
    for event, following in pairwise(events):
        event.tied = event.tied and bool(event.steps)
        if event.tied:
            following.steps = event.steps
    events[-1].tied = False
    return bars


@st.composite
def sections(draw: st.DrawFn) -> Section:
    metre = draw(st.sampled_from(sorted(METRES)))
    rows = draw(
        st.lists(stretches(METRES[metre]), min_size=3, max_size=3) | stretches(METRES[metre]).map(lambda x: [x])
    )
    key, unit = draw(st.sampled_from(sorted(KEYS))), draw(st.sampled_from(sorted(UNITS)))
    return Section(key, metre, unit, rows, draw(st.booleans()))


def pitch_of(step: Step) -> int:
    name, octave, alter = step
    return 12 * octave + SEMITONES[name] + alter


@dataclass(slots=True)
class Copyist:
    """Writes a section down, and knows which accidentals go without saying."""

    section: Section
    altered: dict[str, int] = field(default_factory=dict)
    """Step -> its accidental in this bar, which holds in every octave."""
    tied: dict[tuple[str, int], int] = field(default_factory=dict)

    def text(self) -> str:
        rows = [" | ".join(map(self._bar, row)) for row in self.section.stretches]
        if len(rows) == 3:
            return f"|: {rows[0]} |1 {rows[1]} :|2 {rows[2]} ||"
        return f"|: {rows[0]} :|" if self.section.twice else f"{rows[0]} ||"

    def _bar(self, bar: list[Event]) -> str:
        self.altered = {}
        if len(bar) == 1 and not bar[0].steps:
            return "Z"
        return " ".join(map(self._event, bar))

    def _event(self, event: Event) -> str:
        units = Fraction(event.length, UNITS[self.section.unit])
        length = {Fraction(1): "", Fraction(1, 2): "/", Fraction(1, 4): "//"}.get(units, str(units))
        going: dict[tuple[str, int], int] = {}
        tones = []
        for name, octave, alter in event.steps:
            here = self.altered.get(name, self.tied.get((name, octave), self._signed(name)))
            accidental = ACCIDENTALS[alter] if event.spelled or here != alter else ""
            if accidental:
                self.altered[name] = alter
            going[name, octave] = alter
            letter = name + "," * (5 - octave) if octave <= 5 else name.lower() + "'" * (octave - 6)
            tones.append(accidental + letter)
        self.tied = going if event.tied else {}
        tie = "-" if event.tied else ""
        if not tones:
            return f"z{length}"
        return f"{tones[0]}{length}{tie}" if len(tones) == 1 else f"[{''.join(tones)}]{length}{tie}"

    def _signed(self, name: str) -> int:
        signature = KEYS[self.section.key]
        return 1 if name in signature else -1 if name.lower() in signature else 0


def written(tune: Sequence[Section]) -> str:
    first, *others = tune
    lines = ["X:1", "T:x", f"M:{first.metre}", f"L:{first.unit}", "Q:1/4=120", f"K:{first.key}", Copyist(first).text()]
    for section in others:
        lines += [f"M:{section.metre}", f"L:{section.unit}", f"K:{section.key}", Copyist(section).text()]
    return "\n".join(lines) + "\n"


def sounding(tune: Sequence[Section]) -> list[Sound]:
    """What is heard of it, in the order of playing."""
    found: list[Sound] = []
    at = 0
    for stretch in (stretch for section in tune for stretch in section.played):
        going: dict[int, int] = {}
        for event in (event for bar in stretch for event in bar):
            for pitch in map(pitch_of, event.steps):
                going.setdefault(pitch, at)
            at += event.length
            if not event.tied:
                found += [(start / 4, (at - start) / 4, pitch) for pitch, start in going.items()]
                going = {}
    return sorted(found)


@given(st.lists(sections(), min_size=1, max_size=3))
def test_a_tune_in_abc_sounds_as_it_was_composed(tune: list[Section]) -> None:
    composed = sounding(tune)
    assume(composed)
    read = parse_tune(written(tune), "here")
    assert read.remarks == ()
    assert sorted((t.onset, t.beats, t.pitch) for t in unfold(read.arrange_parts()).tones) == composed
