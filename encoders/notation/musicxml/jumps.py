"""Finds the jumps of a MusicXML file, and their targets: in attributes for playback, in words, in signs."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from xml.etree import ElementTree as ET

from encoders.notation.score import Bar

_ASKED: Final = ("da capo", "dal segno", "segno", "fine", "coda", "to coda")
_IN_WORDS: Final = (
    ("da capo", re.compile(r"^\W*((?i:da\s+capo\b|d\.\s*c\.)|D\.?\s?C\b)")),
    ("dal segno", re.compile(r"^\W*((?i:dal\s+segno\b|d\.\s*s\.)|D\.?\s?S\b|D\.?\s*𝄋)")),
    ("to coda", re.compile(r"(?i)\b(to|al|alla)\s+(the\s+)?(coda\b|⊕|𝄌)")),
    ("coda", re.compile(r"(?i)^\W*(coda\b|𝄌)\W*\d?\W*$")),
    ("segno", re.compile(r"(?i)^\W*(segno\b|𝄋)\W*$")),
    ("fine", re.compile(r"(?i)^\W*(al\s+)?fine\W*$")),
)
"""The first pattern that matches a text decides: 'D.S. al Coda' jumps back, and is no coda. 'Menuetto da capo' must not
match: it goes back to the start of another movement, whose end no sign shows."""


def find_jump(text: str) -> str:
    """The jump or target that words name; empty where they name neither."""
    return next((name for name, pattern in _IN_WORDS if pattern.search(text)), "")


def find_jumps(direction: ET.Element) -> list[str]:
    """The jumps and targets in a `<direction>` or a `<sound>`, as `Bar.words` names them."""
    sounds = [direction] if direction.tag == "sound" else direction.findall("sound")
    found = [name for sound in sounds for name in _ASKED if sound.get(name.replace(" ", ""), "no") != "no"]
    found += [jump for words in direction.iter("words") if (jump := find_jump((words.text or "").strip()))]
    for sign, jump in (("segno", "dal segno"), ("coda", "to coda")):
        # Beside words that name the jump, the sign belongs to the words.
        if direction.find(f"direction-type/{sign}") is not None and not {jump, "dal segno", "da capo"} & set(found):
            found.append(sign)
    return list(dict.fromkeys(found))


def resolve_codas(bars: Sequence[Bar]) -> list[Bar]:
    """The bars with all coda signs but the last changed to 'to coda', up to the bar that jumps back: the same sign
    marks both the jump and its target."""
    marked = [bar.words.split("; ") for bar in bars]
    codas = [i for i, words in enumerate(marked) if "coda" in words]
    turns = [i for i, words in enumerate(marked) if {"da capo", "dal segno"} & set(words)]
    leaving = {i for i in codas[:-1] if turns and i <= turns[-1]}
    return [
        replace(bar, words="; ".join(dict.fromkeys("to coda" if w == "coda" else w for w in words)))
        if i in leaving
        else bar
        for i, (bar, words) in enumerate(zip(bars, marked, strict=True))
    ]
