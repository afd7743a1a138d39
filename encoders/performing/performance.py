"""Performances (notes in seconds and their instruments), and the styles in which a score can be played."""

from collections.abc import Iterator
from dataclasses import dataclass

from encoders.performing.accompaniment import SETTINGS

LEVELS = {"pp": 36, "p": 48, "mp": 60, "mf": 72, "f": 88, "ff": 104}
"""Stated level -> velocity of a plain note; 40 log10(velocity / 127) is its dB (General MIDI 2)."""
ARTICULATIONS = {"legato": 1.0, "tenuto": 0.92, "detached": 0.72, "staccato": 0.45}
"""Articulation -> share of its written length that a note of up to a beat sounds."""
PITCHED_CHANNELS = tuple(channel for channel in range(16) if channel != 9)
"""The channels of MIDI for parts with pitches: General MIDI keeps the tenth for drums."""


@dataclass(frozen=True, slots=True)
class Note:
    """One sounding note of one part."""

    onset: float
    """Seconds from the start of the performance, rounded to 0.1 ms so that every machine gets the same number."""
    duration: float
    """Seconds it sounds, rounded to 0.1 ms, more than 0."""
    pitch: int
    """MIDI key, 60 is middle C."""
    velocity: int
    """1..127; 40 log10(velocity / 127) is its dB."""
    part: int
    """Index into the programs of its performance."""


@dataclass(frozen=True, slots=True)
class Performance:
    """Performed notes, in order of onset, part and pitch; a part never strikes a pitch that still sounds in it."""

    notes: tuple[Note, ...]
    programs: tuple[int, ...]
    """General MIDI program of every part, 0..127."""
    seconds: float
    """When the last note has ended."""
    tempo: float
    """BPM stated for the performance, before its ritards and breaths."""

    def __post_init__(self) -> None:
        if not self.notes:
            raise ValueError("a performance needs at least one note")
        if max(note.part for note in self.notes) >= len(self.programs):
            raise ValueError("a note belongs to a part that has no program")

    def list_key_events(self, ticks_per_second: float) -> Iterator[tuple[int, int, int, int]]:
        """Tick, part, pitch and velocity of every key press and, with velocity 0, of its release, note by note.

        A note lasts a tick at least.
        """
        for note in self.notes:
            start = round(note.onset * ticks_per_second)
            end = round((note.onset + note.duration) * ticks_per_second)
            yield start, note.part, note.pitch, note.velocity
            yield max(end, start + 1), note.part, note.pitch, 0


@dataclass(frozen=True, slots=True)
class PerformanceStyle:
    """How a score is to be played."""

    tempo: float
    """BPM of the beat."""
    level: str
    """One of `LEVELS`."""
    articulation: str
    """One of `ARTICULATIONS`."""
    programs: tuple[int, ...]
    """General MIDI programs, one for each part of the score; where the numbers differ they are distributed from the
    highest part to the lowest. With a setting other than 'alone' the last one plays the accompaniment."""
    repeats: int = 1
    """How often the piece is played through, written repeats included each time; 0: once, without written repeats."""
    setting: str = "alone"
    """The accompaniment: one of `encoders.performing.accompaniment.SETTINGS`."""
    octave: int = 0
    """Octaves by which the tune is transposed."""
    swing: float = 0.5
    """Share of a pair of short notes that the first one takes: .5 even, .6 lilting, .67 in threes."""
    beat: float | None = None
    """Quarter notes in a beat of the tempo; None for the metre's own: a dotted note in 6/8, 9/8, 12/8 and 3/8, a half
    note in 2/2."""

    def __post_init__(self) -> None:
        faults = [f"no such level: {self.level}"] * (self.level not in LEVELS)
        faults += [f"no such articulation: {self.articulation}"] * (self.articulation not in ARTICULATIONS)
        faults += [f"no such setting: {self.setting}"] * (self.setting not in SETTINGS)
        faults += ["tempo must be 20..320"] * (not 20 <= self.tempo <= 320)
        faults += ["no program"] * (not self.programs)
        if faults:
            raise ValueError("; ".join(faults))
