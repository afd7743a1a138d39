"""Which scores the catalogue plays, and how: read from the tables in seed_data, where people edit them."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from encoders.base import ScoreUnreadable
from encoders.performing.accompaniment import SETTINGS
from encoders.performing.performance import ARTICULATIONS, LEVELS

COLLECTIONS, WORKS, MANNERS = "collections.csv", "works.csv", "manners.csv"
_ENERGIES, _MODES = ("cool", "middle", "hot"), ("any", "major", "minor")


@dataclass(frozen=True, slots=True)
class Collection:
    """Scores that share a folder, an author and a licence; and whether they may be used."""

    under: str
    """Beginning of their paths in the corpus."""
    artist_id: str
    artist: str
    kind: str
    """What kind of pieces they are, unless the table of works or the tune itself says otherwise."""
    score_licence: str
    licence_note: str
    works: int | None
    """How many of its tunes are played; none for all. Keeps one collection from filling the catalogue."""
    used: bool


@dataclass(frozen=True, slots=True)
class Work:
    """A score with a name of its own; tunes of tune books are named in their files and stand in no table."""

    path: str
    title: str
    kind: str
    tempo: float | None
    """BPM that suits it, where one tempo does for no other work of its kind."""
    beat: float | None
    """Quarter notes in a beat of that tempo."""


@dataclass(frozen=True, slots=True)
class Way:
    """One style in which a kind of piece can be played: ranges and choices, from which a row takes one each."""

    kind: str
    style: str
    energy: str
    """'cool', 'middle' or 'hot': a piece is played with different energies, and a lament with no hot one."""
    mode: str
    """'major' or 'minor' where it suits only such pieces, else 'any'."""
    notes: int | None
    """How many notes of the piece's usual length a beat has, where the style and not the metre decides."""
    low: float
    high: float
    """BPM; for works with a tempo of their own, shares of it."""
    level: str
    articulation: str
    setting: str
    swing: float
    seconds: float
    """How long a performance should be, as near as whole times through come to it."""
    instruments: tuple[tuple[str, tuple[int, ...]], ...]
    """Names with General MIDI programs, part by part."""


@dataclass(frozen=True, slots=True)
class Repertoire:
    """The three tables, read and checked against each other."""

    collections: tuple[Collection, ...]
    works: tuple[Work, ...]
    ways: tuple[Way, ...]

    @classmethod
    def read(cls, folder: Path) -> "Repertoire":
        """The tables of a folder. Raises `ScoreUnreadable` that names every row which cannot be used."""
        faults: list[str] = []
        collections = [_collection(row) for row in read_table(folder / COLLECTIONS)]
        works = [_work(row) for row in read_table(folder / WORKS)]
        ways: list[Way] = []
        for number, row in enumerate(read_table(folder / MANNERS), 2):
            try:
                ways.append(_way(row))
            except ValueError as exc:
                faults.append(f"{MANNERS}:{number} {exc}")
        kinds = {way.kind for way in ways}
        faults += [
            f"{WORKS}: '{w.path}' is a '{w.kind}', of which {MANNERS} has no manner"
            for w in works
            if w.kind not in kinds | {"tune"}
        ]
        faults += [
            f"{WORKS}: '{w.path}' belongs to no collection that is used"
            for w in works
            if not (found := _longest(collections, w.path)) or not found.used
        ]
        if faults:
            raise ScoreUnreadable(str(folder), "; ".join(faults), "Correct these rows")
        return cls(tuple(collections), tuple(works), tuple(ways))

    def collection_of(self, path: str) -> Collection | None:
        """The collection whose beginning fits a path best; none for a path that nobody has judged."""
        return _longest(self.collections, path)

    def ways_of(self, kind: str) -> tuple[Way, ...]:
        """The styles of one kind of piece, in the order of the table."""
        return tuple(way for way in self.ways if way.kind == kind)


def _longest(collections: Sequence[Collection], path: str) -> Collection | None:
    fitting = [c for c in collections if path.startswith(c.under)]
    return max(fitting, key=lambda c: len(c.under)) if fitting else None


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a table of seed_data/, in its order; ScoreUnreadable when it cannot be read."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as exc:
        raise ScoreUnreadable(str(path), "it cannot be read", "Restore it") from exc


def _collection(row: dict[str, str]) -> Collection:
    return Collection(
        row["under"],
        row["artist_id"],
        row["artist"],
        row["kind"],
        row["score_licence"],
        row["licence_note"],
        int(row["works"]) if row["works"] else None,
        row["used"] == "yes",
    )


def _work(row: dict[str, str]) -> Work:
    return Work(
        row["path"],
        row["title"],
        row["kind"],
        float(row["tempo"]) if row["tempo"] else None,
        float(row["beat"]) if row["beat"] else None,
    )


def _way(row: dict[str, str]) -> Way:
    way = Way(
        row["kind"],
        row["manner"],
        row["temper"],
        row["mode"],
        int(row["notes"]) if row["notes"] else None,
        float(row["low"]),
        float(row["high"]),
        row["level"],
        row["articulation"],
        row["setting"],
        float(row["swing"]),
        float(row["seconds"]),
        tuple(_instrument(text) for text in row["instruments"].split("|")),
    )
    for value, allowed in (
        (way.energy, _ENERGIES),
        (way.mode, _MODES),
        (way.level, tuple(LEVELS)),
        (way.articulation, tuple(ARTICULATIONS)),
        (way.setting, SETTINGS),
    ):
        if value not in allowed:
            raise ValueError(f"says '{value}', which is none of {', '.join(allowed)}")
    if not 0 < way.low <= way.high:
        raise ValueError("has a range of tempo that is none")
    return way


def _instrument(text: str) -> tuple[str, tuple[int, ...]]:
    match = re.fullmatch(r"\s*([^:]+?)\s*:\s*(\d+(?: \d+)*)\s*", text)
    if not match or any(int(p) > 127 for p in match[2].split()):
        raise ValueError(f"has the instrument '{text.strip()}', which is not 'name: program program'")
    return match[1], tuple(int(p) for p in match[2].split())
