"""Lists the signs of a MusicXML file that change the sound and are not played, or are played by a rule of ours.

seed_data/CUES.md has the table of all signs.
"""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

from encoders.notation.musicxml.dynamics import LEVELS
from encoders.notation.musicxml.jumps import find_jump, find_jumps
from encoders.notation.musicxml.swing import EVEN, parse_swing
from encoders.notation.musicxml.values import parse_number, read_tempo
from encoders.notation.tempo_words import TEMPI

_SIGNS: Final = {
    "accidental-mark": "accidentals over ornaments",
    "arpeggiate": "broken chords",
    "beat-repeat": "signs for repeated beats",
    "bend": "bends",
    "breath-mark": "breaths",
    "caesura": "breaths",
    "detached-legato": "detached legato",
    "doit": "scoops and falls",
    "falloff": "scoops and falls",
    "figured-bass": "figured bass",
    "glissando": "glissandos",
    "harmonic": "harmonics",
    "harmony": "chord symbols",
    "haydn": "rare ornaments",
    "other-ornament": "rare ornaments",
    "pedal": "pedal",
    "plop": "scoops and falls",
    "schleifer": "rare ornaments",
    "scoop": "scoops and falls",
    "slide": "glissandos",
    "snap-pizzicato": "plucked strings",
    "soft-accent": "stresses",
    "stress": "stresses",
    "string-mute": "mutes",
    "unpitched": "drums, which have no pitch",
    "unstress": "stresses",
    "wavy-line": "wavy lines",
}
_ATTRIBUTES: Final = {
    "after-jump": "repeats after a jump",
    "attack": "early and late notes",
    "damper-pedal": "pedal",
    "pizzicato": "plucked strings",
    "release": "early and late notes",
    "soft-pedal": "pedal",
    "sostenuto-pedal": "pedal",
    "time-only": "what is for some times through only",
}
_WORDS: Final = (
    (re.compile(r"(?i)\b(rit|riten|ritard|rall|accel|stringendo|allarg|rubato|a tempo|(più|piu|meno) mosso)"), "tempo"),
    (re.compile(r"(?i)\b(cresc|decresc|dim\b|dimin|morendo|smorz|calando)"), "loudness"),
    (re.compile(r"(?i)\b(pizz|(con|senza) sord|sordin|mute)"), "plucking and mutes"),
    (re.compile(r"(?i)\b(ped\b|una corda|tre corde)"), "pedal"),
    (re.compile(r"(?i)\b(da capo|dal segno|d\. ?[cs]\.)"), "jumps to other movements"),
)
"""Words that are not followed -> what they ask for; jumps, swing and the first tempo are."""
_TEMPO: Final = re.compile(rf"(?i)\b({'|'.join(TEMPI)})")
_MOST_GRACES: Final = 4


def list_unplayed(root: ET.Element) -> list[str]:
    """Remarks on the signs of the score that are not played as written."""
    left_out = dict.fromkeys(
        [
            *_list_signs(root),
            *_list_words(root),
            *_list_lost_jumps(root),
            *_list_grace_notes(root),
            *_list_mixer_numbers(root),
        ]
    )
    remarks = [f"not played: {', '.join(left_out)}"] if left_out else []
    parts = root.findall("part")
    bare = sum(next(part.iter("note"), None) is not None and _lacks_divisions(part) for part in parts)
    if bare:
        remarks.append(f"{bare} of {len(parts)} parts state no divisions: taken from the values of their notes")
    if any(t.get("type") == "unmeasured" for t in root.iter("tremolo")):
        remarks.append("its unmeasured tremolos are played with three strokes")
    texts = [
        w.text or "" for d in root.iter("direction") if next(d.iter("swing"), None) is None for w in d.iter("words")
    ]
    if any(parse_swing(text) not in (None, EVEN) for text in texts):
        remarks.append("swing asked for in words: two to one taken")
    return remarks


def _list_signs(root: ET.Element) -> Iterator[str]:
    for element in root.iter():
        tag = element.tag
        if tag in _SIGNS:
            yield _SIGNS[tag]
        elif tag == "dynamics":
            yield from ("rare marks of loudness" for mark in element if mark.tag not in LEVELS)
        elif tag == "metronome" and not read_tempo(element):
            yield "tempo marks without a number"
        elif tag == "barline" and element.find("fermata") is not None:
            yield "fermatas over bar lines"
        elif tag == "note" and element.find("rest") is not None and element.find("notations/fermata") is not None:
            yield "fermatas over rests"
        elif tag == "alter" and parse_number(element.text) % 1:
            yield "quarter tones, taken to the next semitone"
        elif tag == "notehead" and (element.text or "").strip() == "slash":
            yield "slashes"
        elif tag in ("tie", "tied") and element.get("type") == "let-ring":
            yield "notes left to ring"
        elif tag == "transpose" and element.find("double") is not None:
            yield "doubling in octaves"
        elif tag == "offset" and element.get("sound") == "yes":
            yield "offsets of directions"
        elif tag == "sound" and (
            element.find("midi-instrument") is not None or element.find("instrument-change") is not None
        ):
            yield "changes of instrument"
        for name, value in element.items():
            if name in _ATTRIBUTES and value != "no":
                yield _ATTRIBUTES[name]


def _list_words(root: ET.Element) -> Iterator[str]:
    tempi = 0
    for measure in root.iter("measure"):
        numbered = any(sound.get("tempo") for sound in measure.iter("sound"))
        numbered = numbered or next(measure.iter("metronome"), None) is not None
        for words in measure.iter("words"):
            text = words.text or ""
            if not find_jump(text.strip()):
                yield from (f"{what} in words" for pattern, what in _WORDS if pattern.search(text))
            tempi += not numbered and _TEMPO.search(text) is not None
    written = any(sound.get("tempo") for sound in root.iter("sound")) or next(root.iter("metronome"), None) is not None
    if tempi > (0 if written else 1):
        yield "tempo in words"


def _list_lost_jumps(root: ET.Element) -> Iterator[str]:
    found = {jump for tag in ("direction", "sound") for element in root.iter(tag) for jump in find_jumps(element)}
    for jump, place in (("dal segno", "segno"), ("to coda", "coda")):
        if jump in found and place not in found:
            yield f"a jump to a {place} that is not there"


def _list_grace_notes(root: ET.Element) -> Iterator[str]:
    for part in root.iter("part"):
        row = 0
        for note in part.iter("note"):
            row = row + 1 if note.find("grace") is not None else 0
            if row > _MOST_GRACES:
                yield f"little notes before the last {_MOST_GRACES}"
        if row:
            yield "little notes that nothing follows"


def _list_mixer_numbers(root: ET.Element) -> Iterator[str]:
    """Settings for a mixer, where they differ between parts or notes; equal ones have no effect."""
    if len({(volume.text or "").strip() for volume in root.iter("volume")}) > 1:
        yield "volumes of parts"
    if len({note.get("dynamics") for note in root.iter("note")} - {None}) > 1:
        yield "loudness of single notes"
    for part in root.findall("part"):
        if len({instrument.get("id") for instrument in part.iterfind("measure/note/instrument")}) > 1:
            yield "changes of instrument"


def _lacks_divisions(part: ET.Element) -> bool:
    """Whether a note stands before the part's first divisions."""
    return next((e.tag for e in part.iter() if e.tag in ("divisions", "duration")), "") == "duration"
