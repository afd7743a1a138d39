"""Hears MIDI files: their notes as they are struck, in seconds."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from encoders.base import ScoreUnreadable
from encoders.cues import Cues
from encoders.hearing import Heard
from encoders.hearing.files import bytes_of
from encoders.hearing.free_beat import beat_of, follow
from encoders.hearing.midi_clock import Clock
from encoders.hearing.midi_header import header_of
from encoders.hearing.ranges import MOST_PARTS, check_length, check_notes, playable
from encoders.hearing.smf import MidiFile, Track, read_midi
from encoders.hearing.telling import fingerprint, heard
from encoders.performance import Note, Performance
from encoders.touch import untangled

_Player = tuple[int, int]
"""Channel and program."""
_Down = tuple[float, int, int, _Player]
"""Onset, pitch, velocity and player of a note that still sounds."""
_Struck = tuple[float, float, int, int, _Player]
"""Onset, end, pitch, velocity and player."""
_DRUMS: Final = 9
_PLAIN: Final = 100.0
"""Volume of a channel that states none (General MIDI 2)."""
_HANGING: Final = 2.0
"""Seconds that a note sounds which nothing ends, unless it is struck again before."""
_RINGS: Final = 2.0
"""Seconds that the pedal lets a note sound on: strings fade."""
_FEWEST: Final = 32
"""Onsets from which it shows whether they follow a beat."""
_FREE: Final = "played freely, without a beat that the file knows"


def hear_midi(path: Path) -> Heard:
    """The music of a MIDI file. Raises ScoreUnreadable for what cannot be read or measured."""
    return hear_bytes(bytes_of(path), path)


def hear_bytes(data: bytes, path: Path) -> Heard:
    """The music of a MIDI file's bytes; `path` gives it a name where it has none."""
    place = path.name
    file = read_midi(data, place)
    check_notes(sum(1 for t in file.tracks for e in t.events if e[1] >> 4 == 9 and e[3]), place)
    remarks: list[str] = []
    if file.form == 2:
        remarks.append("a MIDI file of format 2: its patterns are taken one after another")
        takes, at = [], 0.0
        for track in file.tracks:
            take = _Take([track], file, at, remarks)
            at = max(at, take.ends)
            takes.append(take)
    else:
        takes = [_Take(file.tracks, file, 0.0, remarks)]
    struck = [note for take in takes for note in take.struck]
    drums = [onset for take in takes for onset, _ in take.drums]
    if not struck:
        fault = "it has no notes that sound" if not drums else "it has only drums, whose notes have no pitch"
        raise ScoreUnreadable(place, fault, "Bring music with notes that have a pitch")
    performance = _performance(struck, takes, place, remarks)
    if hanging := sum(take.hanging for take in takes):
        remarks.append(f"{hanging} of its notes never end: {_HANGING:g} s taken")
    said = heard("midi", header_of(file, path), performance, _content(performance), remarks, place)
    first = min(onset for onset, *_ in struck)
    return said if not drums else _with_drums(said, performance, [onset - first for onset in drums])


def _performance(struck: Sequence[_Struck], takes: Sequence["_Take"], place: str, remarks: list[str]) -> Performance:
    players = sorted({player for *_, player in struck})
    if len(players) > MOST_PARTS:
        fault = f"it has {len(players)} instruments, more than the {MOST_PARTS} that are told apart"
        raise ScoreUnreadable(place, fault, "Bring a version with fewer instruments")
    parts = {player: number for number, player in enumerate(players)}
    first = min(onset for onset, *_ in struck)
    check_length(max(end for _, end, *_ in struck) - first, place)
    notes = untangled(
        [
            Note(round(on - first, 4), max(0.02, round(off - on, 4)), pitch, velocity, parts[player])
            for on, off, pitch, velocity, player in struck
        ]
    )
    seconds = round(max(n.onset + n.duration for n in notes), 4)
    tempo = round(_tempo(takes, remarks), 2)
    return Performance(tuple(notes), tuple(program for _, program in players), seconds, tempo)


def _tempo(takes: Sequence["_Take"], remarks: list[str]) -> float:
    """BPM: of the beats that the file knows; where it knows none, of its onsets."""
    timed = [take for take in takes if take.beats > 0 and not take.free]
    beats = sum(take.beats for take in timed or takes)
    minutes = sum(take.minutes for take in timed or takes)
    stated = playable(beats / minutes) if minutes > 0 and beats > 0 else 120.0
    if timed or not any(take.free for take in takes):
        return stated
    notes = sorted((onset, loud) for take in takes for onset, _, _, loud, _ in take.struck)
    # How long the notes last has been checked; a drum may stand hours away from them.
    drums = [drum for take in takes for drum in take.drums if notes[0][0] <= drum[0] <= notes[-1][0]]
    beat = beat_of([*notes, *drums])
    if beat is None:
        remarks.append(f"{_FREE}: its tempo says nothing")
        return stated
    others = " or ".join(f"{tempo:g}" for tempo in beat.others)
    remarks += [_FREE, f"tempo estimated from its onsets: {beat.tempo} BPM, may be {others}"]
    return float(beat.tempo)


