"""Reads and checks the catalogue: facts about performances, and a vector for each."""

import csv
import hashlib
import io
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from engine.errors import CatalogueError

Fact = str | int | float
CatalogueFault = tuple[str, str, str]

CARD: Final = "catalogue.json"
TABLE: Final = "catalogue.csv"
VECTORS: Final = "catalogue_embeddings.npy"

CUES: Final = (
    "tempo", "onset_rate", "level", "level_swing", "level_in", "level_out",
    "mode", "articulation", "register", "pitch_spread", "brightness", "roughness",
)  # fmt: skip
"""The measured cues, in the order of the table. The ontology defines their units."""

TRAITS: Final = ("lyrics", "hopeless_lyrics", "imagery")
"""Columns with 1 where a track has the trait or nobody knows, else 0. The column `traits` lists further ones."""

COLUMNS: Final[Mapping[str, type[Fact]]] = {
    **dict.fromkeys(("track_id", "work_id", "artist_id", "title", "artist"), str),
    **dict.fromkeys(("year", "manner", "traits", "source", "source_sha256"), str),
    **dict.fromkeys(("score_licence", "licence_note"), str),
    **dict.fromkeys(("tempo_stated", "beat_stated"), float),
    **dict.fromkeys(("level_stated", "articulation_stated", "instrument", "program", "setting"), str),
    "octave": int,
    "swing": float,
    "repeats": int,
    "seed": int,
    **dict.fromkeys(("seconds", *CUES), float),
    **dict.fromkeys(TRAITS, int),
}
"""Every column of the table, in order, with the type of its values."""

_NEVER_EMPTY: Final = ("track_id", "work_id", "artist_id", "title", "artist", "source")
_SHOWN: Final = 20
"""Limit on reported faults: a table of the wrong shape has one in each row."""


def list_traits(stated: Mapping[str, Fact]) -> list[str]:
    """Ids of the traits of a track, by the columns of TRAITS and the column `traits`."""
    return [*str(stated.get("traits", "")).split(), *(name.replace("_", "-") for name in TRAITS if stated[name])]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Tracks and their vectors, row by row; `read` makes and checks it."""

    tracks: tuple[Mapping[str, Fact], ...]
    """Column -> value, for each of COLUMNS."""
    vectors: NDArray[np.float32]
    """[tracks, dimensions]; finite and never all zero."""
    embedder_name: str
    embedder_sha256: str
    """The model that made the vectors: query vectors must be made by the same."""
    sha256: str
    """Checksum of the table and the vectors."""
    folder: Path

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The catalogue of a folder: card, table and vectors; CatalogueError with every fault, by file and row."""
        content = {name: _read_bytes(folder / name) for name in (CARD, TABLE, VECTORS)}
        card, faults = _read_card(folder, content)
        tracks, found = _parse_table(folder / TABLE, content[TABLE])
        faults += found
        vectors, found = _read_vectors(folder / VECTORS, content[VECTORS], len(tracks))
        faults += found
        _raise_faults(faults)
        embedder = card["embedder"]
        digest = hashlib.sha256(content[TABLE] + content[VECTORS]).hexdigest()
        return cls(tracks, vectors, embedder["name"], embedder["sha256"], digest, folder)

    @property
    def dimensions(self) -> int:
        """Length of each vector."""
        return int(self.vectors.shape[1])

    def check(self, ranges: Mapping[str, tuple[float, float]], embedder_sha256: str, dimensions: int) -> None:
        """Compares the catalogue with the ranges of cues and with the embedder; CatalogueError with every fault.

        `ranges` holds the smallest and the largest plausible value of each cue, in its unit.
        """
        vectors, table = str(self.folder / VECTORS), self.folder / TABLE
        faults: list[CatalogueFault] = []
        repair = "Run `make catalogue`, or choose the embedding model that made these vectors"
        if self.embedder_sha256 != embedder_sha256:
            faults.append((vectors, f"was made by {self.embedder_name}, another model than the one in use", repair))
        if self.dimensions != dimensions:
            faults.append((vectors, f"has {self.dimensions} numbers a row, the embedder makes {dimensions}", repair))
        for row, track in enumerate(self.tracks, 2):
            for cue, (low, high) in ranges.items():
                if cue in track and not low <= float(track[cue]) <= high:
                    fault = f"{cue} is {track[cue]}, outside {low:g} to {high:g}"
                    faults.append((f"{table}:{row}", fault, "Measure it again, in the unit the cue states"))
        _raise_faults(faults)


def _raise_faults(faults: Sequence[CatalogueFault]) -> None:
    if len(faults) > _SHOWN:
        more = (faults[0][0].partition(":")[0], f"has {len(faults) - _SHOWN} more faults", "Begin with those above")
        faults = [*faults[:_SHOWN], more]
    if faults:
        raise CatalogueError.of(faults)


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        reason = exc.strerror or "unknown reason"
        raise CatalogueError(str(path), f"cannot be read ({reason})", "Run `make catalogue`") from exc


