"""Reads tunes in ABC notation (the abc 1.6 and 2.1 standards, abcnotation.com), as far as the tune books use it.

A file of hundreds of tunes is cut once and each tune read on its own; one tune takes about a millisecond.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from encoders.base import ScoreUnreadable
from encoders.score import Bar, Score, Tone

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHARPS = "FCGDAEB"
_MODES = {"": 0, "maj": 0, "ion": 0, "mix": -1, "dor": -2, "min": -3, "m": -3, "aeo": -3, "phr": -4, "loc": -5, "lyd": 1}
_FIFTHS = {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F#": 6, "C#": 7, "F": -1, "Bb": -2, "Eb": -3, "Ab": -4,
           "Db": -5, "Gb": -6, "Cb": -7, "G#": 8, "D#": 9, "A#": 10}
_PITCH_CLASS = {name: (7 * fifths) % 12 for name, fifths in _FIFTHS.items()}
_MARKS = {"~": "turn", "T": "trill", "M": "mordent", "P": "inverted"}
_NAMED_MARKS = {"trill": "trill", "tr": "trill", "mordent": "mordent", "lowermordent": "mordent", "roll": "turn",
                "uppermordent": "inverted", "pralltriller": "inverted", "turn": "turn"}
_DYNAMICS = {"ppp": -15.0, "pp": -10.0, "p": -6.0, "mp": -3.0, "mf": 0.0, "f": 4.0, "ff": 8.0, "fff": 10.0, "sfz": 4.0}
_TOKEN = re.compile(
    r'(?P<quote>"[^"]*")|(?P<deco>[!+][A-Za-z.()<>]+[!+])|(?P<inline>\[[A-Za-z]:[^\]]*\])'
    r"|(?P<ending>(?<=[|:\s])\[?\s*(?=\d)(?P<passes>\d(?:[,\-]\d)*)(?=[^/\d>]|$)|\[(?P<passes2>\d(?:[,\-]\d)*))"
    r"|(?P<bar>:*\|+[\]:|]*:*|::+|\[\|:*|\|\])"
    r"|(?P<grace>\{[^}]*\})|(?P<tuplet>\((?P<tp>[2-9])(?::(?P<tq>\d*))?(?::(?P<tr>\d*))?)"
    r"|(?P<chord>\[(?=[\^_=A-Ga-gHLTuv.~\d,'/\-()\s\"xz]*\])(?P<inner>[^\]]*)\](?P<clen>\d*/*\d*)(?P<ctie>-?))"
    r"|(?P<note>(?P<acc>\^{1,2}|_{1,2}|=)?(?P<step>[A-Ga-g])(?P<oct>[,']*)(?P<len>\d*/*\d*)(?P<tie>\s?-)?)"
    r"|(?P<rest>[zxyZ])(?P<rlen>\d*/*\d*)|(?P<broken>[<>]+)|(?P<open>\()|(?P<close>\))|(?P<mark>[.~HTMPLuvSOJR])")


@dataclass(slots=True)
class _Voice:
    """What one voice has written so far."""

    bars: list[Bar] = field(default_factory=list)
    tones: list[Tone] = field(default_factory=list)
    at: Fraction = Fraction(0)
    chords: list[str] = field(default_factory=list)
    opens: bool = False
    section: bool = False
    endings: tuple[int, ...] = ()
    slurs: int = 0


def tunes(text: str) -> list[str]:
    """The tunes of a file, each from its `X:` line to the next one's; what stands before the first is left out."""
    starts = [match.start() for match in re.finditer(r"^X:", text, re.MULTILINE)]
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


