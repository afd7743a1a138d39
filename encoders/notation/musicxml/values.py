"""Parses the numbers and lengths of MusicXML: durations, note values, metronome marks."""

import re
from collections import Counter
from fractions import Fraction
from math import isfinite
from typing import Final
from xml.etree import ElementTree as ET

VALUES: Final[dict[str, Fraction]] = {
    "maxima": Fraction(32),
    "long": Fraction(16),
    "breve": Fraction(8),
    "whole": Fraction(4),
    "half": Fraction(2),
    "quarter": Fraction(1),
    **{name: Fraction(1, 2**n) for n, name in enumerate(("eighth", "16th", "32nd", "64th", "128th", "256th"), 1)},
}
"""Quarter notes of each note value."""


def parse_number(text: str | None, default: float = 0.0) -> float:
    """The text as a number; the default where it is none, is infinite, or is 1e9 or more."""
    try:
        value = float(text) if text else default
    except ValueError:
        return default
    return value if isfinite(value) and abs(value) < 1e9 else default


def parse_quantity(text: str | None) -> Fraction:
    """The text as a duration or a number of divisions, which may have a fraction; 0 where it is none."""
    value = parse_number(text)
    return Fraction(int(value)) if value.is_integer() else Fraction(value).limit_denominator(1000)


def infer_divisions(measure: ET.Element) -> Fraction | None:
    """Units of duration a quarter note, as implied by most notes of a measure that have a value; None without any."""
    implied: Counter[Fraction] = Counter()
    for note in measure.iter("note"):
        value, rest = _read_value(note), note.find("rest")
        duration = parse_quantity(note.findtext("duration"))
        # Any bar's rest may be written as a whole note.
        if value and duration > 0 and (rest is None or rest.get("measure") != "yes"):
            implied[duration / value] += 1
    return implied.most_common(1)[0][0] if implied else None


def read_tempo(metronome: ET.Element) -> float:
    """Quarter notes a minute of a metronome mark; 0 where it has no number, as 'crotchet = minim'."""
    unit = VALUES.get((metronome.findtext("beat-unit") or "").strip())
    found = re.search(r"\d{1,4}(\.\d{1,4})?", metronome.findtext("per-minute") or "")
    if unit is None or found is None:
        return 0.0
    return float(unit * _scale_dotted(len(metronome.findall("beat-unit-dot")))) * float(found[0])


def _read_value(note: ET.Element) -> Fraction | None:
    value: Fraction | None = VALUES.get((note.findtext("type") or "").strip())
    return None if value is None else value * _scale_dotted(len(note.findall("dot"))) * read_tuplet(note)


def _scale_dotted(dots: int) -> Fraction:
    return 2 - Fraction(1, 1 << min(dots, 4))


def read_tuplet(note: ET.Element) -> Fraction:
    """The share of its written value that a note lasts; 1 outside of tuplets."""
    actual = int(parse_number(note.findtext("time-modification/actual-notes"), 1))
    normal = int(parse_number(note.findtext("time-modification/normal-notes"), 1))
    return Fraction(normal, actual) if actual > 0 and normal > 0 else Fraction(1)