class _Take:
    """Tracks that sound together: their notes in seconds."""

    def __init__(self, tracks: Sequence[Track], file: MidiFile, start: float, remarks: list[str]) -> None:
        self._clock = Clock(tracks, file, remarks)
        self._start = start
        self.struck: list[_Struck] = []
        self.drums: list[tuple[float, int]] = []
        """Onsets and velocities."""
        self.hanging = 0
        channels = [_Channel() for _ in range(16)]
        events = sorted(
            # At one moment, notes end before others begin, and a program or a volume comes before its first note.
            (tick, _ORDER[status >> 4] + (status >> 4 == 9 and second > 0), number, status, first, second)
            for number, track in enumerate(tracks)
            for tick, status, first, second in track.events
        )
        onsets: list[int] = []
        for tick, _, _, status, first, second in events:
            channel = channels[status & 0xF]
            kind = status >> 4
            if kind == 0x9 and second:
                onsets.append(tick)
                self._strike(channel, status & 0xF, start + self._clock.at(tick), first, second)
            elif kind in (0x8, 0x9):
                self._release(channel, start + self._clock.at(tick), first)
            elif kind == 0xC:
                channel.program = first
            elif first == 64:
                channel.pedal(second >= 64, start + self._clock.at(tick))
            elif first == 7:
                channel.volume = second / _PLAIN
            elif first == 11:
                channel.expression = second / 127.0
        for channel in channels:
            for row in channel.sounding.values():
                self.hanging += len(row)
                self.struck += [(on, on + _HANGING, pitch, loud, who) for on, pitch, loud, who in row]
            channel.pedal(False, start + self._clock.at(max((t.end for t in tracks), default=0)))
            self.struck += channel.finished
        self.ends = max([end for _, end, *_ in self.struck], default=start)
        self._measure_tempo(onsets)

    def _measure_tempo(self, onsets: Sequence[int]) -> None:
        self.beats = self.minutes = 0.0
        self.free = False
        if not self.struck or not onsets:
            return
        first, last = min(onsets), max(onsets)
        self.beats, seconds = self._clock.beats(first, last)
        self.minutes = seconds / 60.0
        if last == first:
            self.beats, self.minutes = self._clock.beats(first, first + 1)
            self.minutes /= 60.0
        if len(moments := set(onsets)) >= _FEWEST:
            quarter = self._clock.quarter
            self.free = not quarter or not follow([tick / quarter for tick in sorted(moments)])

    def _strike(self, channel: "_Channel", number: int, at: float, pitch: int, velocity: int) -> None:
        if number == _DRUMS:
            self.drums.append((at, velocity))
            return
        loud = round(velocity * channel.volume * channel.expression)
        if loud > 0:
            player = (number, channel.program)
            channel.sounding[pitch].append((at, pitch, min(127, loud), player))

    def _release(self, channel: "_Channel", at: float, pitch: int) -> None:
        if row := channel.sounding.get(pitch):
            # Of several of one pitch the first struck ends first.
            channel.let_go(row.popleft(), at)
            if not row:
                del channel.sounding[pitch]


_ORDER: Final = {0xB: 0, 0xC: 0, 0x8: 1, 0x9: 1}


@dataclass(slots=True)
class _Channel:
    """What one channel is set to, and what sounds in it."""

    program: int = 0
    volume: float = 1.0
    expression: float = 1.0
    down: bool = False
    sounding: dict[int, deque[_Down]] = field(default_factory=lambda: defaultdict(deque))
    ringing: list[_Struck] = field(default_factory=list)
    finished: list[_Struck] = field(default_factory=list)

    def let_go(self, note: _Down, at: float) -> None:
        on, pitch, loud, player = note
        (self.ringing if self.down else self.finished).append((on, at, pitch, loud, player))

    def pedal(self, down: bool, at: float) -> None:
        if self.down and not down:
            self.finished += [(on, min(at, off + _RINGS), key, loud, who) for on, off, key, loud, who in self.ringing]
            self.ringing = []
        self.down = down


def _content(performance: Performance) -> str:
    """Over onset and length in hundredths of a second, pitch, velocity and program: the same from one track or many."""
    return fingerprint(
        "notes",
        [
            (round(100 * n.onset), round(100 * n.duration), n.pitch, n.velocity, performance.programs[n.part])
            for n in performance.notes
        ],
    )


def _with_drums(said: Heard, performance: Performance, drums: Sequence[float]) -> Heard:
    """The same with drums among the onsets: they have no pitch, but they are heard."""
    count, last = 0, -1.0
    for onset in sorted([n.onset for n in performance.notes] + list(drums)):
        if 0.0 <= onset <= said.seconds and onset - last >= 0.01:
            count, last = count + 1, onset
    cues: Cues = replace(said.cues, onset_rate=round(min(30.0, count / said.seconds), 3))
    return replace(said, cues=cues, remarks=(*said.remarks, "its drums count for the onset rate, and for nothing else"))
