"""Plays the tracks of a MIDI file that sound together, and collects their notes in seconds."""

from collections.abc import Iterator, Sequence
from typing import Final

from encoders.notation.midi.channel import Channel, PlayedNote
from encoders.notation.midi.clock import TempoMap
from encoders.notation.midi.free_beat import follows_beats
from encoders.notation.midi.smf import SYSEX, MidiFile, MidiTrack
from encoders.notation.midi.sysex import SysexSetting, parse_sysex

HANGING: Final = 2.0
"""Length in seconds of a note that is never ended, unless it is struck again before."""
_LEAST_ONSETS: Final = 32
"""Onsets from which it can be decided whether they follow a beat."""


class MidiTake:
    """Tracks that sound together: their notes in seconds."""

    def __init__(self, tracks: Sequence[MidiTrack], file: MidiFile, start: float, remarks: list[str]) -> None:
        self._clock = TempoMap(tracks, file, remarks)
        self.struck: list[PlayedNote] = []
        self.drums: list[tuple[float, int]] = []
        """Onsets and velocities."""
        self.hanging = self.instant = self.silent = 0
        """Numbers of notes that never end, that end as they begin, and that have no volume."""
        self.unplayed: set[str] = set()
        """Names of what is asked for and not supported."""
        self._channels: dict[int, Channel] = {}
        self._roland = False
        self._volume = 1.0
        self._transposed = 0
        self._onsets: list[int] = []
        for tick, track, kind, number, first, second in _order_events(tracks):
            at = start + self._clock.to_seconds(tick)
            if kind == SYSEX:
                self._apply_sysex(parse_sysex(track.messages[first]), at)
            elif kind == 0x9 and second:
                self._onsets.append(tick)
                self._strike(self._get_channel(number), at, first, second)
            else:
                self._apply_event(self._get_channel(number), kind, at, first, second)
        ends = start + self._clock.to_seconds(max((track.end for track in tracks), default=0))
        self._end_notes(ends, HANGING)
        self.ends = max([end for _, end, *_ in self.struck], default=start)
        self._measure_tempo(self._onsets)

    def _get_channel(self, number: int) -> Channel:
        if number not in self._channels:
            self._channels[number] = Channel(number, self._roland)
        return self._channels[number]

    def _strike(self, channel: Channel, at: float, pitch: int, velocity: int) -> None:
        if channel.is_drums:
            self.drums.append((at, velocity))
        elif not channel.strike(at, pitch, velocity * self._volume, self._transposed):
            self.silent += 1

    def _apply_event(self, channel: Channel, kind: int, at: float, first: int, second: int) -> None:
        """Applies a channel event other than the beginning of a note."""
        if kind in (0x8, 0x9):
            channel.release(at, first)
        elif kind == 0xB:
            channel.control(first, second, at)
        elif kind == 0xC:
            channel.select(first)
        elif kind == 0xE:
            if (first, second) != (0, 64):
                self.unplayed.add("pitch bend")
        elif second if kind == 0xA else first:
            self.unplayed.add("pressure on held keys")

    def _apply_sysex(self, message: Sequence[SysexSetting] | None, at: float) -> None:
        """Applies the settings of a system exclusive message; None is recorded as unsupported."""
        if message is None:
            self.unplayed.add("messages to one device")
        for each in message or ():
            if each.setting == "reset":
                self._end_notes(at, 0.0)
                self._channels, self._roland = {}, bool(each.value)
                self._volume, self._transposed = 1.0, 0
            elif each.setting == "volume":
                self._volume = each.value / 127.0
            elif each.setting == "transpose":
                self._transposed = each.value
            else:
                self._set_part(self._get_channel(each.channel), each)

    def _set_part(self, channel: Channel, each: SysexSetting) -> None:
        if each.setting == "drums":
            channel.part = bool(each.value)
        elif each.setting == "bank":
            channel.bank(each.value)
        elif each.setting == "program":
            channel.select(each.value)
        else:
            channel.moved = each.value

    def _end_notes(self, at: float, hanging: float) -> None:
        """Releases the pedals and ends sounding notes `hanging` seconds after they began, or now where that is 0."""
        for channel in self._channels.values():
            if hanging:
                rows = [note for row in channel.sounding.values() for note in row]
                self.hanging += len(rows)
                self.struck += [(on, on + hanging, key, loud, who) for on, key, loud, who in rows]
                channel.release_pedals(at)
            else:
                channel.silence(at)
            self.struck += channel.finished
            self.instant += channel.instant
            self.unplayed |= channel.unplayed

    def _measure_tempo(self, onsets: Sequence[int]) -> None:
        self.beats = self.minutes = 0.0
        self.free = False
        if not self.struck or not onsets:
            return
        first, last = min(onsets), max(onsets)
        self.beats, seconds = self._clock.count_beats(first, last)
        self.minutes = seconds / 60.0
        if last == first:
            self.beats, self.minutes = self._clock.count_beats(first, first + 1)
            self.minutes /= 60.0
        if len(moments := set(onsets)) >= _LEAST_ONSETS:
            quarter = self._clock.quarter
            self.free = not quarter or not follows_beats([tick / quarter for tick in sorted(moments)])


def _order_events(tracks: Sequence[MidiTrack]) -> Iterator[tuple[int, MidiTrack, int, int, int, int]]:
    """Every event as (tick, track, kind, channel, two data bytes), in the order of playing.

    The order within a track is kept. Of the events at one tick, those that come before the first note of their track
    come first: a channel is often set up in one track and played in another.
    """
    rows = []
    for number, track in enumerate(tracks):
        moment, struck = -1, False
        for place, (tick, kind, channel, first, second) in enumerate(track.events):
            if tick != moment:
                moment, struck = tick, False
            struck = struck or (kind == 0x9 and second > 0)
            # Messages to all channels, such as a reset, come before those that set up one channel.
            turn = -1 if kind == SYSEX and not struck else int(struck)
            rows.append((tick, turn, number, place, kind, channel, first, second))
    for tick, _, number, _, kind, channel, first, second in sorted(rows):
        yield tick, tracks[number], kind, channel, first, second
