"""Hears ABC: tunes, and books of many tunes, played as they are written."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from encoders.abc_notation import read_tune, tunes
from encoders.base import ScoreUnreadable
from encoders.hearing import Heard
from encoders.hearing.files import bytes_of
from encoders.hearing.ranges import MOST_PARTS, check_notes
from encoders.hearing.telling import Header, heard
from encoders.hearing.words import clean, decoded, name_of, told
from encoders.hearing.written import play_written
from encoders.score import Score
from encoders.titles import readable

_LONGEST_TUNE: Final = 400_000
"""Characters of one tune; an orchestral score in ABC has a quarter of that."""
_LONGEST_LINE: Final = 5000
"""Characters of one line: a sign that is opened and never closed is looked for to its end, again and again."""
_REPAIR: Final = "Correct the tune with an ABC editor"


def hear_abc(path: Path) -> Iterator[Heard | ScoreUnreadable]:
    """Every tune of a file, or its fault where it cannot be read. Raises ScoreUnreadable when there is none to hear."""
    text = decoded(bytes_of(path)).replace("\r\n", "\n").replace("\r", "\n")
    found = tunes(text) or ([text] if re.search(r"^K:", text, re.MULTILINE) else [])
    if not found:
        raise ScoreUnreadable(path.name, "it has no tune", "Begin every tune with a line 'X:1' and give its key, 'K:G'")
    if len(found) == 1:
        yield _hear(found[0], path, 0)
        return
    for number, tune in enumerate(found, 1):
        try:
            yield _hear(tune, path, number)
        except ScoreUnreadable as fault:
            yield fault


def _hear(tune: str, path: Path, number: int) -> Heard:
    place = f"{path.name} tune {number}" if number else path.name
    if len(tune) > _LONGEST_TUNE or max(len(line) for line in tune.split("\n")) > _LONGEST_LINE:
        raise ScoreUnreadable(place, "the tune, or a line of it, is longer than any that people write", _REPAIR)
    check_notes(max(1, sum(c in "abcdefgABCDEFG" for c in tune) // 4), place)
    try:
        score = _timed(read_tune(tune, place), tune)
    except (ValueError, TypeError, KeyError, IndexError, ArithmeticError, RecursionError) as exc:
        raise ScoreUnreadable(place, "the tune cannot be followed", _REPAIR) from exc
    if len(score.parts) > MOST_PARTS:
        raise ScoreUnreadable(
            place, f"it has {len(score.parts)} voices, more than the {MOST_PARTS} that are told apart", _REPAIR
        )
    stated = re.search(r"^%%MIDI\s+program\s+(?:\d+\s+)?(\d{1,3})\s*$", tune, re.MULTILINE)
    program = int(stated[1]) if stated and int(stated[1]) < 128 else 0
    remarks = [] if stated else ["no instrument written: piano taken"]
    try:
        played = play_written(score, [program] * len(score.parts), place)
    except (ValueError, TypeError, ArithmeticError, IndexError, RecursionError) as exc:
        raise ScoreUnreadable(place, "the tune cannot be followed", _REPAIR) from exc
    header = _header(score, tune, path, number)
    return heard("abc", header, played.performance, played.content, [*remarks, *played.remarks], place, bool(stated))


def _timed(score: Score, tune: str) -> Score:
    """The score with the tempo of old tunes, 'Q:120' (unit notes a minute), and with whether it has dynamics."""
    tempo = score.tempo
    old = re.search(r"^Q:\s*(?:C\s*=\s*)?(\d{1,3})\s*$", tune, re.MULTILINE)
    unit = re.search(r"^L:\s*(\d{1,3})/(\d{1,3})", tune, re.MULTILINE)
    if tempo is None and old and int(old[1]):
        length = int(unit[1]) / max(1, int(unit[2])) if unit else 1 / 8
        tempo = 4.0 * length * int(old[1])
    tempo = tempo if tempo is not None and 5 <= tempo <= 1500 else None
    dynamic = bool(re.search(r"[!+](p{1,4}|mp|mf|f{1,4}|sfz)[!+]", tune))
    return replace(score, tempo=tempo, dynamic=dynamic)


def _header(score: Score, tune: str, path: Path, number: int) -> Header:
    title = told(readable(score.title)) if score.title else ""
    fields = re.findall(r"^([A-Zw]):[ \t]*(.*)$", tune, re.MULTILINE)
    composer = next((told(value) for name, value in fields if name == "C" and told(value)), "")
    rights = [
        value
        for name, value in fields
        if name in "ZN" and re.search(r"(?i)copyright|©|\(c\)|licen[cs]e|rights|public domain", value)
    ]
    sung = any(name in "wW" and value.strip() for name, value in fields)
    name = name_of(path.stem)
    return Header(
        title or (f"{name} {number}" if number else name), composer, licence=clean("; ".join(rights)), words=sung
    )
