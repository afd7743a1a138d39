"""The grammar of ABC: tokens, keys, metres, lengths and parts."""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

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
_PASSES = r"\d{1,2}(?:[,\-]\s?\d{1,2})*"
TOKEN = re.compile(
    r'(?P<quote>"[^"]*")|(?P<deco>![^!\s|"\[\]{}]{1,20}!|\+[A-Za-z.()<>]+\+)|(?P<inline>\[[A-Za-z]:[^\]]*\])'
    rf"|(?P<ending>(?<=[|:\s])\[?\s*(?=\d)(?P<passes>{_PASSES})(?=[^/\d>]|$)|\[(?P<passes2>{_PASSES}))"
    r"|(?P<bar>\[\|\]|\.?:*\|+[\]:|]*|::+|\[\|[:|]*)|(?P<overlay>&+(?!\)))"
    r"|(?P<grace>\{[^}]*\})|(?P<tuplet>\((?P<tp>[2-9])(?::(?P<tq>\d*))?(?::(?P<tr>\d*))?)"
    r"|(?P<chord>\[(?=[^\[\]|:]*[A-Ga-g])(?P<inner>[^\[\]|:]*)\](?P<clen>\d*/*\d*)(?P<ctie>\.?-?))"
    r"|(?P<note>(?P<acc>\^{1,2}|_{1,2}|=)?(?P<step>[A-Ga-g])(?P<oct>[,']*)(?P<len>\d*/*\d*)(?P<tie>\s?\.?-)?)"
    r"|(?P<rest>[zxyZX])(?P<rlen>\d*/*\d*)|(?P<broken>[<>]+)|(?P<open>\.?\((?!&))|(?P<close>\))|(?P<late>\.?-)"
    r"|(?P<mark>[.~H-Wh-w])|(?P<other>\(&|&\)|[^\s`\\$*#;?@!])"
)
IN_CHORD = re.compile(
    r"(?P<deco>![^!\s]{1,20}!|\+[A-Za-z.()<>]+\+)"
    r"|(?P<note>(?P<acc>\^{1,2}|_{1,2}|=)?(?P<step>[A-Ga-g])(?P<oct>[,']*)(?P<len>\d*/*\d*)(?P<tie>\.?-)?)"
    r"|(?P<mark>[.~H-Wh-w])"
)
ALTERS = {"^": 1, "^^": 2, "_": -1, "__": -2, "=": 0}
_NUMBER: Final = re.compile(r"\s*(?P<number>\d{1,4}(?:\.\d{1,3})?)(?![\d/])")
"""Of beats a minute. A length after it, as in '1/8=1/4', says how the new tempo follows from the old one."""
_OCTAVED: Final = re.compile(r"(?:treble|alto|tenor|bass|soprano|mezzosoprano|baritone|[GFC])\d?([+-])(8|15)\b")


def tempo_of(value: str, unit: Fraction) -> float | None:
    """Quarter notes a minute of a Q: field; none when it gives no number.

    '1/4=120', '1/4 3/8 1/4 3/8=40' and, from before 2.0, '120', 'C=120', 'C3=40' in notes of the `unit`.
    """
    value = re.sub(r'"[^"]*"', " ", value)
    before, _, after = value.partition("=")
    if (lengths := re.findall(r"\d{1,4}/[1-9]\d{0,3}", before)) and (match := _NUMBER.match(after)):
        beat = sum((Fraction(each) for each in lengths), Fraction(0))
    elif match := re.fullmatch(r"\s*(?:C(?P<units>\d?)\s*=)?\s*(?P<number>\d{1,4}(?:\.\d{1,3})?)\s*", value):
        beat = unit * int(match["units"] or 1)
    else:
        return None
    return float(4 * beat * Fraction(match["number"]))


