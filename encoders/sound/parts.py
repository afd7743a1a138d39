"""Splits a file that has several recordings, or junk, into recordings that libsndfile can open.

libsndfile alone would decode only the first recording, by the length that it guesses.
"""

import io
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final

from encoders.sound import mpeg, ogg

_NEAR: Final = 2
"""Tolerance in frames of a header's count."""


@dataclass(frozen=True, slots=True)
class RecordingPart:
    """One recording, as a file that libsndfile can open."""

    source: "Path | SplicedFile"
    stated: float | None = None
    """Stated length in seconds; None where libsndfile reads it."""


class SplicedFile(io.RawIOBase):
    """A read-only file that consists of a beginning of its own and byte ranges of another file."""

    def __init__(self, data: mmap, spans: Sequence[tuple[int, int]], beginning: bytes = b"") -> None:
        super().__init__()
        self._data, self._beginning = data, beginning
        self._spans = spans
        sizes = (end - start for start, end in spans)
        self._edges = list(accumulate(sizes, initial=len(beginning)))
        """Offset in this file of each range, and the end of the last one."""
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The position in bytes from the start."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves to an offset from the start, the current position or the end; the new position."""
        self._at = max(0, offset + (0, self._at, self._edges[-1])[whence])
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the stub names a protocol
        """Reads into the buffer; the number of bytes read."""
        filled = 0
        for piece in self._read_from(self._at, len(buffer)):
            buffer[filled : filled + len(piece)] = piece
            filled += len(piece)
        self._at += filled
        return filled

    def _read_from(self, at: int, count: int) -> Iterator[bytes]:
        if at < len(self._beginning):
            yield self._beginning[at : at + count]
            count -= len(self._beginning) - at
            at = len(self._beginning)
        for number in range(bisect_right(self._edges, at) - 1, len(self._spans)):
            if count <= 0:
                return
            start, end = self._spans[number]
            first = start + at - self._edges[number]
            piece = self._data[first : min(end, first + count)]
            yield piece
            count, at = count - len(piece), at + len(piece)


@contextmanager
def split_recordings(path: Path) -> Iterator[tuple[list[RecordingPart], list[str]]]:
    """The recordings of a file, as a context, and remarks on what was left out; the file itself where it has one
    recording and no faults."""
    with path.open("rb") as file:
        head = file.read(4)
        if head != b"OggS" and not _may_be_mpeg(head, path):
            yield [RecordingPart(path)], []
            return
        with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            yield _split_ogg(path, data) if head == b"OggS" else _split_mpeg(path, data)


def _may_be_mpeg(head: bytes, path: Path) -> bool:
    return path.suffix.lower() == ".mp3" and head not in (b"", b"RIFF", b"FORM", b"fLaC")


def _split_ogg(path: Path, data: mmap) -> tuple[list[RecordingPart], list[str]]:
    links = ogg.find_links(data)
    remarks = [f"{len(links)} recordings one after another in one file"] if len(links) > 1 else []
    if links and not links[-1].has_end:
        remarks.append("its last page is missing: there may have been more of it")
    if len(links) < 2 and not any(link.flac for link in links):
        return [RecordingPart(path)], remarks
    # libsndfile reads FLAC, but not FLAC in Ogg.
    return [RecordingPart(SplicedFile(data, link.flac or [(link.start, link.end)])) for link in links], remarks


def _split_mpeg(path: Path, data: mmap) -> tuple[list[RecordingPart], list[str]]:
    found = mpeg.scan_mpeg(data)
    remarks = [f"{found.junk} bytes between its sound are none: left out"] if found.junk else []
    match found.streams:
        case []:
            return [RecordingPart(path)], []
        case [one] if one.headers == 1 and not found.junk and abs(one.stated - one.frames) <= _NEAR:
            return [RecordingPart(path)], []
    parts = []
    for stream in found.streams:
        # Where the header states more frames than there are, the rest is missing.
        seconds = stream.seconds * max(1.0, stream.stated / stream.frames)
        parts.append(RecordingPart(SplicedFile(data, stream.spans, mpeg.make_header(stream, data)), seconds))
    return parts, remarks
