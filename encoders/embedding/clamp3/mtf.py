"""Music as MTF, the text that the symbolic tower reads: a line a message (CLaMP 3, arXiv 2502.10362; `clamp3.md`).

A performance is written in one form, whatever file it came from, so that two notations of it give one vector.
"""

from typing import Final

from encoders.performing.performance import PITCHED_CHANNELS, Performance

TICKS_A_SECOND: Final = 100
"""Of what we write ourselves: the tower sees time, not beats, wherever in a piece it begins to read. A hundredth is
below what ears tell apart in rhythm (about 20 ms), and short numbers let more notes into a patch."""
_REMINDED: Final = 160
"""Notes begun and ended until tempo and programs are told again, as a file may at any time: so that every segment of
a long piece knows them, wherever it is cut."""


def mtf_of_performance(performance: Performance) -> str:
    """A performance in its canonical form: 100 ticks a second, its tempo and a program for every part at the beginning
    and again every 160 lines, and the end of a note told as a note of no velocity, so that patches are filled."""
    beat = round(TICKS_A_SECOND * 60 / performance.tempo)
    channels = [PITCHED_CHANNELS[part % len(PITCHED_CHANNELS)] for part in range(len(performance.programs))]
    parts = zip(channels, performance.programs, strict=True)
    head = [f"set_tempo {round(1e6 * beat / TICKS_A_SECOND)} 0"]
    head += [f"program_change 0 {channel} {program}" for channel, program in parts]
    lines = [f"ticks_per_beat {beat}"]
    keys = performance.key_events(TICKS_A_SECOND)
    # A pitch ends before it begins again.
    events = [(tick, channels[part], pitch, velocity) for tick, part, pitch, velocity in keys]
    at = 0
    for number, (tick, channel, pitch, velocity) in enumerate(sorted(events)):
        if number % _REMINDED == 0:
            lines += head
        lines.append(f"note_on {tick - at} {channel} {pitch} {velocity}")
        at = tick
    return "\n".join((*lines, "end_of_track 0"))