def read_tune(text: str, place: str) -> Score:
    """One tune as a score. Raises `ScoreUnreadable` naming `place` when it has no key or no notes."""
    fields: dict[str, list[str]] = {}
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    body_from = len(lines)
    for number, line in enumerate(lines):
        if match := re.match(r"([A-Z]):\s*(.*?)\s*(?:%.*)?$", line):
            fields.setdefault(match[1], []).append(match[2])
            if match[1] == "K":
                body_from = number + 1
                break
    if "K" not in fields:
        raise ScoreUnreadable(place, "the tune has no K: line", "Give its key, for example 'K:G'")
    reader = _Reader(fields, place)
    reader.read(lines[body_from:])
    parts = reader.finished()
    if not any(bar.tones for bar in parts):
        raise ScoreUnreadable(place, "the tune has no notes", "Write its notes after the K: line")
    first = {name: " / ".join(x for x in values if x) for name, values in fields.items()}
    said = " ".join(fields.get("N", []) + fields.get("Q", []))
    return Score(title=next((t for t in fields.get("T", []) if t), ""), parts=tuple(reader.voices), bars=tuple(parts),
                 tonic=reader.tonic, fifths=reader.fifths, form=first.get("R", "").lower(), words=said,
                 tempo=_tempo(fields.get("Q", [])), composer=first.get("C", ""), rights=first.get("Z", ""))


def _tempo(values: list[str]) -> float | None:
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
    return _PITCH_CLASS[tonic], _FIFTHS[tonic] + _MODES.get(mode, 0)


def _length(text: str) -> Fraction:
    """A written length as a multiple of the unit: '', '3', '/', '//', '3/2', '/4'."""
    if "/" not in text:
        return Fraction(int(text or 1))
    above, _, below = text.partition("/")
    if below.strip("/") == "":
        return Fraction(int(above or 1), 2 ** (below.count("/") + 1))
    return Fraction(int(above or 1), int(below.strip("/")))


