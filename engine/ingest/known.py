"""A listener's own files and tracks in the graph, kept in memory during an ingest."""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from encoders.analysis.audio.likeness import CLOSE as CLOSE_AUDIO
from encoders.analysis.likeness import CLOSE as CLOSE_NOTES
from encoders.analysis.piece import AnalysedPiece
from engine.graph import Graph
from engine.ingest.finding import FoundFile
from engine.ingest.naming import encode_path, make_track_id

Likeness = NDArray[np.float32]
"""A unit vector, similar for similar music."""

CLOSE: Final = {"notes": CLOSE_NOTES, "audio": CLOSE_AUDIO}
"""Family of likenesses -> cosine from which music is reported as close."""

_PART: Final = 2_000
"""Tracks read at a time."""
_NEAR: Final = 20
"""Nearest tracks that are tried: some of them may have been removed."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file, with its size and time when its tracks were made."""

    size: int
    modified: int
    track_ids: tuple[str, ...]
    """In the order of the file; never empty."""
    current: bool
    """Whether every track of it has a vector of the model in use."""


@dataclass(frozen=True, slots=True)
class KnownTrack:
    """One track of a listener's own."""

    source: str
    """The file that its title and artist are from, as `encode_path` writes it."""
    current: bool
    """Whether it has a vector of the model in use."""


@dataclass(slots=True)
class _LikenessTable:
    """The likenesses of one family, in one table that grows by half when full."""

    ids: list[str] = field(default_factory=list)
    table: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))

    def add(self, id_: str, likeness: Likeness) -> None:
        if len(self.ids) == len(self.table):
            grown = np.zeros((max(64, len(self.ids) * 3 // 2), len(likeness)), dtype=np.float32)
            if self.ids:
                grown[: len(self.ids)] = self.table[: len(self.ids)]
            self.table = grown
        self.table[len(self.ids)] = likeness
        self.ids.append(id_)

    def nearest(self, likeness: Likeness, wanted: Callable[[str], bool]) -> tuple[str, float] | None:
        if not self.ids:
            return None
        cosines = self.table[: len(self.ids)] @ likeness
        for row in np.argsort(-cosines, kind="stable")[:_NEAR].tolist():
            if wanted(self.ids[row]):
                return self.ids[row], float(cosines[row])
        return None


@dataclass(slots=True)
class KnownMusic:
    """Files and tracks of a listener, by path and by id."""

    files: dict[str, KnownFile] = field(default_factory=dict)
    tracks: dict[str, KnownTrack] = field(default_factory=dict)
    _likenesses: dict[tuple[str, int], _LikenessTable] = field(default_factory=dict)
    """By family and length: other releases may use other vectors."""

    @classmethod
    def read(cls, graph: Graph, embedding_sha256: str, mert_sha256: str | None = None) -> Self:
        """Reads the graph. Tracks are current when these models made their vectors (`mert_sha256`: recordings)."""
        known = cls()
        models = {"embedding_sha256": embedding_sha256, "mert_sha256": mert_sha256 or ""}
        for row in graph.rows("library/files", **models):
            known.files[row["path"]] = KnownFile(row["size"], row["modified"], tuple(row["track_ids"]), row["current"])
        after, more = "", True
        while more:
            rows = graph.rows("library/own_tracks", after=after, count=_PART, **models)
            for row in rows:
                known.tracks[row["id"]] = KnownTrack(row["source"], row["current"])
                known._add_likeness(row["id"], row["kind"], unpack_likeness(row["likeness"]))
            after, more = (rows[-1]["id"] if rows else ""), len(rows) == _PART
        return known

    def find_unchanged(self, file: FoundFile) -> KnownFile | None:
        """The entry of a file whose tracks are current and that has not changed since they were made; else None."""
        entry = self.files.get(encode_path(file.path))
        same = entry is not None and entry.current and (entry.size, entry.modified) == (file.size, file.modified)
        return entry if same else None

    def add(self, piece: AnalysedPiece, source: str) -> None:
        """Adds a track."""
        id_ = make_track_id(piece)
        if id_ not in self.tracks:
            self._add_likeness(id_, piece.kind, unpack_likeness(pack_likeness(piece.likeness)))
        self.tracks[id_] = KnownTrack(source, current=True)

    def drop(self, id_: str) -> None:
        """Removes a track."""
        self.tracks.pop(id_, None)

    def find_close(self, piece: AnalysedPiece, but: Collection[str]) -> tuple[str, float] | None:
        """Id and cosine of the most similar track that is not in `but`, when that is close; else None."""
        family = _get_family(piece.kind)
        table = self._likenesses.get((family, len(piece.likeness)))
        found = (
            table.nearest(
                unpack_likeness(pack_likeness(piece.likeness)), lambda id_: id_ in self.tracks and id_ not in but
            )
            if table
            else None
        )
        return found if found and found[1] >= CLOSE[family] else None

    def _add_likeness(self, id_: str, kind: str, likeness: Likeness) -> None:
        table = self._likenesses.setdefault((_get_family(kind), len(likeness)), _LikenessTable())
        table.add(id_, likeness)


def pack_likeness(likeness: Collection[float]) -> str:
    """A likeness as a track stores it: float16 in base64."""
    halves = np.fromiter(likeness, dtype="<f2", count=len(likeness))
    return base64.b64encode(halves.tobytes()).decode("ascii")


def unpack_likeness(text: str) -> Likeness:
    """The likeness that `pack_likeness` wrote, to three digits."""
    return np.frombuffer(base64.b64decode(text), dtype="<f2").astype(np.float32)


def _get_family(kind: str) -> str:
    return "audio" if kind == "audio" else "notes"
