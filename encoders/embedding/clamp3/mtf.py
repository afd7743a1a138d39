"""Music as MTF, the text that the symbolic tower reads: a line a message (CLaMP 3, arXiv 2502.10362; `clamp3.md`).

A MIDI file is told as it stands. What we play or hear ourselves is told in one form, whatever file it came from, so
that two notations of one performance give one vector.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from encoders.performing.performance import Performance

if TYPE_CHECKING:
    from mido import MidiFile

TICKS_A_SECOND: Final = 100
"""Of what we write ourselves: the tower sees time, not beats, wherever in a piece it begins to read. A hundredth is
below what ears tell apart in rhythm (about 20 ms), and short numbers let more notes into a patch."""
_REMINDED: Final = 160
"""Notes begun and ended until tempo and programs are told again, as a file may at any time: so that every segment of
a long piece knows them, wherever it is cut."""
_WORDS: Final = frozenset(
    {"text", "copyright", "track_name", "instrument_name", "lyrics", "marker", "cue_marker", "device_name"}
)
"""Metadata that hold words: left out, as in the data that the model was trained on."""
_DRUMS: Final = 9
"""The channel that General MIDI keeps for drums; parts with pitches are never put there."""


def mtf_of_midi(file: "MidiFile") -> str:
    """The messages of a MIDI file's merged tracks, values in the order of mido's dictionaries."""
    lines = (_line(message.dict()) for message in file.merged_track if message.type not in _WORDS)
    return "\n".join((f"ticks_per_beat {file.ticks_per_beat}", *lines))


def mtf_of_performance(performance: Performance) -> str:
    """A performance in its canonical form: 100 ticks a second, its tempo and a program for every part at the beginning
    and again every 160 lines, and the end of a note told as a note of no velocity, so that patches are filled."""
    beat = round(TICKS_A_SECOND * 60 / performance.tempo)
    channels = [part % 15 + (part % 15 >= _DRUMS) for part in range(len(performance.programs))]
    parts = zip(channels, performance.programs, strict=True)
    head = [f"set_tempo {round(1e6 * beat / TICKS_A_SECOND)} 0"]
    head += [f"program_change 0 {channel} {program}" for channel, program in parts]
    lines = [f"ticks_per_beat {beat}"]
    at = 0
    for number, (tick, channel, pitch, velocity) in enumerate(sorted(_events(performance, channels))):
        if number % _REMINDED == 0:
            lines += head
        lines.append(f"note_on {tick - at} {channel} {pitch} {velocity}")
        at = tick
    return "\n".join((*lines, "end_of_track 0"))


def _events(performance: Performance, channels: list[int]) -> Iterator[tuple[int, int, int, int]]:
    """When each note begins and ends: tick, channel, pitch, velocity. A pitch ends before it begins again."""
    for note in performance.notes:
        on = round(note.onset * TICKS_A_SECOND)
        off = max(on + 1, round((note.onset + note.duration) * TICKS_A_SECOND))
        yield on, channels[note.part], note.pitch, note.velocity
        yield off, channels[note.part], note.pitch, 0


def _line(message: Mapping[str, Any]) -> str:
    return " ".join(str(value) for value in message.values()).encode("unicode_escape").decode("utf-8")
