"""Reads what an ABC tune says, sign by sign, into its voices; what sounds and is not read is told."""

import re
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Final

from encoders.notation.abc.chords import chord_of
from encoders.notation.abc.ensemble import Ensemble, check_count
from encoders.notation.abc.grammar import (
    ALTERS,
    IN_CHORD,
    STEPS,
    TOKEN,
    key_of,
    length_of,
    metre_of,
    names_key,
    order_of,
    passes_of,
    signature,
    tempo_of,
)
from encoders.notation.abc.lines import expand_macros, parse_macro
from encoders.notation.abc.signs import HAIRPINS, JUMPS, LEVELS, PLACES, SYMBOLS, is_known
from encoders.notation.abc.voice import Voice
from encoders.notation.score import DynamicMark

_LONGEST: Final = 400_000
"""Characters of music after its macros."""
_LONGEST_REST: Final = 20_000
"""Bars of a voice beyond which no rest of several bars is read."""
_IN_WORDS: Final = re.compile(
    r"(?i)\b(d\.\s*[cs]\.|da capo|dal segno|fine|(to )?coda|segno)|\b(cresc|dim|decresc)|^[_^]?[mpf]{1,4}$"
)
"""What annotations ask of the player in words."""


class AbcReader:
    """Walks through one tune, line by line; voices share the bar lines of their own text."""

    def __init__(self) -> None:
        self.fields: dict[str, list[str]] = {}
        self.begun = False
        self.waiting: list[tuple[str, str]] = []
        self.voices = Ensemble()
        self.unit = Fraction(1, 8)
        self.tonic: int | None = None
        self.fifths = 0
        self.order: list[str] = []
        self.scope = "pitch"
        self.symbols = dict(SYMBOLS)
        self.macros: list[tuple[re.Pattern[str], str]] = []
        self.length = 0
        self.dynamic = False
        self.remarks: dict[str, None] = {}
        self.unknown: dict[str, None] = {}

    @property
    def voice(self) -> Voice:
        """The voice that is written now."""
        return self.voices.voice

    def line(self, kind: str, value: str) -> None:
        """One line, as `read_lines` gives it."""
        if kind == "":
            music = expand_macros(value, self.macros)
            self.length += len(music)
            if self.length > _LONGEST:
                raise ValueError("its macros make it longer than any tune")
            for token in TOKEN.finditer(music.replace("`", "").replace("\\", " ")):
                self._token(token)
        elif kind == "%":
            self._directive(value)
        elif kind == "end":
            self.remarks["it goes on after an empty line, which ends a tune: read all the same"] = None
        elif kind in "Um":
            self._define(kind, value)
        elif self.begun:
            self._field(kind, value)
        else:
            self.fields.setdefault(kind, []).append(value)
            if kind == "V":
                self.waiting.append((kind, value))
            elif kind == "I":
                self._directive(value)
            elif kind == "K":
                self._begin()

    def _begin(self) -> None:
        """Ends the header: what it says holds for all voices."""
        plain, key = self.voices.plain, self.fields["K"][-1]
        plain.metre = metre_of((self.fields.get("M") or ["4/4"])[-1], plain.metre)
        plain.unit = Fraction(1, 16) if Fraction(*plain.metre) < Fraction(3, 4) else Fraction(1, 8)
        self._unit([plain], (self.fields.get("L") or [""])[-1])
        self.unit = plain.unit
        self.tonic, self.fifths = key_of(key)
        plain.signature = signature(self.fifths, key)
        self._move(key)
        self.order = order_of((self.fields.get("P") or [""])[-1])
        self.begun = True
        self.voices.begin()
        for kind, value in self.waiting:
            self._field(kind, value) if kind == "V" else self._directive(value)
        self.voices.main = self.voices.voice = next(iter(self.voices.voices.values()))

    def _move(self, key: str) -> None:
        self.voices.move(key)
        if re.search(r"\bsound=", key):
            self.remarks["not played: sound="] = None

    @staticmethod
    def _unit(voices: Iterable[Voice], text: str) -> None:
        if match := re.match(r"\s*(\d+)(?:/(\d+))?", text):
            for voice in voices:
                voice.unit = Fraction(int(match[1]), int(match[2] or 1))

    def _field(self, kind: str, value: str) -> None:
        voice = self.voice
        if kind == "M":
            for each in self.voices.select_voices():
                each.metre = metre_of(value, each.metre)
        elif kind == "L":
            self._unit(self.voices.select_voices(), value)
        elif kind == "K":
            self._move(value)
            if names_key(value):
                tonic, fifths = key_of(value)
                self.fifths = fifths
                self.tonic = self.tonic if self.tonic is not None else tonic
                for each in self.voices.select_voices():
                    each.signature = signature(fifths, value)
        elif kind == "V":
            self.voices.switch(value)
        elif kind == "P":
            voice.section = voice.opens = True
            voice.again = 0
            voice.labels.append((len(voice.bars), value.strip()))
        elif kind == "Q":
            if tempo := tempo_of(value, voice.unit):
                voice.tempi.append((round(float(voice.at), 6), tempo))
            else:
                self.remarks[f"a tempo without a number within the tune is not taken: {value}"] = None
        elif kind == "s":
            self.remarks["its symbols below the music (s:) are not played"] = None
        elif kind == "I":
            self._directive(value)
        elif kind in "Um":
            self._define(kind, value)

    def _directive(self, text: str) -> None:
        """'MIDI program 73' and its relatives, from a line '%%…' or a field I:."""
        name, _, rest = text.replace("=", " ", 1).strip().partition(" ")
        words = rest.split()
        if name == "propagate-accidentals" and words:
            self.scope = words[0]
        elif name == "transpose":
            self.remarks["not played: %%transpose"] = None
        elif name != "MIDI" or not words:
            return
        elif not self.begun and "V" in self.fields:
            self.waiting.append(("%", text))
        elif remark := self.voices.midi(words[0], words[1:]):
            self.remarks[remark] = None

    def _define(self, kind: str, value: str) -> None:
        if kind == "m":
            check_count(self.macros)
            self.macros.append(parse_macro(value))
        elif match := re.match(r'([~H-Wh-w])\s*=\s*(?:"[^"]*"|[!+]?([^!+\s]*)[!+]?)', value):
            self.symbols[match[1]] = match[2] or "none"

    def _token(self, token: re.Match[str]) -> None:
        if token["note"]:
            self._chord([token], Fraction(1), False)
        elif token["chord"]:
            inner = list(IN_CHORD.finditer(re.sub(r'"[^"]*"', "", token["inner"])))
            for each in inner:
                if each["deco"] or each["mark"]:
                    self._decorate(each["deco"][1:-1] if each["deco"] else self._meaning(each["mark"]))
            notes = [each for each in inner if each["note"]]
            self._chord(notes, length_of(token["clen"]), bool(token["ctie"].endswith("-")))
        elif token["rest"]:
            self._rest(token["rest"], token["rlen"])
        elif token["bar"]:
            self.voices.bar(token["bar"])
        elif token["ending"]:
            passes = token["passes"] or token["passes2"]
            if self.voice.tones or self.voice.at:
                self.voices.bar("|")
            self.voice.endings = tuple(passes_of(passes))
            # The sign before a second ending closes the repeat; it opens none.
            self.voice.opens = self.voice.opens and 1 in self.voice.endings
        elif token["overlay"]:
            self.voices.overlay(len(token["overlay"]))
        elif token["inline"]:
            self._field(token["inline"][1], token["inline"][3:-1])
        elif token["quote"]:
            self._quote(token["quote"][1:-1])
        elif token["deco"]:
            self._decorate(token["deco"][1:-1])
        elif token["grace"]:
            found = re.finditer(r"(\^{1,2}|_{1,2}|=)?([A-Ga-g])([,']*)", token["grace"])
            graces = tuple(self._pitch(m[1], m[2], m[3], keep=False) for m in found)[:4]
            self.voice.marks = replace(self.voice.marks, graces=graces)
        elif token["tuplet"]:
            self.voice.group(int(token["tp"]), token["tq"], token["tr"])
        elif token["broken"]:
            self.voice.dot(token["broken"])
        elif token["open"]:
            self.voice.slurs += 1
        elif token["close"]:
            self.voice.unslur()
        elif token["late"]:
            self.voice.tie()
        elif token["mark"]:
            self._decorate(self._meaning(token["mark"]))
        else:
            self.unknown[token["other"]] = None

    def _meaning(self, letter: str) -> str:
        return self.symbols.get(letter, letter)

    def _decorate(self, name: str) -> None:
        """Keeps a mark for the next tone, or for the bar."""
        voice = self.voice
        at = round(float(voice.at), 6)
        voice.marks = voice.marks.add(name)
        if name in LEVELS:
            voice.levels.append(DynamicMark(at, "level", LEVELS[name]))
            self.dynamic = True
        elif name in HAIRPINS:
            voice.levels.append(DynamicMark(at, HAIRPINS[name]))
        elif name in JUMPS and not voice.at and voice.bars:
            voice.bars[-1] = replace(voice.bars[-1], words="; ".join(filter(None, (voice.bars[-1].words, JUMPS[name]))))
        elif name in JUMPS or name in PLACES:
            voice.words.append(JUMPS.get(name, name))
        elif not is_known(name):
            self.unknown[name if len(name) == 1 else f"!{name}!"] = None

    def _quote(self, text: str) -> None:
        chord = chord_of(text)
        if chord:
            self.voice.chords.append(f"{float(self.voice.at):.6g}:{chord[0]}:{chord[1]}")
        if _IN_WORDS.search(text):
            self.remarks[f"written in words and not played: {text.strip('^_<>@ ')[:40]}"] = None
        elif chord:
            self.remarks["its chord symbols are not played"] = None

    def _rest(self, kind: str, length: str) -> None:
        if kind in "zx":
            self.voice.advance(length_of(length))
        elif kind in "ZX":
            count = int(length_of(length))
            if not 0 < count <= _LONGEST_REST - len(self.voice.bars):
                raise ValueError("its rest is longer than any tune")
            for number in range(count):
                self.voice.at += Fraction(4 * self.voice.metre[0], self.voice.metre[1])
                if number + 1 < count:
                    self.voices.bar("|")

    def _pitch(self, accidental: str | None, step: str, octave: str, keep: bool = True) -> int:
        voice, name = self.voice, step.upper()
        height = 5 + (1 if step.islower() else 0) + octave.count("'") - octave.count(",")
        place = (name, height if self.scope == "octave" else 0)
        if accidental:
            alter = ALTERS[accidental]
            if keep and self.scope != "not":
                voice.altered[place] = alter
        else:
            alter = voice.altered.get(place, voice.tied.get((name, height), voice.signature.get(name, 0)))
        if keep:
            voice.struck[name, height] = alter
        return 12 * height + STEPS[name] + alter + sum(voice.shifts.values())

    def _chord(self, notes: list[re.Match[str]], times: Fraction, tied: bool) -> None:
        """A note, or several at once; the first one's length says when the next begins."""
        if not notes:
            return
        voice, onset = self.voice, self.voice.at
        lengths = [length_of(note["len"]) * times for note in notes]
        beats = voice.advance(lengths[0])
        voice.struck = {}
        pitches: list[tuple[int, Fraction, bool]] = []
        going: dict[tuple[str, int], int] = {}
        for note, length in zip(notes, lengths, strict=True):
            known_before = set(voice.struck)
            pitch = self._pitch(note["acc"], note["step"], note["oct"])
            on = tied or bool(note["tie"])
            if on:
                going |= {name: alter for name, alter in voice.struck.items() if name not in known_before}
            lasts = beats * length / lengths[0] if lengths[0] else Fraction(0)
            if 0 <= pitch <= 127 and lasts > 0:
                pitches.append((pitch, lasts, on))
            else:
                self.remarks["notes that have no length, or that no ear hears, are left out"] = None
        voice.tied = going
        voice.write(onset, pitches)
