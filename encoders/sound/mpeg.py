"""MP3 frame by frame: where its sound stands, and how long it is.

A decoder guesses the length from the first frame and the size of the file, believes a header that another program has
left behind, and plays what stands between two frames. So the frames are counted here, and it is handed those alone,
with a header that says how many they are.
"""

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from mmap import mmap
from typing import Final

Bytes = bytes | mmap

_SYNC: Final = re.compile(rb"\xff[\xe2-\xff]")
_RATES: Final = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""Samples a second, by what a header says of its version."""
_KILOBITS: Final = {
    (True, 3): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 3): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 1): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""A second, by whether the version is 1 and what a header says of its layer (3 is layer I)."""
_SURE: Final = 3
"""Frames that must follow each other for the first one to be believed."""
_LONGEST: Final = 6000
"""Bytes between which two frames of free format lie at most."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What the four bytes at its beginning say."""

    version: int
    layer: int
    rate: int
    is_mono: bool
    is_free: bool
    """Whether its size is not written, but the way to the next frame."""
    size: int
    """Bytes; of free format 0 until it is measured."""
    padding: int

    @property
    def samples(self) -> int:
        """Of each channel."""
        if self.layer == 3:
            return 384
        return 576 if self.layer == 1 and self.version != 3 else 1152

    @property
    def kind(self) -> tuple[int, int, int, bool, bool]:
        """What all frames of one stream have in common."""
        return self.version, self.layer, self.rate, self.is_mono, self.is_free


@dataclass(slots=True)
class Stream:
    """Frames of one kind that follow each other."""

    first: Frame
    start: int
    spans: list[tuple[int, int]] = field(default_factory=list)
    """Where its frames stand, as far as nothing is between them: first byte, and the one after the last."""
    frames: int = 0
    stated: int = 0
    """Frames that its own header says it has; 0 where it has none."""
    headers: int = 0

    @property
    def seconds(self) -> float:
        return self.frames * self.first.samples / self.first.rate


@dataclass(frozen=True, slots=True)
class Mpeg:
    """Where the sound of a file stands."""

    streams: tuple[Stream, ...]
    junk: int
    """Bytes between its frames that are neither sound nor tags."""


def frame_at(data: Bytes, at: int) -> Frame | None:
    """The frame that begins here; none where none can."""
    return _told(data[at : at + 4])


@lru_cache(maxsize=1024)
def _told(head: bytes) -> Frame | None:
    if len(head) < 4 or head[0] != 0xFF or head[1] < 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate, bits = head[2] >> 2 & 3, head[2] >> 4
    if version == 1 or layer == 0 or rate == 3 or bits == 15:
        return None
    hertz = _RATES[version][rate]
    padding = (head[2] >> 1 & 1) * (4 if layer == 3 else 1)
    frame = Frame(version, layer, hertz, head[3] >> 6 == 3, not bits, 0, padding)
    if not bits:
        return frame
    slot = 4 if layer == 3 else 1
    size = frame.samples * 125 * _KILOBITS[version == 3, layer][bits - 1] // hertz // slot * slot + padding
    return replace(frame, size=size)


def scan(data: Bytes) -> Mpeg:
    """Every stream of frames in a file. Of no streams where it is no MP3."""
    streams: list[Stream] = []
    at = junk = 0
    while at < len(data):
        frame = _frame(data, at, streams[-1] if streams else None)
        if frame is None or not _holds(data, at, frame):
            if tag := _tag(data, at):
                at += tag
                continue
            following = _resync(data, at + 1)
            junk += following - at if streams and following < len(data) else 0
            at = following
            continue
        if not streams or streams[-1].first.kind != frame.kind:
            streams.append(Stream(frame, at))
        _add(streams[-1], data, at, frame)
        at += frame.size
    return Mpeg(tuple(stream for stream in streams if stream.frames), junk)


