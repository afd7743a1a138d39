"""Which scores the catalogue plays, and in which styles, from the tables in seed_data."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from pathlib import Path
from typing import TypeVar

from encoders.base import ScoreUnreadable
from encoders.performing.accompaniment import SETTINGS
from encoders.performing.performance import ARTICULATIONS, LEVELS

COLLECTIONS, WORKS, KINDS, MANNERS = "collections.csv", "works.csv", "kinds.csv", "manners.csv"
TRAITS, PROGRAMME = "traits.csv", "programme.csv"
_T = TypeVar("_T")
_MODES, _UNITS = ("any", "major", "minor"), ("bpm", "share")


@dataclass(frozen=True, slots=True)
class ScoreCollection:
    """Scores with a common folder, author and licence."""

    under: str
    """Prefix of their paths in the corpus."""
    artist_id: str
    artist: str
    kind: str
    """Default kind of its pieces."""
    score_licence: str
    licence_note: str
    year: str
    """Year of the book; empty where each work has its own."""
    used: bool
    """Whether the licence permits use."""


@dataclass(frozen=True, slots=True)
class Work:
    """A score of the table of works; tunes of tune books have their titles in the files."""

    path: str
    """In the corpus; followed by '@first-last' for a section of a longer score."""
    slug: str
    """Last part of its id, which does not change with the title."""
    title: str
    year: str
    kind: str
    tempo: float | None
    """BPM of this work; None: by its kind."""
    beat: float | None
    """Quarter notes in a beat of that tempo."""


@dataclass(frozen=True, slots=True)
class Trait:
    """A trait of works whose title, kind or source matches a pattern; rules can bar it."""

    id: str
    where: str
    """'title', 'kind' or 'source'."""
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of piece, with its ranges of tempo and level."""

    name: str
    family: str
    """'dance', 'sung', 'slow', 'choral', 'ensemble' or 'keyboard': kinds of a family share playing styles."""
    notes: int | None
    """Notes of usual length in a beat; None: the metre determines the beat."""
    of_own_tempo: bool
    """Whether `slowest` and `fastest` are factors on the work's own tempo, else BPM."""
    slowest: float
    fastest: float
    softest: str
    loudest: str
    """Of `LEVELS`."""

    def choose_tempo(self, place: float, own: float | None) -> int:
        """BPM at a position in its range, 0 the slowest and 1 the fastest; `own` is the work's own tempo."""
        share = own if self.of_own_tempo and own else 1.0
        slowest, fastest = self.slowest * share, self.fastest * share
        # Tempo is perceived by ratio: halfway between 60 and 120 is 85.
        return max(ceil(slowest), min(floor(fastest), round(slowest * float((fastest / slowest) ** place))))

    def allows(self, level: str) -> bool:
        """Whether pieces of this kind may be played at a level."""
        return LEVELS[self.softest] <= LEVELS[level] <= LEVELS[self.loudest]


@dataclass(frozen=True, slots=True)
class PlayingStyle:
    """A style in which pieces of a kind or family can be played; a performance fixes its ranges and choices.

    The tables of seed_data call it a manner.
    """

    of: frozenset[str]
    """Kinds, or families of kinds."""
    name: str
    mode: str
    """'major' or 'minor' for styles of such pieces only, else 'any'."""
    low: float
    high: float
    """Range of the tempo within that of the kind: 0 is its slowest, 1 its fastest."""
    level: str
    articulation: str
    setting: str
    swing: float
    seconds: float
    """Desired length; the number of repeats comes closest to it."""
    instruments: tuple[tuple[str, tuple[int, ...]], ...]
    """Choices of instruments: (name, General MIDI program of each part)."""


