"""One part of a MusicXML file: walks its measures and writes down the bars that sound."""

import re
from fractions import Fraction
from math import isfinite
from xml.etree import ElementTree as ET

from encoders.musicxml_dynamics import hairpins, levels, playback
from encoders.score import Bar, Mark, Tone

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ORNAMENTS = {
    "trill-mark": "trill",
    "mordent": "mordent",
    "inverted-mordent": "inverted",
    "turn": "turn",
    "inverted-turn": "turn",
}
_UNITS = {"whole": 4.0, "half": 2.0, "quarter": 1.0, "eighth": 0.5, "16th": 0.25}
_JUMPS = ("da capo", "dal segno", "segno", "fine", "coda", "to coda")
_KINDS = {
    "major": "major",
    "minor": "minor",
    "dominant": "major",
    "major-seventh": "major",
    "minor-seventh": "minor",
    "diminished": "diminished",
    "suspended-fourth": "major",
    "dominant-ninth": "major",
    "major-sixth": "major",
}


class Part:
    """One part of the file: its bars, with a row of tones a staff."""

    def __init__(self, element: ET.Element, name: str) -> None:
        self.name = name
        self.divisions = 1
        self.metre = (4, 4)
        self.fifths = 0
        self.tonic: int | None = None
        self.keyed = False
        self.transpose = 0
        self.tempo: float | None = None
        self.words: list[str] = []
        self.staves: list[int] = []
        self.loudness = 0.0
        self.dynamic = False
        self.tempi: list[tuple[float, float]] = []
        self.marks: list[Mark] = []
        self.slurs: dict[str, int] = {}
        self.ending: tuple[int, ...] = ()
        self.graces: list[int] = []
        self.pending_section = False
        self.pending_opens = False
        # Programs that read printed music write only the bows of ties, not that the tone goes on.
        self.tie = "tie" if next(element.iter("tie"), None) is not None else "notations/tied"
        self.bars = [self._bar(measure) for measure in element.findall("measure")]

    def _bar(self, measure: ET.Element) -> Bar:
        at = last = longest = Fraction(0)
        tones: list[Tone] = []
        opens, section, closes, jumps = self.pending_opens, self.pending_section, 0, []
        self.pending_opens = self.pending_section = False
        chords: list[str] = []
        ends = False
        for item in measure:
            if item.tag == "note":
                beats = Fraction(int(_number(item.findtext("duration"))), self.divisions)
                onset = last if item.find("chord") is not None else at
                self._note(item, onset, beats, tones)
                if item.find("chord") is None and item.find("grace") is None:
                    last, at = at, at + beats
            elif item.tag in ("backup", "forward"):
                step = Fraction(int(_number(item.findtext("duration"))), self.divisions)
                at += step if item.tag == "forward" else -step
                at = max(at, Fraction(0))
            elif item.tag == "attributes":
                self._attributes(item)
            elif item.tag in ("direction", "sound"):
                jumps += self._direction(item, at)
            elif item.tag == "harmony":
                chords += self._harmony(item, at)
            elif item.tag == "barline":
                left = item.get("location", "right") == "left"
                style = item.findtext("bar-style") or ""
                repeat, ending = item.find("repeat"), item.find("ending")
                if repeat is not None and repeat.get("direction") == "forward":
                    opens = True
                elif repeat is not None:
                    closes = int(_number(repeat.get("times"), 2))
                if ending is not None and ending.get("type") == "start":
                    self.ending = tuple(int(n) for n in re.findall(r"\d+", ending.get("number") or "1")) or (1,)
                elif ending is not None:
                    ends = True
                if style in ("light-light", "heavy-light") or (style == "light-heavy" and not left):
                    section, self.pending_section = (True, False) if left else (section, True)
            longest = max(longest, at)
        bar = Bar(
            tuple(tones),
            round(float(longest), 6),
            self.metre,
            opens,
            closes,
            self.ending,
            section,
            "; ".join(jumps),
            " ".join(chords),
            tuple(self.tempi),
            marks=tuple(self.marks),
        )
        self.tempi, self.marks = [], []
        if ends:
            self.ending = ()
        return bar

    def _attributes(self, item: ET.Element) -> None:
        if divisions := item.findtext("divisions"):
            self.divisions = max(1, int(_number(divisions, 1)))
        key = item.find("key")
        if key is not None and key.findtext("fifths") and not self.keyed:
            self.keyed = True
            self.fifths = int(_number(key.findtext("fifths")))
            mode = key.findtext("mode")
            if mode in ("major", "minor"):
                self.tonic = (7 * self.fifths + (9 if mode == "minor" else 0)) % 12
        if (time := item.find("time")) is not None and time.findtext("beats"):
            counts = sum(int(x) for x in re.findall(r"\d{1,3}", time.findtext("beats") or "4"))
            units = [int(x) for x in re.findall(r"\d{1,3}", time.findtext("beat-type") or "4")]
            self.metre = (counts, units[0]) if counts and any(units[:1]) else self.metre
        if (shift := item.find("transpose")) is not None:
            octaves = int(_number(shift.findtext("octave-change")))
            self.transpose = int(_number(shift.findtext("chromatic"))) + 12 * octaves

    def _direction(self, item: ET.Element, at: Fraction) -> list[str]:
        jumps: list[str] = []
        written = self._levels(item, at)
        self.marks += hairpins(item, at)
        for sound in [item] if item.tag == "sound" else item.findall("sound"):
            if (tempo := _number(sound.get("tempo"))) > 0:
                self.tempo = tempo if self.tempo is None else self.tempo
                self.tempi.append((round(float(at), 6), tempo))
            if (percent := _number(sound.get("dynamics"))) > 0 and not written:
                self.marks.append(playback(percent, at))
                self.dynamic = True
            jumps += [name for name in _JUMPS if sound.get(name.replace(" ", ""))]
        if not any(sound.get("tempo") for sound in item.findall("sound")):
            self.tempi += [(round(float(at), 6), tempo) for m in item.iter("metronome") if (tempo := _metronome(m)) > 0]
        for words in item.iter("words"):
            text = (words.text or "").strip()
            if re.match(r"(?i)d\.\s*c\.|da capo", text):
                jumps.append("da capo")
            elif re.match(r"(?i)d\.\s*s\.|dal segno", text):
                jumps.append("dal segno")
            elif re.match(r"(?i)fine\b", text):
                jumps.append("fine")
            elif text and len(self.words) < 6:
                self.words.append(text)
        if item.find("direction-type/segno") is not None:
            jumps.append("segno")
        return list(dict.fromkeys(jumps))

    @staticmethod
    def _harmony(item: ET.Element, at: Fraction) -> list[str]:
        step = item.findtext("root/root-step")
        kind = _KINDS.get((item.findtext("kind") or "major").strip(), "major")
        if step not in _STEPS:
            return []
        root = (_STEPS[step] + int(_number(item.findtext("root/root-alter")))) % 12
        return [f"{float(at):.6g}:{root}:{kind}"]

    def _note(self, item: ET.Element, onset: Fraction, beats: Fraction, tones: list[Tone]) -> None:
        pitch = item.find("pitch")
        if pitch is None or item.find("cue") is not None:
            return
        step, octave = (pitch.findtext("step") or "C").strip(), int(_number(pitch.findtext("octave"), 4))
        alter = round(_number(pitch.findtext("alter")))
        key = 12 * (octave + 1) + _STEPS.get(step, 0) + alter + self.transpose
        if item.find("grace") is not None:
            self.graces.append(key)
            return
        if beats <= 0 or not 0 <= key <= 127:
            return
        staff = int(_number(item.findtext("staff"), 1))
        if staff not in self.staves:
            self.staves.append(staff)
        slurred = bool(self.slurs)
        ornament, short, accented, held = "", False, False, False
        for notations in item.findall("notations"):
            for slur in notations.findall("slur"):
                number = slur.get("number", "1")
                if slur.get("type") == "start":
                    self.slurs[number] = 1
                elif slur.get("type") == "stop":
                    self.slurs.pop(number, None)
            slurred = bool(self.slurs)
            held = held or notations.find("fermata") is not None
            for group in notations.findall("ornaments"):
                ornament = next((_ORNAMENTS[o.tag] for o in group if o.tag in _ORNAMENTS), ornament)
            for group in notations.findall("articulations"):
                short = short or any(group.find(n) is not None for n in ("staccato", "staccatissimo", "spiccato"))
                accented = accented or any(group.find(n) is not None for n in ("accent", "strong-accent"))
            self._levels(notations, onset)
        tones.append(
            Tone(
                round(float(onset), 6),
                round(float(beats), 6),
                key,
                staff,
                tied=any(tie.get("type") == "start" for tie in item.findall(self.tie)),
                slurred=slurred,
                short=short,
                accented=accented,
                held=held,
                ornament=ornament,
                graces=tuple(self.graces[-4:]),
                loudness=self.loudness,
            )
        )
        self.graces = []

    def _levels(self, item: ET.Element, at: Fraction) -> bool:
        """Whether marks of loudness stand there; they hold for what the file writes after them."""
        found = [mark for dynamics in item.iter("dynamics") for mark in levels(dynamics, at)]
        for mark in found:
            self.loudness, self.dynamic = mark.loudness, True
        self.marks += found
        return bool(found)


def _number(text: str | None, default: float = 0.0) -> float:
    """The number that a text is; the default where it is none, or none that music needs."""
    try:
        value = float(text) if text else default
    except ValueError:
        return default
    return value if isfinite(value) and abs(value) < 1e9 else default


def _metronome(item: ET.Element) -> float:
    """Quarter notes a minute of a metronome mark; 0 where it has no number, as 'crotchet = minim' has not."""
    unit = _UNITS.get((item.findtext("beat-unit") or "").strip())
    found = re.search(r"\d{1,4}(\.\d{1,4})?", item.findtext("per-minute") or "")
    if unit is None or found is None:
        return 0.0
    return unit * (1.5 if item.find("beat-unit-dot") is not None else 1.0) * float(found[0])