def key_of(text: str) -> tuple[int | None, int]:
    """Tonic (pitch class) and sharps of a key as ABC writes it: 'Am', 'D mix', 'F# minor', 'HP', 'none', 'D exp ^f'."""
    text = text.strip()
    if text.startswith(("HP", "Hp")):
        return 9, 2
    match = re.match(r"([A-G])((?:\s*#|b|\s+b(?![a-z]))?)\s*([A-Za-z]*)", text)
    if not match:
        return None, 0
    tonic = match[1] + match[2].strip()
    mode = match[3].lower()
    mode = mode if mode in ("", "m") else mode[:3]
    if tonic not in _FIFTHS:
        return None, 0
    if mode == "exp":
        return PITCH_CLASS[tonic], max(-7, min(7, sum(signature(0, text).values())))
    return PITCH_CLASS[tonic], _FIFTHS[tonic] + _MODES.get(mode, 0)


def names_key(text: str) -> bool:
    """Whether a K: field names a key, and not only a clef or how its voice is transposed."""
    return not text.strip() or bool(re.match(r"[A-G]|H[Pp]|none\b", text.strip()))


def length_of(text: str) -> Fraction:
    """A written length as a multiple of the unit: '', '3', '/', '//', '3/2', '/4'."""
    if "/" not in text:
        return Fraction(int(text or 1))
    above, _, below = text.partition("/")
    if below.strip("/") == "":
        return Fraction(int(above or 1), 2 ** (below.count("/") + 1))
    return Fraction(int(above or 1), int(below.strip("/")))


def signature(fifths: int, key: str) -> dict[str, int]:
    """Step -> its alteration by a key, 1 sharp, -1 flat; with the accidentals that a K: line adds, and with these alone
    where it says `exp`."""
    fifths = 0 if re.search(r"\bexp\b", key, re.IGNORECASE) else fifths
    signs = dict.fromkeys(_SHARPS[: max(0, min(7, fifths))], 1)
    signs |= dict.fromkeys(_SHARPS[::-1][: max(0, min(7, -fifths))], -1)
    for accidental, step in re.findall(r"(?<=[\sA-Ga-g])(\^{1,2}|_{1,2}|=)([A-Ga-g])(?![a-z])", key):
        signs[step.upper()] = ALTERS[accidental]
    return signs


def shifts_of(text: str) -> dict[str, int]:
    """Setting -> semitones by which a K: or V: field moves its voice: 'octave=-1', 'transpose=2', 'treble-8'."""
    found = {name: int(value) for name, value in re.findall(r"\b(octave|transpose)=\s*([+-]?\d{1,2})\b", text)}
    found = {name: value * 12 if name == "octave" else value for name, value in found.items()}
    if match := _OCTAVED.search(text):
        found["clef"] = int(match[1] + "12") * (1 if match[2] == "8" else 2)
    elif re.search(r"\bclef=|\b(treble|bass|alto|tenor|perc)\b", text):
        found["clef"] = 0
    return found


def metre_of(text: str, before: tuple[int, int]) -> tuple[int, int]:
    """The metre that an M: line gives; the one before where it gives none."""
    text = text.strip()
    if text.startswith("C"):
        return (2, 2) if text.startswith("C|") else (4, 4)
    match = re.match(r"\(?(\d+(?:\s*\+\s*\d+)*)\)?\s*/(\d+)", text)
    return (sum(int(x) for x in match[1].split("+")), int(match[2])) if match else before


def passes_of(text: str) -> Iterator[int]:
    """The passes that an ending is for: '1', '1,3', '1-3'."""
    for piece in text.split(","):
        first, _, last = piece.partition("-")
        yield from range(int(first), int(last or first) + 1)


def order_of(text: str) -> list[str]:
    """The parts of a P: line in the order of playing: 'ABA', 'A2B', '((AB)3.C)2'. ValueError beyond a thousand."""
    stack: list[list[list[str]]] = [[]]
    for sign in re.findall(r"[A-Za-z]|\d+|[()]", text):
        if sign == "(":
            stack.append([])
        elif sign == ")" and len(stack) > 1:
            inner = stack.pop()
            stack[-1].append([name for each in inner for name in each])
        elif sign.isdigit() and stack[-1]:
            if len(stack[-1][-1]) * int(sign[:4]) > 1000:
                raise ValueError("its parts are played more than a thousand times")
            stack[-1][-1] = stack[-1][-1] * int(sign[:4])
        elif sign.isalpha():
            stack[-1].append([sign])
    return [name for level in stack for each in level for name in each]
