"""Which scores the catalogue plays, and how: read from the tables in seed_data, where people edit them."""

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
    """Scores that share a folder, an author and a licence; and whether they may be used."""

    under: str
    """Beginning of their paths in the corpus."""
    artist_id: str
    artist: str
    kind: str
    """What kind of pieces they are, unless the table of works or the tune itself says otherwise."""
    score_licence: str
    licence_note: str
    year: str
    """When the book appeared; empty where each work has a year of its own."""
    used: bool


@dataclass(frozen=True, slots=True)
class Work:
    """A score with a name of its own; tunes of tune books are named in their files and stand in no table."""

    path: str
    """In the corpus; followed by '@first-last' where it is a section of a longer score."""
    slug: str
    """Last part of its id, for ever, however its title is written."""
    title: str
    year: str
    kind: str
    tempo: float | None
    """BPM that suits it, where one tempo does for no other work of its kind."""
    beat: float | None
    """Quarter notes in a beat of that tempo."""


@dataclass(frozen=True, slots=True)
class Trait:
    """What titles of a pattern speak of, so that a rule can bar them where they would hurt."""

    id: str
    where: str
    """'title', 'kind' or 'source'."""
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of piece can bear: no reel is played as a lullaby."""

    name: str
    family: str
    """'dance', 'sung', 'slow', 'choral', 'ensemble' or 'keyboard': which manners it shares with others."""
    notes: int | None
    """How many notes of the piece's usual length a beat has, where the kind and not the metre decides."""
    of_own_tempo: bool
    """Whether `slowest` and `fastest` are shares of the tempo that the work itself has, else BPM."""
    slowest: float
    fastest: float
    softest: str
    loudest: str
    """Of `LEVELS`."""

    def choose_tempo(self, place: float, own: float | None) -> int:
        """BPM at a place of its range, 0 the slowest and 1 the fastest; `own` is the tempo that a work has."""
        share = own if self.of_own_tempo and own else 1.0
        slowest, fastest = self.slowest * share, self.fastest * share
        # Tempo is heard by ratio: halfway between 60 and 120 is 85.
        return max(ceil(slowest), min(floor(fastest), round(slowest * float((fastest / slowest) ** place))))

    def allows(self, level: str) -> bool:
        """Whether pieces of this kind may be played at a level."""
        return LEVELS[self.softest] <= LEVELS[level] <= LEVELS[self.loudest]


@dataclass(frozen=True, slots=True)
class PlayingStyle:
    """One way in which pieces of a kind or a family can be played: ranges and choices, of which a row takes one."""

    of: frozenset[str]
    """Kinds, or families of kinds."""
    name: str
    mode: str
    """'major' or 'minor' where it suits only such pieces, else 'any'."""
    low: float
    high: float
    """Where in the range of its kind the tempo lies: 0 is the slowest that it bears, 1 the fastest."""
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
    """The tables, read and checked against each other."""

    collections: tuple[ScoreCollection, ...]
    works: tuple[Work, ...]
    kinds: Mapping[str, Kind]
    styles: tuple[PlayingStyle, ...]
    traits: tuple[Trait, ...]
    programme: Mapping[str, tuple[str, ...]]
    """Names of the manners in which each source is played."""

    @classmethod
    def read(cls, folder: Path) -> "Repertoire":
        """The tables of a folder. Raises `ScoreUnreadable` that names every row which cannot be used."""
        faults: list[str] = []
        collections = [_parse_collection(row) for row in read_table(folder / COLLECTIONS)]
        works = [_parse_work(row) for row in read_table(folder / WORKS)]
        kinds = {kind.name: kind for kind in _parse_rows(folder / KINDS, _parse_kind, faults)}
        manners = list(_parse_rows(folder / MANNERS, _parse_style, faults))
        traits = list(_parse_rows(folder / TRAITS, _parse_trait, faults))
        of = {kind.name for kind in kinds.values()} | {kind.family for kind in kinds.values()}
        faults += [
            f"{MANNERS}: '{m.name}' is of '{name}', which {KINDS} does not know"
            for m in manners
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
        return cls(tuple(collections), tuple(works), kinds, tuple(manners), tuple(traits), programme)

    def find_collection(self, path: str) -> ScoreCollection | None:
        """The collection whose beginning fits a path best; none for a path that nobody has judged."""
        return _find_longest_match(self.collections, path)

    def list_styles(self, kind: Kind, mode: float) -> tuple[PlayingStyle, ...]:
        """In which manners a piece may be played, in the order of the table: what its kind bears, and its mode."""
        own = "minor" if mode < 0 else "major"
        fitting = (m for m in self.styles if m.of & {kind.name, kind.family} and m.mode in ("any", own))
        return tuple(m for m in fitting if kind.allows(m.level))

    def find_traits(self, title: str, kind: str, source: str) -> tuple[str, ...]:
        """What a work speaks of, by the table of traits, in alphabetical order."""
        said = {"title": title, "kind": kind, "source": source}
        return tuple(sorted({trait.id for trait in self.traits if trait.pattern.search(said[trait.where])}))


def _find_longest_match(collections: Sequence[ScoreCollection], path: str) -> ScoreCollection | None:
    fitting = [c for c in collections if path.startswith(c.under)]
    return max(fitting, key=lambda c: len(c.under)) if fitting else None


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a table of seed_data/, in its order; ScoreUnreadable when it cannot be read."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as exc:
        raise ScoreUnreadable(str(path), "it cannot be read", "Restore it") from exc


def _parse_rows(path: Path, made: Callable[[dict[str, str]], _T], faults: list[str]) -> Iterator[_T]:
    """What the rows of a table are made into; the faults of those that cannot be are added to the list."""
    for number, row in enumerate(read_table(path), 2):
        try:
            yield made(row)
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
