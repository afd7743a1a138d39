"""What is heard: notes in seconds, and the instruments that play them."""

from dataclasses import dataclass


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
    """1..127; `encoders.cues` says how many dB that is."""
    part: int
    """Index into the programs of its performance."""


@dataclass(frozen=True, slots=True)
class Performance:
    """Music as it is played. Notes are in order of onset, part and pitch; a part never strikes a pitch that still
    sounds in it."""

    notes: tuple[Note, ...]
    programs: tuple[int, ...]
    """General MIDI program of every part, 0..127."""
    seconds: float
    """When the last note has ended."""
    tempo: float
    """BPM that the performance was given, before its ritards and breaths."""

    def __post_init__(self) -> None:
        if not self.notes:
            raise ValueError("a performance needs at least one note")
        if max(note.part for note in self.notes) >= len(self.programs):
            raise ValueError("a note belongs to a part that has no program")
