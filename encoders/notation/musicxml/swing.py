"""Reads where a MusicXML file asks for swing, and where it ends."""

import re
from typing import Final
from xml.etree import ElementTree as ET

from encoders.notation.musicxml.values import parse_number

EVEN: Final = (0.5, 1.0)
"""Share of a pair that its first note takes, and quarter notes of the pair, without swing."""
_LONG_AND_SHORT: Final = 2.0 / 3.0
"""Share for words without a number: two to one, as a triplet (the default of MuseScore 4; judgement)."""
_SHORTEST: Final = 0.1
"""Least share of a pair for either note, whatever numbers a file gives."""
_STRAIGHT: Final = re.compile(
    r"(?i)\bstraight\b(?!\s+mute)|\beven\s+(8th|eighth|quaver|16th)|\b(no|not|un-?)\s*sw[iu]ng"
)
_SWUNG: Final = re.compile(r"(?i)\b(swing|swung|shuffle)\b")
_SIXTEENTHS: Final = re.compile(r"(?i)\b(16ths?|sixteenths?|semiquavers?)\b")


def read_swing(direction: ET.Element) -> tuple[float, float] | None:
    """The share of a pair that its first note takes from here on, and quarter notes of the pair; None where a
    `<direction>` or a `<sound>` does not mention swing. Numbers take precedence over words."""
    for swing in direction.iter("swing"):
        first, second = parse_number(swing.findtext("first")), parse_number(swing.findtext("second"))
        if swing.find("straight") is not None or first <= 0 or second <= 0:
            return EVEN
        share = min(1.0 - _SHORTEST, max(_SHORTEST, first / (first + second)))
        return share, 0.5 if (swing.findtext("swing-type") or "").strip() == "16th" else 1.0
    return parse_swing(" ".join(words.text or "" for words in direction.iter("words")))


def parse_swing(text: str) -> tuple[float, float] | None:
    """As `read_swing`, from words: 'Medium swing', 'Swing 16ths', 'straight'."""
    if _STRAIGHT.search(text):
        return EVEN
    if not _SWUNG.search(text):
        return None
    return _LONG_AND_SHORT, 0.5 if _SIXTEENTHS.search(text) else 1.0