class _Reader:
    """Walks through the body of one tune; voices share the bar lines of their own text."""

    def __init__(self, fields: dict[str, list[str]], place: str) -> None:
        self.place = place
        self.metre = (4, 4)
        self.unit = Fraction(1, 8)
        self._set_metre((fields.get("M") or ["4/4"])[-1])
        count, unit = self.metre
        self.unit = Fraction(1, 16) if Fraction(count, unit) < Fraction(3, 4) else Fraction(1, 8)
        if lengths := fields.get("L"):
            self._set_unit(lengths[-1])
        self.tonic, self.fifths = key_of(fields["K"][-1])
        self.signature = self._signature(self.fifths, fields["K"][-1])
        self.voices: dict[str, _Voice] = {}
        self.voice = self._voice("1")
        self.altered: dict[tuple[str, int], int] = {}
        self.tuplet: tuple[Fraction, int] = (Fraction(1), 0)
        self.broken = Fraction(1)
        self.mark = self.deco = ""
        self.short = self.accented = self.held = False
        self.graces: tuple[int, ...] = ()
        self.loudness = 0.0

    def _voice(self, name: str) -> _Voice:
        return self.voices.setdefault(name, _Voice())

    @staticmethod
    def _signature(fifths: int, text: str) -> dict[str, int]:
        signs = {step: 1 for step in _SHARPS[: max(0, min(7, fifths))]}
        signs |= {step: -1 for step in _SHARPS[::-1][: max(0, min(7, -fifths))]}
        for accidental, step in re.findall(r"\s([\^_=])([A-Ga-g])(?![a-z])", text):
            signs[step.upper()] = {"^": 1, "_": -1, "=": 0}[accidental]
        return signs

    def _set_metre(self, text: str) -> None:
        text = text.strip()
        if text.startswith("C|"):
            self.metre = (2, 2)
        elif text.startswith("C"):
            self.metre = (4, 4)
        elif match := re.match(r"\(?(\d+(?:\+\d+)*)\)?/(\d+)", text):
            self.metre = (sum(int(x) for x in match[1].split("+")), int(match[2]))

    def _set_unit(self, text: str) -> None:
        if match := re.match(r"\s*(\d+)/(\d+)", text):
            self.unit = Fraction(int(match[1]), int(match[2]))

    def read(self, lines: list[str]) -> None:
        for line in lines:
            if line.startswith("%") or not line.strip():
                continue
            if match := re.match(r"([A-Za-z]):(?![|:])\s*(.*)$", line):
                self._field(match[1], match[2].split("%")[0])
                continue
            for token in _TOKEN.finditer(line.split("%")[0].replace("`", "").replace("\\", " ")):
                self._token(token)

    def _field(self, name: str, value: str) -> None:
        if name == "M":
            self._set_metre(value)
        elif name == "L":
            self._set_unit(value)
        elif name == "K":
            tonic, self.fifths = key_of(value)
            self.tonic = self.tonic if self.tonic is not None else tonic
            self.signature = self._signature(self.fifths, value)
        elif name == "V":
            first = (value.split() or ["1"])[0]
            if first != "1" and not any(v.bars or v.tones for v in self.voices.values()):
                self.voices.clear()
            self.voice = self._voice(first)
            self.altered = {}
        elif name == "P":
            self.voice.section = True

    def _token(self, token: re.Match[str]) -> None:
        kind = token.lastgroup
        if token["note"]:
            self._note(token)
        elif token["chord"]:
            self._chord(token)
        elif token["rest"]:
            if token["rest"] == "Z":
                count, unit = self.metre
                self.voice.at += Fraction(4 * count, unit) * _length(token["rlen"])
            elif token["rest"] != "y":
                self._advance(_length(token["rlen"]))
        elif token["bar"]:
            self._bar(token["bar"])
        elif token["ending"]:
            passes = token["passes"] or token["passes2"]
            if self.voice.tones or self.voice.at:
                self._bar("|")
            self.voice.endings = tuple(_passes(passes))
        elif token["inline"]:
            self._field(token["inline"][1], token["inline"][3:-1])
        elif token["quote"]:
            self._quote(token["quote"][1:-1])
        elif token["deco"]:
            self._decorate(token["deco"][1:-1])
        elif token["grace"]:
            found = re.finditer(r"(\^{1,2}|_{1,2}|=)?([A-Ga-g])([,']*)", token["grace"])
            self.graces = tuple(self._pitch(m[1], m[2], m[3], keep=False) for m in found)[:4]
        elif token["tuplet"]:
            self._tuplet(int(token["tp"]), token["tq"], token["tr"])
        elif token["broken"]:
            self._break(token["broken"])
        elif token["open"]:
            self.voice.slurs += 1
        elif token["close"]:
            self.voice.slurs = max(0, self.voice.slurs - 1)
            if self.voice.tones:
                self.voice.tones[-1] = replace(self.voice.tones[-1], slurred=self.voice.slurs > 0)
        elif kind == "mark":
            self._mark(token["mark"])

    def _mark(self, mark: str) -> None:
        self.short = self.short or mark == "."
        self.held = self.held or mark == "H"
        self.accented = self.accented or mark == "L"
        self.mark = _MARKS.get(mark, self.mark)

    def _decorate(self, name: str) -> None:
        self.loudness = _DYNAMICS.get(name, self.loudness)
        self.mark = _NAMED_MARKS.get(name, self.mark)
        self.held = self.held or name == "fermata"
        self.short = self.short or name == "staccato"
        self.accented = self.accented or name in ("accent", ">", "emphasis")

    def _quote(self, text: str) -> None:
        if match := re.match(r"([A-G])([#b]?)(m(?!aj)|min|dim)?", text):
            if match[1] + match[2] in _PITCH_CLASS:
                kind = {"m": "minor", "min": "minor", "dim": "diminished"}.get(match[3] or "", "major")
                self.voice.chords.append(f"{float(self.voice.at):.6g}:{_PITCH_CLASS[match[1] + match[2]]}:{kind}")

    def _tuplet(self, p: int, q: str | None, r: str | None) -> None:
        compound = self.metre[0] in (6, 9, 12)
        into = int(q) if q else {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}.get(p, 3 if compound else 2)
        self.tuplet = (Fraction(into, p), int(r) if r else p)

    def _break(self, signs: str) -> None:
        short = Fraction(1, 2 ** len(signs))
        before, after = (2 - short, short) if signs[0] == ">" else (short, 2 - short)
        voice = self.voice
        if not voice.tones:
            return
        onset = voice.tones[-1].onset
        last = Fraction(voice.tones[-1].beats).limit_denominator(4096)
        changed = last * before
        voice.at += changed - last
        voice.tones = [replace(t, beats=round(float(changed), 6)) if t.onset == onset else t for t in voice.tones]
        self.broken = after

    def _advance(self, length: Fraction) -> Fraction:
        """Moves on by a written length; what it lasts in quarter notes."""
        factor, left = self.tuplet
        beats = 4 * self.unit * length * self.broken
        if left:
            beats *= factor
            self.tuplet = (factor, left - 1) if left > 1 else (Fraction(1), 0)
        self.broken = Fraction(1)
        self.voice.at += beats
        return beats

    def _pitch(self, accidental: str | None, step: str, octave: str, keep: bool = True) -> int:
        name = step.upper()
        height = 5 + (1 if step.islower() else 0) + octave.count("'") - octave.count(",")
        if accidental:
            alter = {"^": 1, "^^": 2, "_": -1, "__": -2, "=": 0}[accidental]
            if keep:
                self.altered[(name, height)] = alter
        else:
            alter = self.altered.get((name, height), self.signature.get(name, 0))
        return 12 * height + _STEPS[name] + alter

    def _note(self, token: re.Match[str]) -> None:
        onset = self.voice.at
        pitch = self._pitch(token["acc"], token["step"], token["oct"])
        self._write(onset, self._advance(_length(token["len"])), [(pitch, bool(token["tie"]))])

    def _chord(self, token: re.Match[str]) -> None:
        found = list(re.finditer(r"(\^{1,2}|_{1,2}|=)?([A-Ga-g])([,']*)(\d*/*\d*)(-?)", token["inner"]))
        if not found:
            return
        onset = self.voice.at
        beats = self._advance(_length(found[0][4]) * _length(token["clen"]))
        tied = bool(token["ctie"])
        self._write(onset, beats, [(self._pitch(m[1], m[2], m[3]), tied or bool(m[5])) for m in found])

    def _write(self, onset: Fraction, beats: Fraction, pitches: list[tuple[int, bool]]) -> None:
        part = list(self.voices.values()).index(self.voice)
        for pitch, tied in sorted(set(pitches)):
            if beats > 0:
                self.voice.tones.append(Tone(
                    round(float(onset), 6), round(float(beats), 6), pitch, part, tied=tied, short=self.short,
                    slurred=self.voice.slurs > 0, accented=self.accented, held=self.held, ornament=self.mark,
                    graces=self.graces, loudness=self.loudness))
        self.mark, self.graces = "", ()
        self.short = self.accented = self.held = False

    def _bar(self, line: str) -> None:
        voice = self.voice
        closes = 2 if line.startswith(":") or "::" in line else 0
        opens = line.endswith(":") or "::" in line
        double = closes > 0 or opens or "||" in line or "]" in line or line.startswith("[")
        if voice.tones or voice.at:
            voice.bars.append(Bar(tuple(voice.tones), round(float(voice.at), 6), self.metre, voice.opens, closes,
                                  voice.endings, voice.section, chord=" ".join(voice.chords)))
            voice.tones, voice.at, voice.chords, voice.section = [], Fraction(0), [], False
            voice.opens = False
        elif closes and voice.bars:
            voice.bars[-1] = replace(voice.bars[-1], closes=closes)
        if double:
            # Players of tune books go back to the last double bar when no sign says where a repeat began.
            voice.endings = ()
            voice.opens = voice.section = True
        self.altered = {}

    def finished(self) -> list[Bar]:
        """The bars of all voices laid over each other."""
        for voice in self.voices.values():
            self.voice = voice
            self._bar("|]")
        self.voices = {name: voice for name, voice in self.voices.items() if voice.bars}
        return list(_together([voice.bars for voice in self.voices.values()])) if self.voices else []


def _passes(text: str) -> Iterator[int]:
    for piece in text.split(","):
        first, _, last = piece.partition("-")
        yield from range(int(first), int(last or first) + 1)


def _together(voices: list[list[Bar]]) -> Iterator[Bar]:
    """Bars of several voices as one row of bars; marks are taken from the first voice."""
    longest = max(len(bars) for bars in voices)
    for index in range(longest):
        here = [bars[index] for bars in voices if index < len(bars)]
        tones = tuple(replace(tone, part=part) for part, bars in enumerate(voices) if index < len(bars)
                      for tone in bars[index].tones)
        yield replace(here[0], tones=tuple(sorted(tones, key=lambda t: (t.onset, t.part, t.pitch))),
                      beats=max(bar.beats for bar in here))
