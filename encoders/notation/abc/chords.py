"""Chord symbols that an ABC tune writes in quotes, told from words that stand there too."""

import re
from typing import Final

from encoders.notation.abc.grammar import PITCH_CLASS

_SYMBOL: Final = re.compile(
    r"\(?([A-G])([#b♯♭]?)(m(?!aj)|min|dim|o)?"
    r"(?:maj|min|mi|ma|m|dim|aug|sus|add|no|alt|6/9|[#b♯♭+øΔ°^-]|\d+|[(),])*(?:/[A-Ga-g][#b♯♭]?)?\)?"
)
"""As the standard (2.1, 4.18) has it; "Fine" and "D.C." are none."""
_KINDS: Final = {"m": "minor", "min": "minor", "dim": "diminished", "o": "diminished"}


def chord_of(text: str) -> tuple[int, str] | None:
    """Root as a pitch class and 'major', 'minor' or 'diminished', of the first of some symbols; none for words."""
    named = [_SYMBOL.fullmatch(word) for word in re.split(r"[;\s]+", text.strip())]
    first = named[0]
    if first is None or not all(named):
        return None
    root = PITCH_CLASS.get(first[1] + first[2].translate({ord("♯"): "#", ord("♭"): "b"}))
    return None if root is None else (root, _KINDS.get(first[3] or "", "major"))
