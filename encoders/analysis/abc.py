"""Analyses ABC files: single tunes and tune books, performed as written."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from encoders.analysis.description import describe_notes
from encoders.analysis.piece import AnalysedPiece
from encoders.analysis.ranges import MOST_PARTS
from encoders.base import ScoreUnreadable
from encoders.limits import check_notes
from encoders.notation.abc.lines import decode_escapes, split_tunes
from encoders.notation.abc.tunes import Tune, parse_tune
from encoders.notation.files import read_bytes
from encoders.notation.header import Header
from encoders.notation.score import Score
from encoders.notation.texts import clean, decode_text, keep_human_written, make_title
from encoders.notation.titles import format_title
from encoders.performing.programs import find_program
from encoders.performing.written import play_written

_LONGEST_TUNE: Final = 400_000
"""Characters of one tune; an orchestral score in ABC has a quarter of that."""
_LONGEST_LINE: Final = 5000
"""Characters of one line: each sign that is opened and never closed costs a scan to the end of the line."""
_REPAIR: Final = "Correct the tune with an ABC editor"


def analyse_abc(path: Path) -> Iterator[AnalysedPiece | ScoreUnreadable]:
    """Every tune of a file, or its error where it cannot be read. Raises ScoreUnreadable when the file has no tune."""
    text = decode_text(read_bytes(path)).replace("\r\n", "\n").replace("\r", "\n")
    found = split_tunes(text) or ([text] if re.search(r"^K:", text, re.MULTILINE) else [])
    if not found:
        raise ScoreUnreadable(path.name, "it has no tune", "Begin every tune with a line 'X:1' and give its key, 'K:G'")
    if len(found) == 1:
        yield _analyse_tune(found[0], path, 0)
        return
    for number, tune in enumerate(found, 1):
        try:
            yield _analyse_tune(tune, path, number)
        except ScoreUnreadable as fault:
            yield fault


def _analyse_tune(tune: str, path: Path, number: int) -> AnalysedPiece:
    place = f"{path.name} tune {number}" if number else path.name
    if len(tune) > _LONGEST_TUNE or max(len(line) for line in tune.split("\n")) > _LONGEST_LINE:
        raise ScoreUnreadable(place, "the tune, or a line of it, is longer than any that people write", _REPAIR)
    check_notes(max(1, sum(c in "abcdefgABCDEFG" for c in tune) // 4), place)
    try:
        parsed = parse_tune(tune, place)
        score, players = _keep_pitched_voices(parsed, place)
        if len(score.parts) > MOST_PARTS:
            fault = f"it has {len(score.parts)} voices, more than the {MOST_PARTS} that are told apart"
            raise ScoreUnreadable(place, fault, _REPAIR)
        programs = [program if program is not None else 0 for program in players]
        played = play_written(score, programs, place)
    except (ValueError, TypeError, KeyError, IndexError, ArithmeticError, RecursionError) as exc:
        raise ScoreUnreadable(place, "the tune cannot be followed", _REPAIR) from exc
    known = any(program is not None for program in players)
    remarks = [*map(clean, parsed.remarks), *([] if known else ["no instrument written: piano taken"])]
    if any(parsed.drums):
        remarks.append("its drums are left out: they have no pitch")
    header = _read_header(score, tune, path, number)
    return describe_notes("abc", header, played.performance, played.content, [*remarks, *played.remarks], place, known)


def _keep_pitched_voices(tune: Tune, place: str) -> tuple[Score, list[int | None]]:
    """The tune in the order of playing, with a plausible tempo and without drum voices; and for each remaining voice
    its General MIDI program, where the tune states one."""
    score = tune.arrange_parts()
    tempo = score.tempo if score.tempo is not None and 5 <= score.tempo <= 1500 else None
    pitched = [part for part, drums in enumerate(tune.drums) if not drums]
    if not any(tone.part in pitched for bar in score.bars for tone in bar.tones):
        raise ScoreUnreadable(
            place, "it has only drums, whose notes have no pitch", "Bring music with notes that have one"
        )
    place_of = {part: number for number, part in enumerate(pitched)}
    bars = tuple(
        replace(
            bar,
            tones=tuple(replace(t, part=place_of[t.part]) for t in bar.tones if t.part in place_of),
            marks=tuple(replace(m, part=place_of[m.part]) for m in bar.marks if m.part in place_of),
        )
        for bar in score.bars
    )
    named = [find_program(name) if name else None for name in tune.names]
    players = [tune.programs[part] if tune.programs[part] is not None else named[part] for part in pitched]
    return replace(score, bars=bars, parts=tuple(score.parts[part] for part in pitched), tempo=tempo), players


def _read_header(score: Score, tune: str, path: Path, number: int) -> Header:
    title = keep_human_written(format_title(decode_escapes(score.title))) if score.title else ""
    fields = re.findall(r"^([A-Zw]):[ \t]*(.*)$", tune, re.MULTILINE)
    composer = next(
        (
            keep_human_written(decode_escapes(value))
            for name, value in fields
            if name == "C" and keep_human_written(value)
        ),
        "",
    )
    rights = [
        value
        for name, value in fields
        if name in "ZN" and re.search(r"(?i)copyright|©|\(c\)|licen[cs]e|rights|public domain", value)
    ]
    sung = any(name in "wW" and value.strip() for name, value in fields)
    name = make_title(path.stem)
    return Header(
        title or (f"{name} {number}" if number else name),
        composer,
        licence=clean(decode_escapes("; ".join(rights))),
        words=sung,
    )
