"""Parses the bytes of Standard MIDI Files into tracks of events.

Our own parser, because files from outside may be hostile: mido reads a time of a million bytes into one number (in
quadratic time), keeps half a kilobyte for every message, and rejects a whole file for one wrong key signature. Here a
time has at most four bytes, as the format says, and meaningless events are skipped. A track with a wrong length is read
to its own end. mido writes the files that the tests read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from encoders.errors import ScoreUnreadable

LARGEST_MIDI: Final = 4_000_000
"""Bytes. A symphony with every part has a few hundred thousand; four million would be a million events."""
_REPAIR: Final = "Export it again as a MIDI file"
_LENGTHS: Final = {0x8: 2, 0x9: 2, 0xA: 2, 0xB: 2, 0xC: 1, 0xD: 1, 0xE: 2}
"""Data bytes of every channel message."""

SYSEX: Final = 0xF0
_CHANNELS: Final = 16
_END: Final = b"\xff\x2f\x00"
_MOST_MESSAGES, _LONGEST_MESSAGE = 5000, 500
"""System exclusive messages of a track that are kept, and bytes of each: dumps of sounds are longer, and are not
supported."""

Event = tuple[int, int, int, int, int]
"""Tick, kind (0x8..0xE, or `SYSEX`), channel (16 a port), and two data bytes (0 where there is one). Of a `SYSEX` the
first is its index in `MidiTrack.messages`."""


@dataclass(slots=True)
class MidiTrack:
    """One track: its events in order, and its texts."""

    events: list[Event] = field(default_factory=list)
    tempi: list[tuple[int, int]] = field(default_factory=list)
    """Tick and microseconds a quarter note, as written."""
    metres: list[tuple[int, int, int]] = field(default_factory=list)
    """Tick, count and unit."""
    messages: list[bytes] = field(default_factory=list)
    """System exclusive messages, without the byte that opens them."""
    texts: list[tuple[int, bytes]] = field(default_factory=list)
    """Kind of text (1 text, 2 copyright, 3 name, 4 instrument, 5 lyrics, ...) and its bytes, in order."""
    end: int = 0
    """Tick of its last event."""
    goes_on: bool = False
    """Whether notes follow after its end event."""


@dataclass(frozen=True, slots=True)
class MidiFile:
    """All tracks of a file."""

    form: int
    """0 one track, 1 tracks that sound together, 2 patterns of their own."""
    ticks: int
    """Ticks a quarter note; 0 where the file counts seconds."""
    ticks_a_second: float
    """Ticks a second where the file counts frames (SMPTE), else 0."""
    tracks: tuple[MidiTrack, ...]
    remarks: tuple[str, ...]
    """Errors of the file that were tolerated."""


def read_midi(data: bytes, place: str) -> MidiFile:
    """Parses a MIDI file, bare or in a RIFF envelope. Raises ScoreUnreadable naming `place`."""
    if data[:4] == b"RIFF":
        data = _unwrap_riff(data, place)
    # Old Macintosh files carry 128 bytes of their own before the header.
    start = data.find(b"MThd", 0, 256)
    if start < 0 or len(data) < start + 14:
        raise ScoreUnreadable(place, "it is not a MIDI file, or its header is cut off", _REPAIR)
    length = int.from_bytes(data[start + 4 : start + 8], "big")
    form, count, division = (int.from_bytes(data[start + i : start + i + 2], "big") for i in (8, 10, 12))
    if length < 6 or form > 2:
        raise ScoreUnreadable(place, "its header names a format that does not exist", _REPAIR)
    frames = 256 - (division >> 8) if division & 0x8000 else 0
    if not division or (frames and (frames not in (24, 25, 29, 30) or not division & 0xFF)):
        raise ScoreUnreadable(place, "it does not say how long its ticks are", _REPAIR)
    bodies = list(_split_tracks(data, start + 8 + length))
    if not bodies or bodies[-1].is_cut:
        fault = f"it is cut off: {sum(not body.is_cut for body in bodies)} of its {count} tracks are whole"
        raise ScoreUnreadable(place, fault, "Copy the file again, or export it again")
    tracks = tuple(_parse_track(body.data, place) for body in bodies)
    return MidiFile(
        form,
        0 if frames else division,
        (30000 / 1001 if frames == 29 else frames) * (division & 0xFF) * 1.0,
        tracks,
        tuple(_list_remarks(count, bodies, tracks)),
    )


def _list_remarks(count: int, bodies: Sequence["_TrackBytes"], tracks: Sequence[MidiTrack]) -> Iterator[str]:
    if len(tracks) != count:
        yield f"its header says {count} tracks and it has {len(tracks)}: those that are there are played"
    if wrong := sum(body.is_wrong for body in bodies):
        yield f"the length of {wrong} of its tracks is written wrongly: read to their own end"
    if beyond := sum(track.goes_on for track in tracks):
        yield f"notes stand behind the end of {beyond} of its tracks: left out"


def _unwrap_riff(data: bytes, place: str) -> bytes:
    """The MIDI file inside a RIFF envelope (`.rmi`)."""
    at = 12
    while data[8:12] == b"RMID" and at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"data":
            return data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    raise ScoreUnreadable(place, "its RIFF envelope holds no MIDI file", _REPAIR)


@dataclass(frozen=True, slots=True)
class _TrackBytes:
    """The bytes of one track."""

    data: bytes
    is_wrong: bool = False
    """Its stated length is wrong: it extends to the next track."""
    is_cut: bool = False
    """It is the last and has no end event: the file is truncated."""


def _split_tracks(data: bytes, at: int) -> Iterator[_TrackBytes]:
    """The bytes of every track; other chunks are skipped."""
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "big")
        after = at + 8 + size
        if data[at : at + 4] == b"MTrk":
            if not _is_track_end(data, after):
                following = data.find(b"MTrk", at + 8)
                after = following if following > 0 else len(data)
                body = data[at + 8 : after]
                yield _TrackBytes(body, is_wrong=True, is_cut=following < 0 and _END not in body)
            else:
                yield _TrackBytes(data[at + 8 : after])
        elif not data[at : at + 4].isalnum():
            return
        at = after


def _is_track_end(data: bytes, at: int) -> bool:
    """Whether a track ends here: with its end event, with the file, or before another chunk that fits in."""
    if at >= len(data):
        return at == len(data)
    size = int.from_bytes(data[at + 4 : at + 8], "big")
    return data[at - 3 : at] == _END or (data[at : at + 4].isalnum() and at + 8 + size <= len(data))


def _parse_track(data: bytes, place: str) -> MidiTrack:
    track = MidiTrack()
    at, tick, status, port, end = 0, 0, 0, 0, len(data)
    try:
        while at < end:
            step, at = _read_number(data, at)
            tick += step
            byte = data[at]
            if byte & 0x80:
                at += 1
                if byte < 0xF0:
                    status = byte
            elif status:
                byte = status
            else:
                raise ValueError("data before any status")
            if byte < 0xF0:
                kind = byte >> 4
                first = data[at] & 0x7F
                second = data[at + 1] & 0x7F if _LENGTHS[kind] == 2 else 0
                at += _LENGTHS[kind]
                track.events.append((tick, kind, port * _CHANNELS + (byte & 0xF), first, second))
            elif byte == 0xFF:
                kind = data[at]
                size, at = _read_number(data, at + 1)
                value = data[at : at + size]
                at += size
                if kind == 0x21 and size == 1:
                    port = value[0] & 0x7F
                elif kind == 0x2F:
                    break
                else:
                    _keep_meta(track, tick, kind, value)
            elif byte in (0xF0, 0xF7):
                size, at = _read_number(data, at)
                _keep_message(track, tick, byte == 0xF0, data[at : at + size])
                at += size
            else:
                at += {0xF1: 1, 0xF2: 2, 0xF3: 1}.get(byte, 0)
    except (IndexError, ValueError) as exc:
        raise ScoreUnreadable(place, "a track breaks off in the middle of an event", _REPAIR) from exc
    track.end = tick
    track.goes_on = any(byte >> 4 == 9 for byte in data[at:])
    return track


def _keep_message(track: MidiTrack, tick: int, opens: bool, value: bytes) -> None:
    """Keeps a system exclusive message; one that comes in packets is joined at the place of its first packet."""
    if len(track.messages) >= _MOST_MESSAGES:
        return
    if opens:
        track.events.append((tick, SYSEX, 0, len(track.messages), 0))
        track.messages.append(value[:_LONGEST_MESSAGE])
    elif track.messages and not track.messages[-1].endswith(b"\xf7"):
        track.messages[-1] = (track.messages[-1] + value)[:_LONGEST_MESSAGE]


def _read_number(data: bytes, at: int) -> tuple[int, int]:
    """A variable-length number of one to four bytes, and the position after it; ValueError for a longer one."""
    value = 0
    for place in range(at, at + 4):
        byte = data[place]
        value = (value << 7) | (byte & 0x7F)
        if byte < 0x80:
            return value, place + 1
    raise ValueError("a number of more than four bytes")


def _keep_meta(track: MidiTrack, tick: int, kind: int, value: bytes) -> None:
    """Keeps tempi, metres and texts; those of a wrong length are skipped."""
    if kind == 0x51 and len(value) == 3:
        track.tempi.append((tick, int.from_bytes(value, "big")))
    elif kind == 0x58 and len(value) >= 2 and value[0] and value[1] < 7:
        track.metres.append((tick, value[0], 2 ** value[1]))
    elif 1 <= kind <= 7 and len(track.texts) < 5000:
        track.texts.append((kind, value[:1000]))
