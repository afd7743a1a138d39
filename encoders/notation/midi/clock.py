"""Converts the ticks of a MIDI file to seconds, by its tempi, and to beats, by its metres."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from encoders.notation.midi.smf import MidiFile, MidiTrack


class TempoMap:
    """Converts ticks to seconds and beats."""

    def __init__(self, tracks: Sequence[MidiTrack], file: MidiFile, remarks: list[str]) -> None:
        self._rate = file.ticks_a_second
        self._ticks = file.ticks or 1
        self.quarter = 0 if self._rate else self._ticks
        """Ticks of a quarter note; 0 for time code, which has none."""
        written = sorted({pair for track in tracks for pair in track.tempi})
        # No music has a quarter note of less than 10 ms or more than 16 s; a MIDI file cannot even write the latter.
        tempi = [(tick, micro) for tick, micro in written if micro >= 10_000]
        if len(tempi) < len(written):
            remarks.append("a tempo of nothing is written: left out")
        if not tempi and not self._rate:
            remarks.append("no tempo written: 120 BPM taken, as MIDI has it")
        self._points = [(0, 0.0, 500_000)]
        for tick, micro in tempi:
            last = self._points[-1]
            point = (tick, last[1] + (tick - last[0]) * last[2] / 1e6 / self._ticks, micro)
            if tick == last[0]:
                self._points[-1] = point
            else:
                self._points.append(point)
        metres = sorted({m for track in tracks for m in track.metres})
        self._metres = [(0, 1.0)]
        for tick, count, unit in metres:
            whole = 4.0 / unit
            compound = count in (6, 9, 12) or (count == 3 and unit == 8)
            self._metres.append((tick, whole * 3.0 if compound else whole))

    def to_seconds(self, tick: int) -> float:
        """Seconds from the start of the file."""
        if self._rate:
            return tick / self._rate
        start, seconds, micro = self._points[max(0, bisect_right(self._points, tick, key=lambda p: p[0]) - 1)]
        return seconds + (tick - start) * micro / 1e6 / self._ticks

    def count_beats(self, first: int, last: int) -> tuple[float, float]:
        """Beats of the metre between two ticks, and seconds; 0 beats in a file that counts frames."""
        if self._rate:
            return 0.0, (last - first) / self._rate
        cuts = sorted({first, last, *(tick for tick, _ in self._metres if first < tick < last)})
        total = 0.0
        for a, b in pairwise(cuts):
            beat = self._metres[max(0, bisect_right(self._metres, a, key=lambda m: m[0]) - 1)][1]
            total += (b - a) / self._ticks / beat
        return total, self.to_seconds(last) - self.to_seconds(first)