def header_for(stream: Stream, data: Bytes) -> bytes:
    """A frame without sound that says how many frames follow, as the encoders that know it write it first."""
    head = bytearray(data[stream.start : stream.start + 4])
    head[1] |= 1  # no checksum
    head[2] = head[2] & 0x0D | 0x90  # long enough, and not padded
    frame = frame_at(bytes(head), 0)
    if frame is None or frame.layer != 1:
        return b""  # Layers I and II know no such header.
    said = b"Xing" + (1).to_bytes(4, "big") + stream.frames.to_bytes(4, "big")
    return (bytes(head) + bytes(_side(frame)) + said).ljust(frame.size, b"\x00")


def _add(stream: Stream, data: Bytes, at: int, frame: Frame) -> None:
    """Counts a frame, or believes a header as far as it can be believed."""
    place = at + 4 + _side(frame)
    if data[place : place + 4] in (b"Xing", b"Info"):
        stream.headers += 1
        stream.stated += int.from_bytes(data[place + 8 : place + 12], "big") if data[place + 7] & 1 else 0
        return
    if data[at + 36 : at + 40] == b"VBRI":
        stream.headers += 1
        stream.stated += int.from_bytes(data[at + 50 : at + 54], "big")
        return
    stream.frames += 1
    if stream.spans and stream.spans[-1][1] == at:
        stream.spans[-1] = stream.spans[-1][0], at + frame.size
    else:
        stream.spans.append((at, at + frame.size))


def _side(frame: Frame) -> int:
    """Bytes between the head of a frame and where a header has its name."""
    if frame.version == 3:
        return 17 if frame.is_mono else 32
    return 9 if frame.is_mono else 17


def _frame(data: Bytes, at: int, stream: Stream | None = None) -> Frame | None:
    """The frame that begins here, with its size: in free format that of its stream, or the way to the next one."""
    frame = frame_at(data, at)
    if frame is None or frame.size:
        return frame
    if stream and stream.first.kind == frame.kind:
        return replace(frame, size=stream.first.size - stream.first.padding + frame.padding)
    for match in _SYNC.finditer(data, at + 24, min(len(data), at + _LONGEST)):
        following = frame_at(data, match.start())
        if following and following.kind == frame.kind:
            return replace(frame, size=match.start() - at)
    return None


def _holds(data: Bytes, at: int, frame: Frame) -> bool:
    """Whether a frame is whole: it ends with the file, or before what may follow it."""
    after = at + frame.size
    if after >= len(data):
        return after == len(data)
    following = frame_at(data, after)
    return bool((following and following.kind == frame.kind) or _tag(data, after) or _begins(data, after))


def _begins(data: Bytes, at: int) -> bool:
    """Whether several frames of one kind follow each other from here, or as many as the file has room for."""
    kind = None
    for number in range(_SURE):
        if at == len(data) and number:
            return True
        frame = _frame(data, at)
        if frame is None or (kind and frame.kind != kind):
            return False
        kind = frame.kind
        at += frame.size
    return at <= len(data)


def _resync(data: Bytes, at: int) -> int:
    """Where the next frames begin; the end of the file where none do."""
    for match in _SYNC.finditer(data, at):
        if _begins(data, match.start()):
            return match.start()
    return len(data)


def _tag(data: Bytes, at: int) -> int:
    """Bytes of the tag that begins here; 0 where none does, or where its length is not to be believed."""
    head = data[at : at + 32]
    size = 0
    if head[:3] == b"ID3" and len(head) >= 10:
        a, b, c, d = head[6:10]
        size = 10 + (a << 21 | b << 14 | c << 7 | d) + (10 if head[5] & 0x10 else 0)
        if not _begins(data, at + size) and data[at + size : at + size + 3] != b"ID3":
            return 0
    elif head[:8] == b"APETAGEX" and len(head) == 32:
        size = 32 + int.from_bytes(head[12:16], "little")
    elif head[:3] == b"TAG":
        size = 128
    return size if at + size <= len(data) else 0
