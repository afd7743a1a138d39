"""Finds the recordings of chained Ogg files: several in one file, as internet radio sends them."""

import struct
from dataclasses import dataclass, field
from itertools import pairwise
from mmap import mmap
from typing import Final

_PAGE: Final = struct.Struct("<4sBBqIIIB")
"""Name, version, flags, granule position, stream, number, checksum, and number of segments."""
_FIRST: Final = 0x02
"""Flag of a page that begins a stream."""
_LAST: Final = 0x04
"""Flag of a page that ends one."""
_FLAC: Final = b"\x7fFLAC"
_MAPPING: Final = 9
"""Bytes before a FLAC file begins in its first page."""


@dataclass(slots=True)
class OggLink:
    """One recording of a chain."""

    start: int
    end: int
    flac: list[tuple[int, int]] = field(default_factory=list)
    """Byte ranges of a FLAC file in it; empty where it has none."""
    has_end: bool = False
    """Whether its last page is flagged as the last."""


def find_links(data: bytes | mmap) -> list[OggLink]:
    """The recordings in an Ogg file, in order; none where it is no Ogg file.

    Streams that begin together sound together and are one link.
    """
    found: list[OggLink] = []
    at, after, began, flac = 0, 0, False, -1
    while (at := data.find(b"OggS", at)) >= 0 and at + _PAGE.size <= len(data):
        _, _, flags, _, stream, _, _, segments = _PAGE.unpack(data[at : at + _PAGE.size])
        body = at + _PAGE.size + segments
        began, after = began and at == after, body + sum(data[at + _PAGE.size : body])
        if flags & _FIRST:
            if not began:
                found.append(OggLink(at, len(data)))
                flac = -1
            if data[body : body + len(_FLAC)] == _FLAC:
                flac, body = stream, body + _MAPPING
        if found and stream == flac:
            found[-1].flac.append((body, min(after, len(data))))
        if found:
            found[-1].has_end = bool(flags & _LAST) and after <= len(data)
        began = bool(flags & _FIRST)
        # The stated length of a truncated page extends into the next one.
        at = after if data[after : after + 4] == b"OggS" else at + _PAGE.size
    for link, following in pairwise(found):
        link.end = following.start
    return found
