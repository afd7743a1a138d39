"""Checks the kind and the size of a file before anything parses it, and reads its bytes."""

import re
from pathlib import Path
from typing import Final

from encoders.errors import ScoreUnreadable
from encoders.notation.midi.smf import LARGEST_MIDI

LARGEST_XML: Final = 48_000_000
"""Bytes of MusicXML, as a file or unpacked: parsed, it takes about twelve times as much memory. A symphony of an hour
has half as many."""
LARGEST_MXL: Final = 12_000_000
"""Bytes of compressed MusicXML: scores shrink to a tenth or less, so more than this holds pictures, not notes."""
LARGEST_ABC: Final = 8_000_000
"""Bytes of a tune book: ten thousand tunes."""
LARGEST: Final = {
    ".mid": LARGEST_MIDI,
    ".midi": LARGEST_MIDI,
    ".kar": LARGEST_MIDI,
    ".rmi": LARGEST_MIDI,
    ".xml": LARGEST_XML,
    ".musicxml": LARGEST_XML,
    ".mxl": LARGEST_MXL,
    ".abc": LARGEST_ABC,
}
"""Bytes that a file with this suffix may have; audio has limits of its own."""
_NAMES: Final = {"midi": "MIDI", "musicxml": "MusicXML", "abc": "ABC", "audio": "a recording"}
_SUFFIXES: Final = {"midi": ".mid", "musicxml": ".musicxml, or .mxl when it is compressed", "abc": ".abc"}
_AUDIO: Final = re.compile(
    rb"RIFF....WAVE|RF64....WAVE|fLaC|OggS|ID3|....ftyp|FORM....AIF[FC]|\xff[\xe2-\xe7\xf2-\xf7\xfa-\xfd\xf1\xf9]",
    re.DOTALL,
)


def detect_kind(head: bytes) -> str:
    """The kind of a file by its first kilobytes: 'xml' for markup that is no score, empty when unknown."""
    if b"MThd" in head[:256] or (head[:4] == b"RIFF" and head[8:12] == b"RMID"):
        return "midi"
    if _AUDIO.match(head):
        return "audio"
    if head[:4] == b"PK\x03\x04":
        return "musicxml"
    # Markup in two bytes a letter has a zero in every other place.
    text = head.replace(b"\x00", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    if text.lstrip().startswith(b"<"):
        return "musicxml" if re.search(rb"<!DOCTYPE\s+score-|<score-(partwise|timewise)\b", text) else "xml"
    if re.search(rb"^X:\s*\d", text, re.MULTILINE) or re.search(rb"^K:\s*\S", text, re.MULTILINE):
        return "abc"
    return ""


def check_file(path: Path, kind: str) -> None:
    """Raises ScoreUnreadable for a file that is missing, cannot be opened, is empty or too large, or whose content is
    not of the kind that its name says."""
    place = path.name
    try:
        if not path.is_file():
            raise ScoreUnreadable(place, "it is not a file", "Name a file of music, or a folder to `isopath ingest`")
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(8192)
    except OSError as exc:
        raise ScoreUnreadable(
            place, "it cannot be opened", "See who may read it, and whether its disk is there"
        ) from exc
    if not head.strip(b"\x00 \r\n\t"):
        raise ScoreUnreadable(place, "it is empty", "Copy the file again")
    found = detect_kind(head)
    # Compressed and plain scores are found under each other's suffix; their bytes distinguish them.
    if found and found != kind and found != "xml":
        fault = f"its name says {_NAMES[kind]}, but it holds {_NAMES[found]}"
        repair = f"Give it a name that ends in {_SUFFIXES[found]}" if found in _SUFFIXES else "Rename it to what it is"
        raise ScoreUnreadable(place, fault, repair)
    limit = LARGEST.get(path.suffix.lower())
    if limit is not None and head[:4] == b"PK\x03\x04":
        limit = LARGEST_MXL
    if limit is not None and size > limit:
        fault = f"it has {size / 1e6:.1f} million bytes, more than the {limit / 1e6:.0f} million that are read"
        raise ScoreUnreadable(place, fault, "Split it into its movements, or leave out its pictures and sounds")


def read_bytes(path: Path) -> bytes:
    """The bytes of a file that was checked; ScoreUnreadable when they cannot be read."""
    try:
        return path.read_bytes()
    except OSError as exc:
        raise ScoreUnreadable(path.name, "it cannot be read to its end", "Copy the file again") from exc
