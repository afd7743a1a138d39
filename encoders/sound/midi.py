"""Writes a performance as a standard MIDI file, its instruments in their places."""

import io
from typing import Final

import mido

from encoders.performing.performance import PITCHED_CHANNELS, Performance
from encoders.sound.stage import seat_parts

_TICKS: Final = 480
_PAN: Final = 10
"""Controller of the place between left and right: 0 .. 127, 64 is the middle."""


def write_midi(performance: Performance, title: str, silence: float = 0.0) -> bytes:
    """The performance as a standard MIDI file (format 1, a track a part); ValueError with over 15 instruments.

    `silence`: seconds after the last note that still belong to it.
    """
    channels = _assign_channels(performance.programs)
    micro = mido.bpm2tempo(performance.tempo)
    file = mido.MidiFile(type=1, ticks_per_beat=_TICKS, charset="utf-8")
    # By the file's tempo, which is rounded to whole microseconds; by the exact one, a long piece would drift.
    rate = _TICKS * 1e6 / micro
    opening = mido.MidiTrack([
        mido.MetaMessage("track_name", name=title),
        mido.MetaMessage("set_tempo", tempo=micro),
        *([mido.MetaMessage("end_of_track", time=round((performance.seconds + silence) * rate))] if silence else []),
    ])  # fmt: skip
    file.tracks.append(opening)
    keys = list(performance.list_key_events(rate))
    places = seat_parts(performance.programs)
    for part, program in enumerate(performance.programs):
        events = [(tick, velocity > 0, pitch, velocity) for tick, of, pitch, velocity in keys if of == part]
        track = mido.MidiTrack([
            mido.Message("program_change", channel=channels[part], program=program),
            mido.Message("control_change", channel=channels[part], control=_PAN, value=round(64 + 63 * places[part])),
        ])  # fmt: skip
        now = 0
        # A key is released before it is struck again at the same tick.
        for tick, struck, pitch, velocity in sorted(events):
            name = "note_on" if struck else "note_off"
            track.append(mido.Message(name, channel=channels[part], note=pitch, velocity=velocity, time=tick - now))
            now = tick
        file.tracks.append(track)
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def _assign_channels(programs: tuple[int, ...]) -> list[int]:
    """A channel for every part, never the tenth, which is for drums; with too many parts one for every instrument."""
    if len(programs) <= len(PITCHED_CHANNELS):
        return list(PITCHED_CHANNELS[: len(programs)])
    kinds = sorted(set(programs))
    if len(kinds) > len(PITCHED_CHANNELS):
        raise ValueError(f"{len(kinds)} instruments do not fit the 15 channels of MIDI")
    return [PITCHED_CHANNELS[kinds.index(program)] for program in programs]
