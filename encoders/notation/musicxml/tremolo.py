"""Tremolos of a MusicXML file: how long a stroke is, and which two notes take turns."""

from dataclasses import replace
from fractions import Fraction
from typing import Final
from xml.etree import ElementTree as ET

from encoders.notation.musicxml.values import VALUES, number, tuplet_of
from encoders.notation.score import Tone

_UNMEASURED: Final = 3
"""Strokes of a tremolo that says of itself that it is not measured: what such a tremolo is written with."""
_MOST_STROKES: Final = 8
"""MusicXML 4.0, `tremolo-marks`."""


class Tremolo:
    """The tremolo that the notes of a part stand in, note by note as the file writes them."""

    def __init__(self) -> None:
        self._sign: ET.Element | None = None
        self._first: list[int] = []

    def begin_bar(self) -> None:
        """No tremolo goes on over a bar line."""
        self._sign, self._first = None, []

    def strike(self, note: ET.Element, tone: Tone, before: list[Tone]) -> Tone:
        """The tone with its strokes. `before`: the tones of the bar so far, of which the first note of two is changed
        when the second one comes, for both last as long as the two together."""
        chord = note.find("chord") is not None
        if not chord:
            # The sign stands at the first note of a chord, and means them all.
            self._sign = note.find("notations/ornaments/tremolo")
        if self._sign is None:
            self._first = []
            return tone
        stroke, kind = stroke_of(note, self._sign), self._sign.get("type")
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


def stroke_of(note: ET.Element, tremolo: ET.Element) -> float:
    """Quarter notes of one stroke: its marks and the note's own flags halve a quarter note so many times."""
    marks = int(number(tremolo.text, _UNMEASURED))
    if tremolo.get("type") == "unmeasured" or not 0 < marks <= _MOST_STROKES:
        marks = _UNMEASURED
    share = tuplet_of(note)
    if tremolo.get("type") in ("start", "stop") and share <= Fraction(1, 2):
        # Two notes share the length that each is written with, and say so by a tuplet of two in the time of one.
        share *= 2
    flagged = min(Fraction(1), VALUES.get((note.findtext("type") or "").strip(), Fraction(1)))
    return float(flagged * share / (1 << marks))
