"""Writes music as MTF, the text format of the symbolic tower: one MIDI message a line (CLaMP 3, arXiv 2502.10362).

A performance has one canonical form, whatever file it came from, so that two notations of it give the same vector.
"""

from typing import Final

from encoders.performing.performance import PITCHED_CHANNELS, Performance

TICKS_A_SECOND: Final = 100
"""The tower sees seconds, not beats, so that any segment of a piece is on the same scale. A hundredth of a second is
below what listeners distinguish in rhythm (about 20 ms), and short numbers fit more notes into a patch."""
_REMINDED: Final = 160
"""Note lines after which tempo and programs are repeated, which the format allows, so that every segment of a long
piece contains them."""


def write_mtf(performance: Performance) -> str:
    """A performance in canonical MTF: 100 ticks a second; tempo and programs at the beginning and every 160 lines; the
    end of a note as a note of velocity 0, so that messages of one type fill the patches."""
    beat = round(TICKS_A_SECOND * 60 / performance.tempo)
    channels = [PITCHED_CHANNELS[part % len(PITCHED_CHANNELS)] for part in range(len(performance.programs))]
    parts = zip(channels, performance.programs, strict=True)
    head = [f"set_tempo {round(1e6 * beat / TICKS_A_SECOND)} 0"]
    head += [f"program_change 0 {channel} {program}" for channel, program in parts]
    lines = [f"ticks_per_beat {beat}"]
    keys = performance.list_key_events(TICKS_A_SECOND)
    # A pitch ends before it begins again.
    events = [(tick, channels[part], pitch, velocity) for tick, part, pitch, velocity in keys]
    at = 0
    for number, (tick, channel, pitch, velocity) in enumerate(sorted(events)):
        if number % _REMINDED == 0:
            lines += head
        lines.append(f"note_on {tick - at} {channel} {pitch} {velocity}")
        at = tick
    return "\n".join((*lines, "end_of_track 0"))
