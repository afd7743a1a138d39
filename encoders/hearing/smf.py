"""Standard MIDI Files as they stand in the bytes: what each track does, tick by tick.

Our own reader, because a file from outside may be built to hurt: mido reads a time of a million bytes into one number
(its work grows with the square), keeps half a kilobyte for every message, and gives a whole file up for one wrong key
signature. Here a time has four bytes, as the format says, and what is not needed is passed over. mido writes the
files that the tests read.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from encoders.base import ScoreUnreadable

LARGEST_MIDI: Final = 4_000_000
"""Bytes. A symphony with every part has a few hundred thousand; four million would be a million events."""
_REPAIR: Final = "Export it again as a MIDI file"
_LENGTHS: Final = {0x8: 2, 0x9: 2, 0xA: 2, 0xB: 2, 0xC: 1, 0xD: 1, 0xE: 2}
"""Data bytes of every channel message."""

Event = tuple[int, int, int, int]
"""Tick, status byte (kind and channel), and two data bytes (0 where there is one)."""


@dataclass(slots=True)
class Track:
    """One track: its events in order, and the texts it carries."""

    events: list[Event] = field(default_factory=list)
    tempi: list[tuple[int, int]] = field(default_factory=list)
    """Tick and microseconds a quarter note, as written."""
    metres: list[tuple[int, int, int]] = field(default_factory=list)
    """Tick, count and unit."""
    texts: list[tuple[int, bytes]] = field(default_factory=list)
    """Kind of text (1 text, 2 copyright, 3 name, 4 instrument, 5 lyrics, ...) and its bytes, in order."""
    end: int = 0
    """Tick of its last event."""


@dataclass(frozen=True, slots=True)
class MidiFile:
    """All tracks of a file."""

    form: int
    """0 one track, 1 tracks that sound together, 2 patterns of their own."""
    ticks: int
    """Ticks a quarter note; 0 where the file counts seconds."""
    ticks_a_second: float
    """Ticks a second where the file counts frames (SMPTE), else 0."""
    tracks: tuple[Track, ...]


def read_midi(data: bytes, place: str) -> MidiFile:
    """What a MIDI file says, bare or in a RIFF envelope. Raises ScoreUnreadable naming `place`."""
    if data[:4] == b"RIFF":
        data = _unwrapped(data, place)
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
    chunks = list(_chunks(data, start + 8 + length))
    whole = [chunk for chunk in chunks if chunk is not None]
    if len(whole) < count:
        fault = f"it is cut off: {len(whole)} of its {count} tracks are whole"
        raise ScoreUnreadable(place, fault, "Copy the file again, or export it again")
    return MidiFile(
        form,
        0 if frames else division,
        (30000 / 1001 if frames == 29 else frames) * (division & 0xFF) * 1.0,
        tuple(_track(chunk, place) for chunk in whole),
    )


def _unwrapped(data: bytes, place: str) -> bytes:
    """The MIDI file inside a RIFF envelope (`.rmi`)."""
    at = 12
    while data[8:12] == b"RMID" and at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"data":
            return data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    raise ScoreUnreadable(place, "its RIFF envelope holds no MIDI file", _REPAIR)


def _chunks(data: bytes, at: int) -> Iterator[bytes | None]:
    """The bytes of every track, none for one that is cut off. What else stands between or behind them is left out."""
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "big")
        if data[at : at + 4] == b"MTrk":
            yield data[at + 8 : at + 8 + size] if at + 8 + size <= len(data) else None
        elif not data[at : at + 4].isalnum():
            return
        at += 8 + size


def _track(data: bytes, place: str) -> Track:
    track = Track()
    at, tick, status, end = 0, 0, 0, len(data)
    try:
        while at < end:
            step, at = _number(data, at)
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
                if kind in (0x8, 0x9, 0xB, 0xC):
                    track.events.append((tick, byte, first, second))
            elif byte == 0xFF:
                kind = data[at]
                size, at = _number(data, at + 1)
                _meta(track, tick, kind, data[at : at + size])
                at += size
                if kind == 0x2F:
                    break
            elif byte in (0xF0, 0xF7):
                size, at = _number(data, at)
                at += size
            else:
                at += {0xF1: 1, 0xF2: 2, 0xF3: 1}.get(byte, 0)
    except (IndexError, ValueError) as exc:
        raise ScoreUnreadable(place, "a track breaks off in the middle of an event", _REPAIR) from exc
    track.end = tick
    return track


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to four bytes, and where the next thing begins; ValueError for a longer one."""
    value = 0
    for place in range(at, at + 4):
        byte = data[place]
        value = (value << 7) | (byte & 0x7F)
        if byte < 0x80:
            return value, place + 1
    raise ValueError("a number of more than four bytes")


def _meta(track: Track, tick: int, kind: int, value: bytes) -> None:
    """Keeps what is of use; a wrong length makes it of none."""
    if kind == 0x51 and len(value) == 3:
        track.tempi.append((tick, int.from_bytes(value, "big")))
    elif kind == 0x58 and len(value) >= 2 and value[0] and value[1] < 7:
        track.metres.append((tick, value[0], 2 ** value[1]))
    elif 1 <= kind <= 7 and len(track.texts) < 5000:
        track.texts.append((kind, value[:1000]))