def _read_card(folder: Path, content: Mapping[str, bytes]) -> tuple[dict[str, dict[str, str]], list[CatalogueFault]]:
    place = str(folder / CARD)
    try:
        card = json.loads(content[CARD])
        checksums = {name: card["files"][name] for name in (TABLE, VECTORS)}
        embedder = {key: str(card["embedder"][key]) for key in ("name", "sha256")}
    except (ValueError, KeyError, TypeError):
        fault = f"does not tell 'files' ({TABLE}, {VECTORS}) and 'embedder' (name, sha256)"
        return {}, [(place, fault, "Run `make catalogue`, which writes it")]
    return {"embedder": embedder}, [
        (str(folder / name), f"is not the file that {CARD} tells of (its sha256 differs)", "Run `make catalogue`")
        for name, sha256 in checksums.items()
        if hashlib.sha256(content[name]).hexdigest() != sha256
    ]


def _parse_table(path: Path, content: bytes) -> tuple[tuple[Mapping[str, Fact], ...], list[CatalogueFault]]:
    """The rows of the table with typed values, and its faults. Row 1 is the header."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return (), [(str(path), "is not UTF-8", "Run `make catalogue`")]
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    tracks: list[Mapping[str, Fact]] = []
    faults: list[CatalogueFault] = []
    try:
        header = next(reader, [])
        if header != list(COLUMNS):
            odd = ", ".join(sorted(set(header) ^ set(COLUMNS))) or "their order"
            fault = f"has other columns than it should ({odd})"
            return (), [(f"{path}:1", fault, "Run `make catalogue`, or name them as engine/store/catalogue.py does")]
        for row, values in enumerate(reader, 2):
            track, found = _parse_row(values)
            tracks.append(track)
            faults += [(f"{path}:{row}", fault, "Correct the row, or run `make catalogue`") for fault in found]
    except csv.Error as exc:
        faults.append((f"{path}:{reader.line_num}", f"is no CSV ({exc})", "Run `make catalogue`"))
    return tuple(tracks), [*faults, *_find_conflicts(path, tracks)]


def _parse_row(values: Sequence[str]) -> tuple[Mapping[str, Fact], list[str]]:
    if len(values) != len(COLUMNS):
        return {}, [f"has {len(values)} values for {len(COLUMNS)} columns"]
    track: dict[str, Fact] = {}
    faults: list[str] = []
    for (name, kind), text in zip(COLUMNS.items(), values, strict=True):
        try:
            track[name] = kind(text)
        except ValueError:
            faults.append(f"{name} is no {'whole number' if kind is int else 'number'}")
            continue
        if kind is float and not math.isfinite(float(text)):
            faults.append(f"{name} is not finite")
        if name in _NEVER_EMPTY and not text.strip():
            faults.append(f"{name} is empty")
        if name in TRAITS and track[name] not in (0, 1):
            faults.append(f"{name} is neither 0 nor 1")
    if isinstance(seconds := track.get("seconds"), float) and seconds <= 0:
        faults.append("seconds is not above 0")
    return track, faults


def _find_conflicts(path: Path, tracks: Sequence[Mapping[str, Fact]]) -> Iterator[CatalogueFault]:
    """Faults between rows: repeated ids, and works or artists with contradictory facts."""
    if not tracks:
        yield str(path), "holds no track", "Run `make catalogue`"
    again = {id_ for id_, times in Counter(track.get("track_id") for track in tracks).items() if times > 1}
    artists: dict[Fact, Fact] = {}
    works: dict[Fact, Fact] = {}
    seen: set[Fact] = set()
    for row, track in enumerate(tracks, 2):
        if not track:
            continue
        id_, work, artist = track["track_id"], track["work_id"], track["artist_id"]
        if id_ in again and id_ in seen:
            yield f"{path}:{row}", f"track_id '{id_}' stands in an earlier row", "Give each performance its own id"
        seen.add(id_)
        if works.setdefault(work, artist) != artist:
            yield f"{path}:{row}", f"work '{work}' has another artist_id above", "A work has one artist"
        if artists.setdefault(artist, track["artist"]) != track["artist"]:
            yield f"{path}:{row}", f"artist '{artist}' has another name above", "An id has one name"


def _read_vectors(path: Path, content: bytes, rows: int) -> tuple[NDArray[np.float32], list[CatalogueFault]]:
    """The vectors as float32, and their faults: Neo4j stores invalid vectors silently and never finds them."""
    repair = "Run `make catalogue`"
    nothing = np.zeros((0, 0), dtype=np.float32)
    try:
        stored = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError):
        return nothing, [(str(path), "is no npy file of plain numbers", repair)]
    if not isinstance(stored, np.ndarray) or stored.dtype != np.float16 or stored.ndim != 2 or not stored.size:
        return nothing, [(str(path), "is not a table [tracks, dimensions] of float16", repair)]
    vectors = stored.astype(np.float32)
    faults: list[CatalogueFault] = []
    if len(vectors) != rows:
        faults.append((str(path), f"has {len(vectors)} rows, {TABLE} has {rows} tracks", repair))
    for fault, sound in (("is not finite", np.isfinite(vectors).all(axis=1)), ("is all zeros", vectors.any(axis=1))):
        faults += [
            (f"{path}[{row}]", f"the vector of row {row + 2} of {TABLE} {fault}", repair)
            for row in np.flatnonzero(np.logical_not(sound)).tolist()
        ]
    return vectors, faults
