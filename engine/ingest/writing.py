"""Embeds a batch of pieces and writes it to the graph in one transaction."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from encoders.analysis.piece import AnalysedPiece
from encoders.base import ModelCard
from encoders.embedding.embedder import Embedder
from engine.errors import EncoderUnavailable, GraphUnavailable, IsopathError
from engine.graph import Graph, Row, Transaction, to_vector
from engine.ingest.changes import BatchChanges, Vectors
from engine.ingest.known import pack_likeness
from engine.ingest.naming import choose_title, clean_name, make_artist, make_track_id, make_work
from engine.ingest.worker import Unreadable
from engine.store.catalogue import TRAITS, list_traits
from engine.store.content import list_works

Ranges = Mapping[str, tuple[float, float]]
"""Smallest and largest plausible value of each cue, in its unit."""

_REPAIR: Final = "Please report it with the file"


@dataclass(frozen=True, slots=True)
class TrackWriter:
    """Embeds and writes a listener's own tracks, by the same queries as a load of the catalogue."""

    graph: Graph
    embedder: Embedder
    ranges: Ranges
    mert: ModelCard | None = None
    """The MERT that makes the frames of recordings; None where they are embedded by captions."""

    @classmethod
    def open(cls, graph: Graph, embedder: Embedder, mert: ModelCard | None = None) -> TrackWriter:
        """A writer for the graph; GraphUnavailable when its vectors are of another model."""
        rows = graph.rows("library/ranges")
        writer = cls(graph, embedder, {row["cue"]: (row["low"], row["high"]) for row in rows}, mert)
        writer._require_same_model(graph.rows("load/version"))
        return writer

    def embed(self, music: Mapping[str, AnalysedPiece]) -> Vectors:
        """The vector of each piece, or why it has none; EncoderUnavailable when the model itself does not work."""
        sound: dict[str, NDArray[np.float32] | Unreadable] = {}
        for id_, piece in music.items():
            if fault := self._find_fault(piece):
                sound[id_] = Unreadable(f"{fault}. {_REPAIR}", ours=True)
        left = {id_: piece for id_, piece in music.items() if id_ not in sound}
        try:
            vectors = self.embedder.embed_music(list(left.values()))
        except EncoderUnavailable:
            raise
        except Exception as error:
            # The model fails on one of them: embedded one by one, the others get their vectors.
            if len(left) > 1:
                for id_, piece in left.items():
                    sound |= self.embed({id_: piece})
                return sound
            reason = f"{error.fault}" if isinstance(error, IsopathError) else type(error).__name__
            return sound | {id_: Unreadable(f"it gets no vector ({reason}). {_REPAIR}", ours=True) for id_ in left}
        for id_, vector in zip(left, vectors, strict=True):
            useful = vector.shape == (self.embedder.dimensions,) and np.isfinite(vector).all() and vector.any()
            sound[id_] = vector if useful else Unreadable(f"its vector is not finite, or empty. {_REPAIR}", ours=True)
        return sound

    def write(self, changes: BatchChanges, vectors: Vectors) -> None:
        """Writes all changes of a batch, atomically."""
        tracks = [
            self._make_row(piece, source, vector)
            for id_, (piece, source) in changes.tracks.items()
            if not isinstance(vector := vectors[id_], Unreadable)
        ]
        files = [
            {"path": path, "size": file.size, "modified": file.modified, "track_ids": list(ids), "whole": whole}
            for path, (file, ids, whole) in changes.files.items()
        ]
        if tracks or files or changes.gone or changes.loose:
            self.graph.write(lambda transaction: self._write(transaction, tracks, files, changes))

    def _write(
        self, transaction: Transaction, tracks: Sequence[Row], files: Sequence[Row], changes: BatchChanges
    ) -> None:
        def ask(name: str, **params: object) -> list[Row]:
            return transaction.rows(name, **params)

        ask("load/lock")
        self._require_same_model(ask("load/version"))
        ids = [track["id"] for track in tracks]
        ask("load/revive_tracks", ids=ids)
        ask("load/works", works=list_works(tracks))
        ask("load/tracks", tracks=tracks, stamp=None)
        ask("library/forget_files", paths=changes.gone)
        ask("library/keep_files", files=files)
        ask("library/settle_sources", ids=changes.loose)
        ask("library/retire_tracks", ids=changes.loose)
        ask("library/remove_tracks", ids=changes.loose)
        ask("load/remove_works")
        ask("load/affect", ids=ids)
        ask("load/track_profiles", ids=ids)
        ask("load/catalogue")

    def _require_same_model(self, versions: Sequence[Row]) -> None:
        card = self.embedder.card
        if not versions:
            raise GraphUnavailable(self.graph.place, "holds no ontology and no tracks yet", "Run `isopath load`")
        if versions[0]["embedding_sha256"] != card.sha256:
            fault = f"serves vectors of {versions[0]['embedding_model']}, and {card.name} is the model in use"
            raise GraphUnavailable(self.graph.place, fault, "Run `isopath load`, then `isopath ingest` again")

    def _find_fault(self, piece: AnalysedPiece) -> str | None:
        """A fault by which no search would find the track, or would find it wrongly; else None."""
        cues = asdict(piece.cues)
        if not 0 < piece.seconds < math.inf:
            return f"its length is {piece.seconds} s"
        for cue, (low, high) in self.ranges.items():
            if cue in cues and not low <= cues[cue] <= high:
                return f"its {cue} is {cues[cue]}, outside {low:g} to {high:g}"
        return None

    def _make_row(self, piece: AnalysedPiece, source: str, vector: NDArray[np.float32]) -> Row:
        """The track as a param of the queries of cypher/load."""
        (work, work_title), (artist, name) = make_work(piece), make_artist(piece)
        return {
            "id": make_track_id(piece),
            "work": {"id": work, "title": work_title},
            "artist": {"id": artist, "name": name},
            "embedding": to_vector(vector),
            "properties": {
                "title": choose_title(piece),
                "source": source,
                "licence": clean_name(piece.licence),
                "kind": piece.kind,
                "instrument": clean_name(piece.instrument),
                "remarks": [clean_name(remark) for remark in piece.remarks],
                "content": piece.content,
                "likeness": pack_likeness(piece.likeness),
                "vector_from": self.embedder.choose_input(piece),
                "embedding_model": self.embedder.card.name,
                "embedding_sha256": self.embedder.card.sha256,
                "mert_sha256": self.mert.sha256 if self.mert and piece.frames is not None else None,
                "seconds": float(piece.seconds),
                **{cue: float(value) for cue, value in asdict(piece.cues).items()},
            },
            "traits": list_traits({name: getattr(piece, name) for name in TRAITS}),
        }
