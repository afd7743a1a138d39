"""Reads tunes in ABC notation (the abc 1.6 and 2.1 standards, abcnotation.com), as far as the tune books use it.

A file of hundreds of tunes is cut once and each tune read on its own; one tune takes about a millisecond.
"""

import re
from dataclasses import replace
from fractions import Fraction

from encoders.abc_grammar import (
    ALTERS,
    DYNAMICS,
    ORNAMENTS,
    PITCH_CLASS,
    STEPS,
    TOKEN,
    key_of,
    length_of,
    metre_of,
    passes_of,
    signature,
    tempo_of,
)
from encoders.abc_voice import Marks, Voice, together
from encoders.base import ScoreUnreadable
from encoders.score import Bar, Score


def tunes(text: str) -> list[str]:
    """The tunes of a file, each from its `X:` line to the next one's; what stands before the first is left out."""
    starts = [match.start() for match in re.finditer(r"^X:", text, re.MULTILINE)]
    if not starts:
        return []
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
    return Score(
        title=next((t for t in fields.get("T", []) if t), ""),
        parts=tuple(reader.voices),
        bars=tuple(parts),
        tonic=reader.tonic,
        fifths=reader.fifths,
        form=first.get("R", "").lower(),
        words=said,
        tempo=tempo_of(fields.get("Q", [])),
        composer=first.get("C", ""),
        rights=first.get("Z", ""),
    )


class _Reader:
    """Walks through the body of one tune; voices share the bar lines of their own text."""

    def __init__(self, fields: dict[str, list[str]], place: str) -> None:
        self.place = place
        self.metre = (4, 4)
        self.unit = Fraction(1, 8)
        self.metre = metre_of((fields.get("M") or ["4/4"])[-1], self.metre)
        count, unit = self.metre
        self.unit = Fraction(1, 16) if Fraction(count, unit) < Fraction(3, 4) else Fraction(1, 8)
        if lengths := fields.get("L"):
            self._set_unit(lengths[-1])
        self.tonic, self.fifths = key_of(fields["K"][-1])
        self.signature = signature(self.fifths, fields["K"][-1])
        self.voices: dict[str, Voice] = {}
        self.voice = self._voice("1")
        self.altered: dict[tuple[str, int], int] = {}
        self.tuplet: tuple[Fraction, int] = (Fraction(1), 0)
        self.broken = Fraction(1)
        self.marks = Marks()

    def _voice(self, name: str) -> Voice:
        return self.voices.setdefault(name, Voice())

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
            for token in TOKEN.finditer(line.split("%")[0].replace("`", "").replace("\\", " ")):
                self._token(token)

    def _field(self, name: str, value: str) -> None:
        if name == "M":
            self.metre = metre_of(value, self.metre)
        elif name == "L":
            self._set_unit(value)
        elif name == "K":
            tonic, self.fifths = key_of(value)
            self.tonic = self.tonic if self.tonic is not None else tonic
            self.signature = signature(self.fifths, value)
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
                self.voice.at += Fraction(4 * count, unit) * length_of(token["rlen"])
            elif token["rest"] != "y":
                self._advance(length_of(token["rlen"]))
        elif token["bar"]:
            self._bar(token["bar"])
        elif token["ending"]:
            passes = token["passes"] or token["passes2"]
            if self.voice.tones or self.voice.at:
                self._bar("|")
            self.voice.endings = tuple(passes_of(passes))
            # The sign before a second ending closes the repeat; it opens none.
            self.voice.opens = self.voice.opens and 1 in self.voice.endings
        elif token["inline"]:
            self._field(token["inline"][1], token["inline"][3:-1])
        elif token["quote"]:
            self._quote(token["quote"][1:-1])
        elif token["deco"]:
            self._decorate(token["deco"][1:-1])
        elif token["grace"]:
            found = re.finditer(r"(\^{1,2}|_{1,2}|=)?([A-Ga-g])([,']*)", token["grace"])
            graces = tuple(self._pitch(m[1], m[2], m[3], keep=False) for m in found)[:4]
            self.marks = replace(self.marks, graces=graces)
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
            self._decorate(token["mark"])

    def _decorate(self, name: str) -> None:
        """Keeps a mark for the next tone: a sign (`T`, `.`) or a name (`trill`)."""
        marks = self.marks
        self.marks = Marks(
            short=marks.short or name in (".", "staccato"),
            accented=marks.accented or name in ("L", "accent", ">", "emphasis"),
            held=marks.held or name in ("H", "fermata"),
            ornament=ORNAMENTS.get(name, marks.ornament),
            graces=marks.graces,
            loudness=DYNAMICS.get(name, marks.loudness),
        )

    def _quote(self, text: str) -> None:
        match = re.match(r"([A-G])([#b]?)(m(?!aj)|min|dim)?", text)
        if match and match[1] + match[2] in PITCH_CLASS:
            kind = {"m": "minor", "min": "minor", "dim": "diminished"}.get(match[3] or "", "major")
            self.voice.chords.append(f"{float(self.voice.at):.6g}:{PITCH_CLASS[match[1] + match[2]]}:{kind}")

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
            alter = ALTERS[accidental]
            if keep:
                self.altered[(name, height)] = alter
        else:
            alter = self.altered.get((name, height), self.signature.get(name, 0))
        return 12 * height + STEPS[name] + alter

    def _note(self, token: re.Match[str]) -> None:
        onset = self.voice.at
        pitch = self._pitch(token["acc"], token["step"], token["oct"])
        self._write(onset, self._advance(length_of(token["len"])), [(pitch, bool(token["tie"]))])

    def _chord(self, token: re.Match[str]) -> None:
        found = list(re.finditer(r"(\^{1,2}|_{1,2}|=)?([A-Ga-g])([,']*)(\d*/*\d*)(-?)", token["inner"]))
        if not found:
            return
        onset = self.voice.at
        beats = self._advance(length_of(found[0][4]) * length_of(token["clen"]))
        tied = bool(token["ctie"])
        self._write(onset, beats, [(self._pitch(m[1], m[2], m[3]), tied or bool(m[5])) for m in found])

    def _write(self, onset: Fraction, beats: Fraction, pitches: list[tuple[int, bool]]) -> None:
        self.voice.write(onset, beats, pitches, self.marks)
        self.marks = Marks(loudness=self.marks.loudness)

    def _bar(self, line: str) -> None:
        self.voice.bar(line, self.metre)
        self.altered = {}

    def finished(self) -> list[Bar]:
        """The bars of all voices laid over each other."""
        for voice in self.voices.values():
            self.voice = voice
            self._bar("|]")
        self.voices = {name: voice for name, voice in self.voices.items() if voice.bars}
        return list(together([voice.bars for voice in self.voices.values()])) if self.voices else []
