"""What the graph holds of a listener's own music, kept in mind while more comes."""

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
from engine.ingest.finding import Found
from engine.ingest.naming import path_text, track_id

Likeness = NDArray[np.float32]
"""A unit vector that is near for close music."""

CLOSE: Final = {"notes": CLOSE_NOTES, "audio": CLOSE_AUDIO}
"""Cosine of two likenesses of one family from which music is close."""

_PART: Final = 2_000
"""Tracks read at a time."""
_NEAR: Final = 20
"""Tracks looked at for the nearest: a few of them may have gone since."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as it was when its tracks were made."""

    size: int
    modified: int
    track_ids: tuple[str, ...]
    """In the order of the file; never empty."""
    current: bool
    """Every track of it has a vector of the model in use."""


@dataclass(frozen=True, slots=True)
class Own:
    """One track of a listener's own."""

    source: str
    """The file that gave it its words, as `path_text` tells it."""
    current: bool
    """It has a vector of the model in use."""


@dataclass(slots=True)
class _Likenesses:
    """The likenesses of one family, in one table that grows by half."""

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
class Known:
    """Files and tracks of a listener, by path and by id."""

    files: dict[str, Entry] = field(default_factory=dict)
    tracks: dict[str, Own] = field(default_factory=dict)
    _likenesses: dict[tuple[str, int], _Likenesses] = field(default_factory=dict)
    """By family and length: another release may tell likeness otherwise."""

    @classmethod
    def read(cls, graph: Graph, embedding_sha256: str, mert_sha256: str | None = None) -> Self:
        """All that the graph holds now; current is what these models made, the second of them recordings alone."""
        known = cls()
        models = {"embedding_sha256": embedding_sha256, "mert_sha256": mert_sha256 or ""}
        for row in graph.rows("library/files", **models):
            known.files[row["path"]] = Entry(row["size"], row["modified"], tuple(row["track_ids"]), row["current"])
        after, more = "", True
        while more:
            rows = graph.rows("library/own_tracks", after=after, count=_PART, **models)
            for row in rows:
                known.tracks[row["id"]] = Own(row["source"], row["current"])
                known._liken(row["id"], row["kind"], unpacked(row["likeness"]))
            after, more = (rows[-1]["id"] if rows else ""), len(rows) == _PART
        return known

    def unchanged(self, file: Found) -> Entry | None:
        """What is known of a file that has not changed since its tracks were made, with the model in use."""
        entry = self.files.get(path_text(file.path))
        same = entry is not None and entry.current and (entry.size, entry.modified) == (file.size, file.modified)
        return entry if same else None

    def add(self, heard: AnalysedPiece, source: str) -> None:
        """A track that is there from now on."""
        id_ = track_id(heard)
        if id_ not in self.tracks:
            self._liken(id_, heard.kind, unpacked(packed(heard.likeness)))
        self.tracks[id_] = Own(source, current=True)

    def drop(self, id_: str) -> None:
        """A track that is gone."""
        self.tracks.pop(id_, None)

    def close(self, heard: AnalysedPiece, but: Collection[str]) -> tuple[str, float] | None:
        """The id of the nearest other track and its likeness (a cosine), when it is close music."""
        family = _family(heard.kind)
        table = self._likenesses.get((family, len(heard.likeness)))
        found = (
            table.nearest(unpacked(packed(heard.likeness)), lambda id_: id_ in self.tracks and id_ not in but)
            if table
            else None
        )
        return found if found and found[1] >= CLOSE[family] else None

    def _liken(self, id_: str, kind: str, likeness: Likeness) -> None:
        table = self._likenesses.setdefault((_family(kind), len(likeness)), _Likenesses())
        table.add(id_, likeness)


def packed(likeness: Collection[float]) -> str:
    """A likeness as a track keeps it: hundreds of numbers in as many characters as a line of text has."""
    halves = np.fromiter(likeness, dtype="<f2", count=len(likeness))
    return base64.b64encode(halves.tobytes()).decode("ascii")


def unpacked(text: str) -> Likeness:
    """What `packed` made, to three digits."""
    return np.frombuffer(base64.b64decode(text), dtype="<f2").astype(np.float32)


def _family(kind: str) -> str:
    return "audio" if kind == "audio" else "notes"
