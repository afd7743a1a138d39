"""The small grammar of ABC: what counts as one sign, and what keys, metres and lengths mean as they are written."""

import re
from collections.abc import Iterator
from fractions import Fraction

STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHARPS = "FCGDAEB"
_MODES = {"": 0, "maj": 0, "ion": 0, "mix": -1, "dor": -2, "min": -3, "m": -3, "aeo": -3, "phr": -4, "loc": -5}
_MODES |= {"lyd": 1}
_FIFTHS = {
    name: number
    for number, name in enumerate(("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B"), -7)
}
_FIFTHS |= {name: number for number, name in enumerate(("F#", "C#", "G#", "D#", "A#"), 6)}
PITCH_CLASS = {name: (7 * fifths) % 12 for name, fifths in _FIFTHS.items()}
ORNAMENTS = {
    "~": "turn",
    "T": "trill",
    "M": "mordent",
    "P": "inverted",
    "trill": "trill",
    "tr": "trill",
    "roll": "turn",
}
ORNAMENTS |= {"mordent": "mordent", "lowermordent": "mordent", "uppermordent": "inverted", "turn": "turn"}
DYNAMICS = {"ppp": -15.0, "pp": -10.0, "p": -6.0, "mp": -3.0, "mf": 0.0, "f": 4.0, "ff": 8.0, "fff": 10.0, "sfz": 4.0}
TOKEN = re.compile(
    r'(?P<quote>"[^"]*")|(?P<deco>[!+][A-Za-z.()<>]+[!+])|(?P<inline>\[[A-Za-z]:[^\]]*\])'
    r"|(?P<ending>(?<=[|:\s])\[?\s*(?=\d)(?P<passes>\d(?:[,\-]\d)*)(?=[^/\d>]|$)|\[(?P<passes2>\d(?:[,\-]\d)*))"
    r"|(?P<bar>:*\|+[\]:|]*:*|::+|\[\|:*|\|\])"
    r"|(?P<grace>\{[^}]*\})|(?P<tuplet>\((?P<tp>[2-9])(?::(?P<tq>\d*))?(?::(?P<tr>\d*))?)"
    r"|(?P<chord>\[(?=[\^_=A-Ga-gHLTuv.~\d,'/\-()\s\"xz]*\])(?P<inner>[^\]]*)\](?P<clen>\d*/*\d*)(?P<ctie>-?))"
    r"|(?P<note>(?P<acc>\^{1,2}|_{1,2}|=)?(?P<step>[A-Ga-g])(?P<oct>[,']*)(?P<len>\d*/*\d*)(?P<tie>\s?-)?)"
    r"|(?P<rest>[zxyZ])(?P<rlen>\d*/*\d*)|(?P<broken>[<>]+)|(?P<open>\()|(?P<close>\))|(?P<mark>[.~HTMPLuvSOJR])"
)
ALTERS = {"^": 1, "^^": 2, "_": -1, "__": -2, "=": 0}


def tempo_of(values: list[str]) -> float | None:
    """Quarter notes a minute from Q: lines; none when they give no number."""
    for value in values:
        if match := re.search(r"(\d+)/(\d+)\s*=\s*(\d+)", value):
            return float(Fraction(4 * int(match[1]) * int(match[3]), int(match[2])))
    return None


def key_of(text: str) -> tuple[int | None, int]:
    """Tonic (pitch class) and sharps of a key as ABC writes it: 'Am', 'D mix', 'F# minor', 'HP', 'none'."""
    text = text.strip()
    if text.startswith(("HP", "Hp")):
        return 9, 2
    match = re.match(r"([A-G])\s*([#b]?)\s*([A-Za-z]*)", text)
    if not match:
        return None, 0
    tonic = match[1] + match[2]
    mode = match[3].lower()
    mode = mode if mode in ("", "m") else mode[:3]
    if tonic not in _FIFTHS:
        return None, 0
    return PITCH_CLASS[tonic], _FIFTHS[tonic] + _MODES.get(mode, 0)


def length_of(text: str) -> Fraction:
    """A written length as a multiple of the unit: '', '3', '/', '//', '3/2', '/4'."""
    if "/" not in text:
        return Fraction(int(text or 1))
    above, _, below = text.partition("/")
    if below.strip("/") == "":
        return Fraction(int(above or 1), 2 ** (below.count("/") + 1))
    return Fraction(int(above or 1), int(below.strip("/")))


def signature(fifths: int, key: str) -> dict[str, int]:
    """How a key alters each step: 1 sharp, -1 flat; with the single accidentals that a K: line may add."""
    signs = dict.fromkeys(_SHARPS[: max(0, min(7, fifths))], 1)
    signs |= dict.fromkeys(_SHARPS[::-1][: max(0, min(7, -fifths))], -1)
    for accidental, step in re.findall(r"\s([\^_=])([A-Ga-g])(?![a-z])", key):
        signs[step.upper()] = ALTERS[accidental]
    return signs


def metre_of(text: str, before: tuple[int, int]) -> tuple[int, int]:
    """The metre that an M: line gives; the one before where it gives none."""
    text = text.strip()
    if text.startswith("C"):
        return (2, 2) if text.startswith("C|") else (4, 4)
    match = re.match(r"\(?(\d+(?:\+\d+)*)\)?/(\d+)", text)
    return (sum(int(x) for x in match[1].split("+")), int(match[2])) if match else before


def passes_of(text: str) -> Iterator[int]:
    """The passes that an ending is for: '1', '1,3', '1-3'."""
    for piece in text.split(","):
        first, _, last = piece.partition("-")
        yield from range(int(first), int(last or first) + 1)
