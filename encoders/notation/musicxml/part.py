"""Reads one part of a MusicXML file, measure by measure, into bars."""

import re
from fractions import Fraction
from xml.etree import ElementTree as ET

from encoders.notation.musicxml.dynamics import read_hairpins, read_levels, read_playback_level
from encoders.notation.musicxml.jumps import find_jump, find_jumps
from encoders.notation.musicxml.swing import read_swing
from encoders.notation.musicxml.tremolo import Tremolo
from encoders.notation.musicxml.values import infer_divisions, parse_number, parse_quantity, read_tempo
from encoders.notation.score import Bar, DynamicMark, Tone

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ORNAMENTS = {
    "trill-mark": "trill",
    "mordent": "mordent",
    "inverted-mordent": "inverted",
    "turn": "turn",
    "inverted-turn": "turn",
}
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


class PartReader:
    """The bars of one part; `Tone.part` is the number of the staff."""

    def __init__(self, element: ET.Element, name: str, divisions: Fraction) -> None:
        """`divisions` of a quarter note: used where neither the part nor the values of its notes state them."""
        self.name = name
        self.divisions = divisions
        self.divided = False
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
        self.swing: list[tuple[float, float, float]] = []
        self.marks: list[DynamicMark] = []
        self.slurs: dict[str, int] = {}
        self.ending: tuple[int, ...] = ()
        self.graces: list[int] = []
        self.tremolo = Tremolo()
        self.repeated = 0
        self.pending_section = False
        self.pending_opens = False
        # Programs that scan printed music write only the notation of ties (`tied`), not their sound (`tie`).
        self.tie = "tie" if next(element.iter("tie"), None) is not None else "notations/tied"
        self.bars: list[Bar] = []
        for measure in element.findall("measure"):
            self.bars.append(self._read_bar(measure))

    def _read_bar(self, measure: ET.Element) -> Bar:
        at = last = longest = Fraction(0)
        tones: list[Tone] = []
        opens, section, closes, jumps = self.pending_opens, self.pending_section, 0, []
        self.pending_opens = self.pending_section = False
        chords: list[str] = []
        ends = False
        self.tremolo.begin_bar()
        if not self.divided:
            self.divisions = infer_divisions(measure) or self.divisions
        for item in measure:
            if item.tag == "note":
                beats = parse_quantity(item.findtext("duration")) / self.divisions
                onset = last if item.find("chord") is not None else at
                self._read_note(item, onset, beats, tones)
                if item.find("chord") is None and item.find("grace") is None:
                    last, at = at, at + beats
            elif item.tag in ("backup", "forward"):
                step = parse_quantity(item.findtext("duration")) / self.divisions
                at += step if item.tag == "forward" else -step
                at = max(at, Fraction(0))
            elif item.tag == "attributes":
                self._read_attributes(item)
            elif item.tag in ("direction", "sound"):
                jumps += self._read_direction(item, at)
                opens = opens or any(sound.get("forward-repeat") == "yes" for sound in (item, *item.findall("sound")))
            elif item.tag == "harmony":
                chords += self._read_harmony(item, at)
            elif item.tag == "barline":
                left = item.get("location", "right") == "left"
                style = item.findtext("bar-style") or ""
                repeat, ending = item.find("repeat"), item.find("ending")
                if repeat is not None and repeat.get("direction") == "forward":
                    opens = True
                elif repeat is not None:
                    closes = int(parse_number(repeat.get("times"), 2))
                if ending is not None and ending.get("type") == "start":
                    self.ending = tuple(int(n) for n in re.findall(r"\d+", ending.get("number") or "1")) or (1,)
                elif ending is not None:
                    ends = True
                if style in ("light-light", "heavy-light") or (style == "light-heavy" and not left):
                    section, self.pending_section = (True, False) if left else (section, True)
            longest = max(longest, at)
        if not tones and 0 < self.repeated <= len(self.bars):
            # A measure-repeat sign, in a file that does not write out the repeated notes.
            before = self.bars[-self.repeated]
            tones, longest = list(before.tones), Fraction(before.beats)
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
            swing=tuple(self.swing),
        )
        self.tempi, self.marks, self.swing = [], [], []
        if ends:
            self.ending = ()
        return bar

    def _read_attributes(self, item: ET.Element) -> None:
        if (divisions := parse_quantity(item.findtext("divisions"))) > 0:
            self.divisions, self.divided = divisions, True
        if (again := item.find("measure-style/measure-repeat")) is not None:
            self.repeated = int(parse_number(again.text, 1)) if again.get("type") == "start" else 0
        key = item.find("key")
        if key is not None and key.findtext("fifths") and not self.keyed:
            self.keyed = True
            self.fifths = int(parse_number(key.findtext("fifths")))
            mode = key.findtext("mode")
            if mode in ("major", "minor"):
                self.tonic = (7 * self.fifths + (9 if mode == "minor" else 0)) % 12
        if (time := item.find("time")) is not None and time.findtext("beats"):
            counts = sum(int(x) for x in re.findall(r"\d{1,3}", time.findtext("beats") or "4"))
            units = [int(x) for x in re.findall(r"\d{1,3}", time.findtext("beat-type") or "4")]
            self.metre = (counts, units[0]) if counts and any(units[:1]) else self.metre
        if (shift := item.find("transpose")) is not None:
            octaves = int(parse_number(shift.findtext("octave-change")))
            self.transpose = int(parse_number(shift.findtext("chromatic"))) + 12 * octaves

    def _read_direction(self, item: ET.Element, at: Fraction) -> list[str]:
        written = self._read_levels(item, at)
        self.marks += read_hairpins(item, at)
        for sound in [item] if item.tag == "sound" else item.findall("sound"):
            if (tempo := parse_number(sound.get("tempo"))) > 0:
                self.tempo = tempo if self.tempo is None else self.tempo
                self.tempi.append((round(float(at), 6), tempo))
            if (percent := parse_number(sound.get("dynamics"))) > 0 and not written:
                self.marks.append(read_playback_level(percent, at))
                self.dynamic = True
        if not any(sound.get("tempo") for sound in item.findall("sound")):
            self.tempi += [(round(float(at), 6), tempo) for m in item.iter("metronome") if (tempo := read_tempo(m)) > 0]
        texts = [(words.text or "").strip() for words in item.iter("words")]
        self.words += [text for text in texts if text and not find_jump(text)][: 6 - len(self.words)]
        if feel := read_swing(item):
            self.swing.append((round(float(at), 6), *feel))
        return find_jumps(item)

    @staticmethod
    def _read_harmony(item: ET.Element, at: Fraction) -> list[str]:
        step = item.findtext("root/root-step")
        kind = _KINDS.get((item.findtext("kind") or "major").strip(), "major")
        if step not in _STEPS:
            return []
        root = (_STEPS[step] + int(parse_number(item.findtext("root/root-alter")))) % 12
        return [f"{float(at):.6g}:{root}:{kind}"]

    def _read_note(self, item: ET.Element, onset: Fraction, beats: Fraction, tones: list[Tone]) -> None:
        pitch = item.find("pitch")
        if pitch is None or item.find("cue") is not None or (item.findtext("notehead") or "").strip() == "slash":
            return
        step, octave = (pitch.findtext("step") or "C").strip(), int(parse_number(pitch.findtext("octave"), 4))
        alter = round(parse_number(pitch.findtext("alter")))
        key = 12 * (octave + 1) + _STEPS.get(step, 0) + alter + self.transpose
        if item.find("grace") is not None:
            self.graces.append(key)
            return
        if beats <= 0 or not 0 <= key <= 127:
            return
        staff = int(parse_number(item.findtext("staff"), 1))
        if staff not in self.staves:
            self.staves.append(staff)
        slurred = bool(self.slurs)
        ornament, short, accented, held = "", False, False, False
        for notations in item.findall("notations"):
            for slur in notations.findall("slur"):
                if slur.get("type") == "start":
                    self.slurs[slur.get("number", "1")] = 1
                elif slur.get("type") == "stop":
                    self.slurs.pop(slur.get("number", "1"), None)
            slurred = bool(self.slurs)
            held = held or notations.find("fermata") is not None
            for group in notations.findall("ornaments"):
                ornament = next((_ORNAMENTS[o.tag] for o in group if o.tag in _ORNAMENTS), ornament)
            for group in notations.findall("articulations"):
                short = short or any(group.find(n) is not None for n in ("staccato", "staccatissimo", "spiccato"))
                accented = accented or any(group.find(n) is not None for n in ("accent", "strong-accent"))
            self._read_levels(notations, onset)
        tone = Tone(
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
        tones.append(self.tremolo.apply(item, tone, tones))
        self.graces = []

    def _read_levels(self, item: ET.Element, at: Fraction) -> bool:
        """Whether the element has level marks; they apply to the notes that follow in the file."""
        found = [mark for dynamics in item.iter("dynamics") for mark in read_levels(dynamics, at)]
        for mark in found:
            self.loudness, self.dynamic = mark.loudness, True
        self.marks += found
        return bool(found)
