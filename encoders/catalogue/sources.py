"""Reads scores from the corpus of the `music21` package, by their names in the catalogue."""

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from encoders.base import ScoreUnreadable
from encoders.notation.abc.lines import split_tunes
from encoders.notation.abc.tunes import read_tune
from encoders.notation.musicxml.document import read_musicxml
from encoders.notation.score import Bar, Score, Tone

PREFIX = "music21:"
_OCTAVE = "%%propagate-accidentals octave\n"
"""A directive for the tune books, which precede abc 2.1: accidentals apply to their own octave."""


@dataclass(frozen=True, slots=True)
class ScoreSource:
    """The place of a score: a file of the corpus, and a tune or section of it."""

    path: str
    tune: int = 0
    """1 for the first tune of a tune book, 0 for a file that is one score."""
    bars: tuple[int, int] | None = None
    """First and last bar of a section, counted from 1; None for all."""

    def __str__(self) -> str:
        part = f"#{self.tune}" if self.tune else f"@{self.bars[0]}-{self.bars[1]}" if self.bars else ""
        return f"{PREFIX}{self.path}{part}"

    @classmethod
    def parse(cls, text: str) -> "ScoreSource":
        """Parses `music21:path`, `music21:path#tune` or `music21:path@first-last`; ScoreUnreadable otherwise."""
        if not text.startswith(PREFIX):
            raise ScoreUnreadable(text, "a score's name begins with 'music21:'", "Write 'music21:bach/bwv269.mxl'")
        path, _, number = text.removeprefix(PREFIX).partition("#")
        if number and not number.isdigit():
            raise ScoreUnreadable(text, "what follows '#' is not a number", "Write 'music21:airdsAirs/book1.abc#12'")
        path, _, bars = path.partition("@")
        match = re.fullmatch(r"([1-9]\d*)-([1-9]\d*)", bars)
        if bars and (number or not match or int(match[1]) > int(match[2])):
            raise ScoreUnreadable(text, "what follows '@' are no bars", "Write 'music21:bach/bwv269.mxl@1-8'")
        return cls(path, int(number or 0), (int(match[1]), int(match[2])) if match else None)


def find_corpus() -> Path:
    """The corpus folder of the `music21` package, found without importing the package, which takes seconds."""
    spec = find_spec("music21")
    if spec is None or spec.origin is None:
        raise ScoreUnreadable("music21", "the package is not installed", "Run 'make setup'")
    return Path(spec.origin).parent / "corpus"


def read_music21(source: str) -> Score:
    """The score of a name in the catalogue; ScoreUnreadable when it is missing or invalid."""
    wanted = ScoreSource.parse(source)
    if not wanted.path.endswith(".abc"):
        return _select_bars(_read_whole(wanted.path), wanted)
    texts = _read_tunes(wanted.path)
    if not wanted.tune:
        return _merge_voices([read_tune(text, source) for text in texts])
    if wanted.tune > len(texts):
        raise ScoreUnreadable(source, f"the file has {len(texts)} tunes", "Name one of them")
    return read_tune(texts[wanted.tune - 1], source)


@lru_cache(maxsize=2)
def _read_whole(path: str) -> Score:
    """A whole score; cached, since reading a quartet takes seconds and its sections follow each other."""
    return read_musicxml(_read_bytes(path), PREFIX + path)


def _select_bars(score: Score, wanted: ScoreSource) -> Score:
    """The score's bars of the section, or all."""
    if wanted.bars is None:
        return score
    first, last = wanted.bars
    if last > len(score.bars):
        raise ScoreUnreadable(str(wanted), f"the score has {len(score.bars)} bars", "Name some of them")
    return replace(score, bars=score.bars[first - 1 : last])


def count_tunes(path: str) -> int:
    """Number of tunes in a tune book of the corpus."""
    return len(_read_tunes(path))


def hash_source(source: str) -> str:
    """SHA-256 of the file of a score, which shows changes of the package."""
    return hashlib.sha256(_read_bytes(ScoreSource.parse(source).path)).hexdigest()


@lru_cache(maxsize=8)
def _read_bytes(path: str) -> bytes:
    file = find_corpus() / path
    if ".." in Path(path).parts or not file.is_file():
        raise ScoreUnreadable(PREFIX + path, "the installed music21 has no such file", "Install the locked version")
    return file.read_bytes()


@lru_cache(maxsize=8)
def _read_tunes(path: str) -> tuple[str, ...]:
    data = _read_bytes(path)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return tuple(_OCTAVE + tune for tune in split_tunes(text))


def _merge_voices(parts: list[Score]) -> Score:
    """Merges part books, in which each tune is a voice, and divides them into bars of their metre."""
    count, unit = parts[0].bars[0].metre
    length = 4.0 * count / unit
    rows: dict[int, list[Tone]] = defaultdict(list)
    longest = 0.0
    for number, score in enumerate(parts):
        at = 0.0
        for bar in score.bars:
            for tone in bar.tones:
                # A tone may last beyond the bar it begins in.
                row = int((at + tone.onset) / length + 1e-9)
                rows[row].append(replace(tone, onset=round(at + tone.onset - row * length, 6), part=number))
            at = round(at + bar.beats, 6)
        longest = max(longest, at)
    bars = []
    for row in range(max(1, round(longest / length + 0.49))):
        tones = tuple(sorted(rows[row], key=lambda t: (t.onset, t.part, t.pitch)))
        bars.append(Bar(tones, min(length, round(longest - row * length, 6)), (count, unit)))
    return replace(parts[0], bars=tuple(bars), parts=tuple(s.title for s in parts))
