"""Reads the tremolos of a MusicXML file, on one note or between two."""

from dataclasses import replace
from fractions import Fraction
from typing import Final
from xml.etree import ElementTree as ET

from encoders.notation.musicxml.values import VALUES, parse_number, read_tuplet
from encoders.notation.score import Tone

_UNMEASURED: Final = 3
"""Strokes of an unmeasured tremolo: the usual way to write it."""
_MOST_STROKES: Final = 8
"""MusicXML 4.0, `tremolo-marks`."""


class Tremolo:
    """Tracks the current tremolo of a part, note by note."""

    def __init__(self) -> None:
        self._sign: ET.Element | None = None
        self._first: list[int] = []

    def begin_bar(self) -> None:
        """Ends any tremolo: none continues across a bar line."""
        self._sign, self._first = None, []

    def apply(self, note: ET.Element, tone: Tone, before: list[Tone]) -> Tone:
        """The tone with its tremolo. `before`: the tones of the bar so far; at the second note of a tremolo between
        two, the first one is changed there too, since both last as long as the pair."""
        chord = note.find("chord") is not None
        if not chord:
            # The sign stands at the first note of a chord and applies to all of them.
            self._sign = note.find("notations/ornaments/tremolo")
        if self._sign is None:
            self._first = []
            return tone
        stroke, kind = read_stroke(note, self._sign), self._sign.get("type")
        if kind == "start":
            self._first = [*(self._first if chord else ()), len(before)]
            return tone
        if kind != "stop" or not self._first:
            return replace(tone, tremolo=(stroke, stroke))
        start, ends = before[self._first[0]].onset, tone.onset + tone.beats
        if start + 2 * stroke > ends + 1e-6:
            return tone
        for index in self._first:
            before[index] = replace(before[index], beats=round(ends - start, 6), tremolo=(stroke, 2 * stroke))
        second = round(start + stroke, 6)
        return replace(tone, onset=second, beats=round(ends - second, 6), tremolo=(stroke, 2 * stroke))


def read_stroke(note: ET.Element, tremolo: ET.Element) -> float:
    """Quarter notes of one stroke: each tremolo mark, and each flag of the note, halves a quarter note."""
    marks = int(parse_number(tremolo.text, _UNMEASURED))
    if tremolo.get("type") == "unmeasured" or not 0 < marks <= _MOST_STROKES:
        marks = _UNMEASURED
    share = read_tuplet(note)
    if tremolo.get("type") in ("start", "stop") and share <= Fraction(1, 2):
        # The two notes share the length that each is written with; some files say so by a tuplet of two for one.
        share *= 2
    flagged = min(Fraction(1), VALUES.get((note.findtext("type") or "").strip(), Fraction(1)))
    return float(flagged * share / (1 << marks))
