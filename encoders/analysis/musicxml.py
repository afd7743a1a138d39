"""Analyses MusicXML files, plain or compressed, performed as written."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from encoders.analysis.description import describe_notes
from encoders.analysis.piece import AnalysedPiece
from encoders.analysis.ranges import MOST_PARTS
from encoders.base import ScoreUnreadable
from encoders.notation.files import read_bytes
from encoders.notation.header import Header
from encoders.notation.musicxml.document import parse_score
from encoders.notation.musicxml.markup import parse_root
from encoders.notation.musicxml.unplayed import list_unplayed
from encoders.notation.score import Score
from encoders.notation.texts import clean, keep_human_written, make_title
from encoders.performing.programs import find_program
from encoders.performing.written import play_written

_FOLLOW: Final = "its score cannot be followed: its bars contradict each other"
_VOICE, _STRING_BASS = 52, 32
_BASS: Final = re.compile(r"(?i)\s*bass(es)?[\s\d]*")
_OPEN: Final = "Open it in a notation program and export it again"


def analyse_musicxml(path: Path) -> AnalysedPiece:
    """The piece in a MusicXML file. Raises ScoreUnreadable when it cannot be read or measured."""
    place = path.name
    root = parse_root(read_bytes(path), place)
    try:
        score = parse_score(root, place)
    except (ValueError, TypeError, KeyError, IndexError, ArithmeticError, AttributeError, RecursionError) as exc:
        raise ScoreUnreadable(place, _FOLLOW, _OPEN) from exc
    remarks = list_unplayed(root)
    players = _read_programs(root)
    score, drums = _remove_drums(score, players)
    if drums:
        remarks.append("its drums are left out: they have no pitch")
    if not any(bar.tones for bar in score.bars):
        raise ScoreUnreadable(
            place, "it has only drums, whose notes have no pitch", "Bring music with notes that have one"
        )
    if len(score.parts) > MOST_PARTS:
        fault = f"it has {len(score.parts)} staves, more than the {MOST_PARTS} that are told apart"
        raise ScoreUnreadable(place, fault, "Bring a version with fewer parts")
    found = [players.get(name, (None, False))[0] for name in score.part_ids]
    known = any(program is not None for program in found)
    if not known:
        remarks.append("no instrument written: piano taken")
    programs = [program if program is not None else 0 for program in found]
    try:
        played = play_written(score, programs, place)
    except (ValueError, TypeError, ArithmeticError, IndexError, RecursionError) as exc:
        raise ScoreUnreadable(place, _FOLLOW, _OPEN) from exc
    header = _read_header(root, score, path)
    return describe_notes(
        "musicxml", header, played.performance, played.content, [*remarks, *played.remarks], place, known
    )


def _read_programs(root: ET.Element) -> dict[str, tuple[int | None, bool]]:
    """Part id -> its General MIDI program, stated or found by its name, else None; and whether it is a drum part."""
    found: dict[str, tuple[int | None, bool]] = {}
    sung = {part.get("id", "") for part in root.findall("part") if next(part.iter("lyric"), None) is not None}
    basses: list[str] = []
    for part in root.iter("score-part"):
        names = [part.findtext("score-instrument/instrument-name"), part.findtext("part-name")]
        names += [sound.text for sound in part.iter("instrument-sound")]
        program = next((p for name in names if name and (p := find_program(name.replace(".", " "))) is not None), None)
        stated = part.findtext("midi-instrument/midi-program") or ""
        if re.fullmatch(r"\s*\d{1,3}\s*", stated) and 1 <= int(stated) <= 128 and (program is None or int(stated) > 1):
            # Programs that never set it write the first one, the piano, for every instrument.
            program = int(stated) - 1
        elif (
            program == _VOICE and part.get("id", "") not in sung and any(_BASS.fullmatch(name or "") for name in names)
        ):
            basses.append(part.get("id", ""))
        drums = (part.findtext("midi-instrument/midi-channel") or "").strip() == "10"
        found[part.get("id", "")] = (program, drums)
    if not any(program == _VOICE for name, (program, _) in found.items() if name not in basses):
        # Where nobody sings, a bass is one with strings.
        found |= {name: (_STRING_BASS, found[name][1]) for name in basses}
    return found


def _remove_drums(score: Score, players: dict[str, tuple[int | None, bool]]) -> tuple[Score, bool]:
    """The score without the tones of parts that are drums, and whether it had any."""
    drums = {number for number, name in enumerate(score.part_ids) if players.get(name, (None, False))[1]}
    if not drums:
        return score, False
    bars = tuple(replace(bar, tones=tuple(t for t in bar.tones if t.part not in drums)) for bar in score.bars)
    return replace(score, bars=bars), True


def _read_header(root: ET.Element, score: Score, path: Path) -> Header:
    work, movement = (
        keep_human_written(root.findtext("work/work-title")),
        keep_human_written(root.findtext("movement-title")),
    )
    written = {
        kind: keep_human_written(credit.findtext("credit-words"))
        for credit in root.findall("credit")
        for kind in [(credit.findtext("credit-type") or "").strip()]
    }
    title = work or movement or written.get("title", "")
    if work and movement and movement.casefold() not in work.casefold():
        title = clean(f"{work}: {movement}") if work.casefold() not in movement.casefold() else movement
    creators = {c.get("type", "composer"): keep_human_written(c.text) for c in reversed(list(root.iter("creator")))}
    artist = creators.get("composer") or written.get("composer") or creators.get("arranger") or ""
    sung = any(lyric.findtext("text") for lyric in root.iter("lyric"))
    return Header(title or make_title(path.stem), artist, work if work != title else "", clean(score.rights), sung)
