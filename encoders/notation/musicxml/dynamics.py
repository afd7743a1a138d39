"""Reads the dynamics of a MusicXML file: marks, hairpins, and numbers for playback."""

from collections.abc import Iterator
from fractions import Fraction
from math import log10
from typing import Final
from xml.etree import ElementTree as ET

from encoders.notation.score import DynamicMark

LEVELS: Final = {
    "pppp": -18.0,
    "ppp": -14.0,
    "pp": -10.0,
    "p": -6.0,
    "mp": -3.0,
    "mf": 0.0,
    "f": 4.0,
    "ff": 7.0,
    "fff": 9.0,
    "sf": 4.0,
    "sfz": 4.0,
    "fp": 2.0,
    "fz": 4.0,
}
"""dB of a mark against mf."""
SOFTEST, LOUDEST = min(LEVELS.values()), max(LEVELS.values())
_PLAIN: Final = 80.0
"""An mf of velocity 72 in percent of forte, which is velocity 90 (MusicXML 4.0, attribute `dynamics`)."""


def read_levels(dynamics: ET.Element, at: Fraction) -> Iterator[DynamicMark]:
    """The level marks of one `<dynamics>`."""
    for mark in dynamics:
        if mark.tag in LEVELS:
            yield DynamicMark(_round_place(at), "level", LEVELS[mark.tag])


def read_hairpins(direction: ET.Element, at: Fraction) -> Iterator[DynamicMark]:
    """The beginnings and ends of hairpins.

    Their `<offset>` is ignored, since it mostly describes the page: in the scores of the music21 package more of them
    end at a mark without it.
    """
    for wedge in direction.iter("wedge"):
        if (kind := wedge.get("type", "")) in ("crescendo", "diminuendo", "stop"):
            yield DynamicMark(_round_place(at), kind, number=wedge.get("number", "1"))


def read_playback_level(percent: float, at: Fraction) -> DynamicMark:
    """A number for playback as a level mark, clamped to the range of marks."""
    return DynamicMark(_round_place(at), "level", min(LOUDEST, max(SOFTEST, 40.0 * log10(percent / _PLAIN))))


def _round_place(at: Fraction) -> float:
    return round(float(at), 6)
