"""Scans MP3 files frame by frame for the position and the length of their sound.

A decoder guesses the length from the first frame and the size of the file, trusts headers that are out of date, and
decodes junk between two frames. So the frames are counted here, and the decoder gets the frames alone, with a header
that states their number.
"""

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from mmap import mmap
from typing import Final

Bytes = bytes | mmap

_SYNC: Final = re.compile(rb"\xff[\xe2-\xff]")
_RATES: Final = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""Version bits of a header -> samples a second."""
_KILOBITS: Final = {
    (True, 3): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 3): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 1): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""(whether the version is 1, layer bits of a header, 3 is layer I) -> kilobits a second."""
_SURE: Final = 3
"""Consecutive frames needed for the first one to count."""
_LONGEST: Final = 6000
"""Bytes of a frame of free format at most."""


@dataclass(frozen=True, slots=True)
class MpegFrame:
    """The header of a frame: its first four bytes, parsed."""

    version: int
    layer: int
    rate: int
    is_mono: bool
    is_free: bool
    """Whether it has free format: its size is not stated, but is the distance to the next frame."""
    size: int
    """Bytes; 0 for free format until it is measured."""
    padding: int

    @property
    def samples(self) -> int:
        """Samples of each channel."""
        if self.layer == 3:
            return 384
        return 576 if self.layer == 1 and self.version != 3 else 1152

    @property
    def kind(self) -> tuple[int, int, int, bool, bool]:
        """The properties that all frames of one stream share."""
        return self.version, self.layer, self.rate, self.is_mono, self.is_free


@dataclass(slots=True)
class MpegStream:
    """Consecutive frames of one kind."""

    first: MpegFrame
    start: int
    spans: list[tuple[int, int]] = field(default_factory=list)
    """Byte ranges [start, end) of its frames; adjacent frames share a range."""
    frames: int = 0
    stated: int = 0
    """Number of frames that its own header states; 0 without a header."""
    headers: int = 0

    @property
    def seconds(self) -> float:
        return self.frames * self.first.samples / self.first.rate


@dataclass(frozen=True, slots=True)
class MpegLayout:
    """The streams of a file, and how much junk is between them."""

    streams: tuple[MpegStream, ...]
    junk: int
    """Bytes between its frames that are neither sound nor tags."""


def parse_frame(data: Bytes, at: int) -> MpegFrame | None:
    """The frame that begins here; None where none can."""
    return _parse_head(data[at : at + 4])


@lru_cache(maxsize=1024)
def _parse_head(head: bytes) -> MpegFrame | None:
    if len(head) < 4 or head[0] != 0xFF or head[1] < 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate, bits = head[2] >> 2 & 3, head[2] >> 4
    if version == 1 or layer == 0 or rate == 3 or bits == 15:
        return None
    hertz = _RATES[version][rate]
    padding = (head[2] >> 1 & 1) * (4 if layer == 3 else 1)
    frame = MpegFrame(version, layer, hertz, head[3] >> 6 == 3, not bits, 0, padding)
    if not bits:
        return frame
    slot = 4 if layer == 3 else 1
    size = frame.samples * 125 * _KILOBITS[version == 3, layer][bits - 1] // hertz // slot * slot + padding
    return replace(frame, size=size)


def scan_mpeg(data: Bytes) -> MpegLayout:
    """Finds all streams of frames in a file; none where it is no MP3."""
    streams: list[MpegStream] = []
    at = junk = 0
    while at < len(data):
        frame = _measure_frame(data, at, streams[-1] if streams else None)
        if frame is None or not _is_whole(data, at, frame):
            if tag := _measure_tag(data, at):
                at += tag
                continue
            following = _find_next(data, at + 1)
            junk += following - at if streams and following < len(data) else 0
            at = following
            continue
        if not streams or streams[-1].first.kind != frame.kind:
            streams.append(MpegStream(frame, at))
        _count_frame(streams[-1], data, at, frame)
        at += frame.size
    return MpegLayout(tuple(stream for stream in streams if stream.frames), junk)


def make_header(stream: MpegStream, data: Bytes) -> bytes:
    """A silent frame with a Xing header that states the number of frames; empty for layers I and II."""
    head = bytearray(data[stream.start : stream.start + 4])
    head[1] |= 1  # no checksum
    head[2] = head[2] & 0x0D | 0x90  # long enough, and not padded
    frame = parse_frame(bytes(head), 0)
    if frame is None or frame.layer != 1:
        return b""  # Layers I and II have no such header.
    xing = b"Xing" + (1).to_bytes(4, "big") + stream.frames.to_bytes(4, "big")
    return (bytes(head) + bytes(_measure_side(frame)) + xing).ljust(frame.size, b"\x00")


def _count_frame(stream: MpegStream, data: Bytes, at: int, frame: MpegFrame) -> None:
    """Counts a frame, or reads the number of frames from a Xing, Info or VBRI header."""
    place = at + 4 + _measure_side(frame)
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


def _measure_side(frame: MpegFrame) -> int:
    """Bytes between the header of a frame and the tag of a Xing header (the side information)."""
    if frame.version == 3:
        return 17 if frame.is_mono else 32
    return 9 if frame.is_mono else 17


def _measure_frame(data: Bytes, at: int, stream: MpegStream | None = None) -> MpegFrame | None:
    """The frame that begins here, with its size: in free format that of its stream, or the distance to the next."""
    frame = parse_frame(data, at)
    if frame is None or frame.size:
        return frame
    if stream and stream.first.kind == frame.kind:
        return replace(frame, size=stream.first.size - stream.first.padding + frame.padding)
    for match in _SYNC.finditer(data, at + 24, min(len(data), at + _LONGEST)):
        following = parse_frame(data, match.start())
        if following and following.kind == frame.kind:
            return replace(frame, size=match.start() - at)
    return None


def _is_whole(data: Bytes, at: int, frame: MpegFrame) -> bool:
    """Whether a frame is complete: it ends with the file, or before another frame or a tag."""
    after = at + frame.size
    if after >= len(data):
        return after == len(data)
    following = parse_frame(data, after)
    return bool(
        (following and following.kind == frame.kind) or _measure_tag(data, after) or _begins_stream(data, after)
    )


def _begins_stream(data: Bytes, at: int) -> bool:
    """Whether `_SURE` consecutive frames of one kind begin here, or as many as fit before the end of the file."""
    kind = None
    for number in range(_SURE):
        if at == len(data) and number:
            return True
        frame = _measure_frame(data, at)
        if frame is None or (kind and frame.kind != kind):
            return False
        kind = frame.kind
        at += frame.size
    return at <= len(data)


def _find_next(data: Bytes, at: int) -> int:
    """Position of the next stream; the end of the file where there is none."""
    for match in _SYNC.finditer(data, at):
        if _begins_stream(data, match.start()):
            return match.start()
    return len(data)


def _measure_tag(data: Bytes, at: int) -> int:
    """Length in bytes of the tag that begins here; 0 where there is none, or where its stated length is wrong."""
    head = data[at : at + 32]
    size = 0
    if head[:3] == b"ID3" and len(head) >= 10:
        a, b, c, d = head[6:10]
        size = 10 + (a << 21 | b << 14 | c << 7 | d) + (10 if head[5] & 0x10 else 0)
        if not _begins_stream(data, at + size) and data[at + size : at + size + 3] != b"ID3":
            return 0
    elif head[:8] == b"APETAGEX" and len(head) == 32:
        size = 32 + int.from_bytes(head[12:16], "little")
    elif head[:3] == b"TAG":
        size = 128
    return size if at + size <= len(data) else 0
