"""Parses MusicXML safely: hostile markup is refused before any parser builds a tree of it."""

import io
import zipfile
import zlib
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as ET
from xml.parsers import expat

from encoders.errors import ScoreUnreadable
from encoders.limits import check_notes
from encoders.notation.files import LARGEST_XML

_LARGEST_DIRECTORY: Final = 500_000
"""Bytes of the central directory of a `.mxl`: some thousands of entries."""
_DEEPEST: Final = 200
"""Depth of nested elements; MusicXML needs about twelve."""
_MOST: Final = 4_000_000
"""Elements, those with attributes counted thrice: as much as half a gigabyte of memory. A note of a score has about
ten, two of them with attributes."""
_AGAIN: Final = "Export it again as MusicXML"


def parse_root(data: bytes, place: str) -> ET.Element:
    """The root of a plain or compressed MusicXML file, in partwise form and without namespaces.

    Raises ScoreUnreadable naming `place` for what unpacks to too much, for entities, for anything but scores.
    """
    text = _unpack(data, place) if data[:2] == b"PK" else data
    # Some programs write blanks before the first sign, or zeros after the last.
    text = text.strip(b" \r\n\t") if text[:2] not in (b"\xff\xfe", b"\xfe\xff") else text
    text = text.rstrip(b"\x00 \r\n\t") if b"\x00" not in text[:100] else text
    try:
        _MarkupGuard(place).check(text)
        root = ET.fromstring(text)  # noqa: S314 - no entity, no depth and no size gets past the guard
    except (ET.ParseError, expat.ExpatError, LookupError, ValueError) as exc:
        line = getattr(exc, "position", None) or (getattr(exc, "lineno", 0), 0)
        raise ScoreUnreadable(place, f"its markup is broken or cut off at line {line[0]}", _AGAIN) from exc
    if root.tag.startswith("{"):
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
    if root.tag == "score-timewise":
        return _to_partwise(root)
    if root.tag != "score-partwise":
        raise ScoreUnreadable(
            place, "it is XML, but not a score", "Bring a MusicXML file: its root is <score-partwise>"
        )
    return root


class _MarkupGuard:
    """Scans markup in one pass and checks depth, number of elements and entities; keeps nothing of the text."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._depth = self._count = self._notes = 0

    def check(self, text: bytes) -> None:
        parser = expat.ParserCreate()
        parser.ordered_attributes = True
        parser.EntityDeclHandler = self._entity
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.Parse(text, True)

    def _entity(self, *_: object) -> None:
        fault = "it declares entities, which can unpack without end or fetch other files"
        raise ScoreUnreadable(self._place, fault, _AGAIN)

    def _start(self, name: str, attributes: Sequence[str]) -> None:
        self._depth += 1
        self._count += 3 if attributes else 1
        self._notes += name == "note"
        # Rests are <note> elements too, so twice the limit is allowed for both together.
        check_notes(1 + self._notes // 2, self._place)
        if self._depth > _DEEPEST or self._count > _MOST:
            raise ScoreUnreadable(self._place, "its markup is deeper or longer than any score's", _AGAIN)

    def _end(self, _name: str) -> None:
        self._depth -= 1


def _unpack(data: bytes, place: str) -> bytes:
    """The bytes of the score in a compressed file."""
    again = "Compress it again, or export it as plain .musicxml"
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 66_000))
    if end < 0 or len(data) < end + 22:
        raise ScoreUnreadable(place, "its archive is cut off", "Copy the file again, or export it again")
    if int.from_bytes(data[end + 12 : end + 16], "little") > _LARGEST_DIRECTORY:
        raise ScoreUnreadable(place, "its archive holds too many files for a score", again)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            name = _find_score(packed, place)
            # The sizes that an archive states need not be true: count what is unpacked.
            with packed.open(name) as file:
                text = file.read(LARGEST_XML + 1)
    except (
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        EOFError,
        RuntimeError,
        NotImplementedError,
        ValueError,
        OSError,
    ) as exc:
        raise ScoreUnreadable(place, "its archive is damaged, locked, or holds no score", again) from exc
    if len(text) > LARGEST_XML:
        fault = f"it unpacks to more than the {LARGEST_XML / 1e6:.0f} million bytes that are read"
        raise ScoreUnreadable(place, fault, "Split it into its movements")
    return text


def _find_score(packed: zipfile.ZipFile, place: str) -> str:
    """The name of the score in the archive: from its container, else the first file that may be a score."""
    names = packed.namelist()
    if "META-INF/container.xml" in names:
        with packed.open("META-INF/container.xml") as file:
            container = file.read(100_001)
        if len(container) <= 100_000:
            try:
                _MarkupGuard(place).check(container)
                root = ET.fromstring(container)  # noqa: S314 - no entity gets past the guard
            except (ET.ParseError, expat.ExpatError, LookupError):
                root = ET.Element("none")
            for element in root.iter():
                path = element.get("full-path", "") if element.tag.rpartition("}")[2] == "rootfile" else ""
                if path in names and element.get("media-type", "xml").endswith("xml"):
                    return path
    scores = [
        n for n in names if n.lower().endswith((".xml", ".musicxml")) and not n.startswith(("META-INF", "__MACOSX"))
    ]
    if not scores:
        raise KeyError("no score")
    return scores[0]


def _to_partwise(root: ET.Element) -> ET.Element:
    """A timewise score converted to partwise form."""
    parts: dict[str, ET.Element] = {}
    for measure in root.findall("measure"):
        for part in measure.findall("part"):
            name = part.get("id", "")
            if name not in parts:
                parts[name] = ET.Element("part", {"id": name})
            bar = ET.SubElement(parts[name], "measure", dict(measure.attrib))
            bar.extend(list(part))
        root.remove(measure)
    root.extend(parts.values())
    root.tag = "score-partwise"
    return root