@dataclass(frozen=True, slots=True)
class Repertoire:
    """The tables, checked against each other."""

    collections: tuple[ScoreCollection, ...]
    works: tuple[Work, ...]
    kinds: Mapping[str, Kind]
    styles: tuple[PlayingStyle, ...]
    traits: tuple[Trait, ...]
    programme: Mapping[str, tuple[str, ...]]
    """Source -> names of the styles in which it is played."""

    @classmethod
    def read(cls, folder: Path) -> "Repertoire":
        """Reads the tables of a folder; ScoreUnreadable with every invalid row."""
        faults: list[str] = []
        collections = [_parse_collection(row) for row in read_table(folder / COLLECTIONS)]
        works = [_parse_work(row) for row in read_table(folder / WORKS)]
        kinds = {kind.name: kind for kind in _parse_rows(folder / KINDS, _parse_kind, faults)}
        styles = list(_parse_rows(folder / MANNERS, _parse_style, faults))
        traits = list(_parse_rows(folder / TRAITS, _parse_trait, faults))
        of = {kind.name for kind in kinds.values()} | {kind.family for kind in kinds.values()}
        faults += [
            f"{MANNERS}: '{m.name}' is of '{name}', which {KINDS} does not know"
            for m in styles
            for name in sorted(m.of - of)
        ]
        faults += [
            f"{WORKS}: '{w.path}' is a '{w.kind}', which {KINDS} does not know" for w in works if w.kind not in kinds
        ]
        faults += [
            f"{WORKS}: '{w.path}' is a '{w.kind}', so it needs a tempo of its own"
            for w in works
            if w.tempo is None and w.kind in kinds and kinds[w.kind].of_own_tempo
        ]
        faults += [
            f"{WORKS}: '{w.path}' belongs to no collection that is used"
            for w in works
            if not (found := _find_longest_match(collections, w.path)) or not found.used
        ]
        if faults:
            raise ScoreUnreadable(str(folder), "; ".join(faults), "Correct these rows")
        programme = {row["source"]: tuple(row["manners"].split(" | ")) for row in read_table(folder / PROGRAMME)}
        return cls(tuple(collections), tuple(works), kinds, tuple(styles), tuple(traits), programme)

    def find_collection(self, path: str) -> ScoreCollection | None:
        """The collection with the longest prefix of a path; None for a path of no collection."""
        return _find_longest_match(self.collections, path)

    def list_styles(self, kind: Kind, mode: float) -> tuple[PlayingStyle, ...]:
        """The styles that suit a kind and a mode, in the order of the table."""
        own = "minor" if mode < 0 else "major"
        fitting = (m for m in self.styles if m.of & {kind.name, kind.family} and m.mode in ("any", own))
        return tuple(m for m in fitting if kind.allows(m.level))

    def find_traits(self, title: str, kind: str, source: str) -> tuple[str, ...]:
        """Ids of the traits of a work, in alphabetical order."""
        said = {"title": title, "kind": kind, "source": source}
        return tuple(sorted({trait.id for trait in self.traits if trait.pattern.search(said[trait.where])}))


def _find_longest_match(collections: Sequence[ScoreCollection], path: str) -> ScoreCollection | None:
    fitting = [c for c in collections if path.startswith(c.under)]
    return max(fitting, key=lambda c: len(c.under)) if fitting else None


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a table of seed_data/; ScoreUnreadable when it cannot be read."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as exc:
        raise ScoreUnreadable(str(path), "it cannot be read", "Restore it") from exc


def _parse_rows(path: Path, parse: Callable[[dict[str, str]], _T], faults: list[str]) -> Iterator[_T]:
    """Parses the rows of a table; faults of invalid rows are added to the list."""
    for number, row in enumerate(read_table(path), 2):
        try:
            yield parse(row)
        except (ValueError, re.error) as exc:
            faults.append(f"{path.name}:{number} {exc}")


def _parse_collection(row: dict[str, str]) -> ScoreCollection:
    return ScoreCollection(
        row["under"],
        row["artist_id"],
        row["artist"],
        row["kind"],
        row["score_licence"],
        row["licence_note"],
        row["year"],
        row["used"] == "yes",
    )


def _parse_work(row: dict[str, str]) -> Work:
    return Work(
        row["path"],
        row["slug"],
        row["title"],
        row["year"],
        row["kind"],
        float(row["tempo"]) if row["tempo"] else None,
        float(row["beat"]) if row["beat"] else None,
    )


def _parse_trait(row: dict[str, str]) -> Trait:
    _require_one_of(row["where"], ("title", "kind", "source"))
    return Trait(row["trait"], row["where"], re.compile(row["pattern"]))


def _parse_kind(row: dict[str, str]) -> Kind:
    for value, allowed in ((row["unit"], _UNITS), (row["softest"], tuple(LEVELS)), (row["loudest"], tuple(LEVELS))):
        _require_one_of(value, allowed)
    slowest, fastest = float(row["slowest"]), float(row["fastest"])
    if not 0 < slowest < fastest:
        raise ValueError("has a range of tempo that is none")
    notes = int(row["notes"]) if row["notes"] else None
    share = row["unit"] == "share"
    return Kind(row["kind"], row["family"], notes, share, slowest, fastest, row["softest"], row["loudest"])


def _parse_style(row: dict[str, str]) -> PlayingStyle:
    for value, allowed in (
        (row["mode"], _MODES),
        (row["level"], tuple(LEVELS)),
        (row["articulation"], tuple(ARTICULATIONS)),
        (row["setting"], SETTINGS),
    ):
        _require_one_of(value, allowed)
    low, high = float(row["low"]), float(row["high"])
    if not 0 <= low <= high <= 1:
        raise ValueError("has a range of tempo that is none")
    return PlayingStyle(
        frozenset(row["of"].split(" | ")),
        row["manner"],
        row["mode"],
        low,
        high,
        row["level"],
        row["articulation"],
        row["setting"],
        float(row["swing"]),
        float(row["seconds"]),
        tuple(_parse_instrument(text) for text in row["instruments"].split("|")),
    )


def _require_one_of(value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise ValueError(f"says '{value}', which is none of {', '.join(allowed)}")


def _parse_instrument(text: str) -> tuple[str, tuple[int, ...]]:
    match = re.fullmatch(r"\s*([^:]+?)\s*:\s*(\d+(?: \d+)*)\s*", text)
    if not match or any(int(p) > 127 for p in match[2].split()):
        raise ValueError(f"has the instrument '{text.strip()}', which is not 'name: program program'")
    return match[1], tuple(int(p) for p in match[2].split())
