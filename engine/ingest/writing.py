"""A batch of files into the graph, in one transaction: whenever a process dies, what is there fits together."""

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
from engine.graph import Graph, Row, Transaction, as_vector
from engine.ingest.known import packed
from engine.ingest.naming import artist_of, title_of, track_id, work_of, written
from engine.ingest.taking import Taken, Vectors
from engine.ingest.worker import Unreadable
from engine.store.catalogue import TRAITS, traits_of
from engine.store.content import works

Ranges = Mapping[str, tuple[float, float]]
"""Smallest and largest plausible value of each cue, in its unit."""

_REPAIR: Final = "Please report it with the file"


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes a listener's own tracks as a load writes those of the catalogue: by the same queries."""

    graph: Graph
    embedder: Embedder
    ranges: Ranges
    mert: ModelCard | None = None
    """What hears recordings for the embedder; none where they are told to it in words."""

    @classmethod
    def open(cls, graph: Graph, embedder: Embedder, mert: ModelCard | None = None) -> Writer:
        """GraphUnavailable when the graph serves vectors of another model than this one."""
        rows = graph.rows("library/ranges")
        writer = cls(graph, embedder, {row["cue"]: (row["low"], row["high"]) for row in rows}, mert)
        writer._same_model(graph.rows("load/version"))
        return writer

    def embed(self, music: Mapping[str, AnalysedPiece]) -> Vectors:
        """A vector for each piece, or why there is none; EncoderUnavailable when the model itself does not work."""
        sound: dict[str, NDArray[np.float32] | Unreadable] = {}
        for id_, heard in music.items():
            if fault := self._fault(heard):
                sound[id_] = Unreadable(f"{fault}. {_REPAIR}", ours=True)
        left = {id_: heard for id_, heard in music.items() if id_ not in sound}
        try:
            vectors = self.embedder.embed_music(list(left.values()))
        except EncoderUnavailable:
            raise
        except Exception as error:
            # One of them is too much for the model. Alone, each is told apart from the others.
            if len(left) > 1:
                for id_, heard in left.items():
                    sound |= self.embed({id_: heard})
                return sound
            said = f"{error.fault}" if isinstance(error, IsopathError) else type(error).__name__
            return sound | {id_: Unreadable(f"it gets no vector ({said}). {_REPAIR}", ours=True) for id_ in left}
        for id_, vector in zip(left, vectors, strict=True):
            useful = vector.shape == (self.embedder.dimensions,) and np.isfinite(vector).all() and vector.any()
            sound[id_] = vector if useful else Unreadable(f"its vector is not finite, or empty. {_REPAIR}", ours=True)
        return sound

    def write(self, taken: Taken, vectors: Vectors) -> None:
        """All that a batch changes, or nothing."""
        tracks = [
            self._row(heard, source, vector)
            for id_, (heard, source) in taken.tracks.items()
            if not isinstance(vector := vectors[id_], Unreadable)
        ]
        files = [
            {"path": path, "size": file.size, "modified": file.modified, "track_ids": list(ids), "whole": whole}
            for path, (file, ids, whole) in taken.files.items()
        ]
        if tracks or files or taken.gone or taken.loose:
            self.graph.write(lambda transaction: self._write(transaction, tracks, files, taken))

    def _write(self, transaction: Transaction, tracks: Sequence[Row], files: Sequence[Row], taken: Taken) -> None:
        def ask(name: str, **params: object) -> list[Row]:
            return transaction.rows(name, **params)

        ask("load/lock")
        self._same_model(ask("load/version"))
        ids = [track["id"] for track in tracks]
        ask("load/revive_tracks", ids=ids)
        ask("load/works", works=works(tracks))
        ask("load/tracks", tracks=tracks, stamp=None)
        ask("library/forget_files", paths=taken.gone)
        ask("library/keep_files", files=files)
        ask("library/settle_sources", ids=taken.loose)
        ask("library/retire_tracks", ids=taken.loose)
        ask("library/remove_tracks", ids=taken.loose)
        ask("load/remove_works")
        ask("load/affect", ids=ids)
        ask("load/track_profiles", ids=ids)
        ask("load/catalogue")

    def _same_model(self, versions: Sequence[Row]) -> None:
        card = self.embedder.card
        if not versions:
            raise GraphUnavailable(self.graph.place, "holds no ontology and no tracks yet", "Run `isopath load`")
        if versions[0]["embedding_sha256"] != card.sha256:
            fault = f"serves vectors of {versions[0]['embedding_model']}, and {card.name} is the model in use"
            raise GraphUnavailable(self.graph.place, fault, "Run `isopath load`, then `isopath ingest` again")

    def _fault(self, heard: AnalysedPiece) -> str | None:
        """What would make a track that no search finds, or finds wrongly."""
        cues = asdict(heard.cues)
        if not 0 < heard.seconds < math.inf:
            return f"its length is {heard.seconds} s"
        for cue, (low, high) in self.ranges.items():
            if cue in cues and not low <= cues[cue] <= high:
                return f"its {cue} is {cues[cue]}, outside {low:g} to {high:g}"
        return None

    def _row(self, heard: AnalysedPiece, source: str, vector: NDArray[np.float32]) -> Row:
        """The track as the queries of cypher/load take it."""
        (work, work_title), (artist, name) = work_of(heard), artist_of(heard)
        return {
            "id": track_id(heard),
            "work": {"id": work, "title": work_title},
            "artist": {"id": artist, "name": name},
            "embedding": as_vector(vector),
            "properties": {
                "title": title_of(heard),
                "source": source,
                "licence": written(heard.licence),
                "kind": heard.kind,
                "instrument": written(heard.instrument),
                "remarks": [written(remark) for remark in heard.remarks],
                "content": heard.content,
                "likeness": packed(heard.likeness),
                "vector_from": self.embedder.how(heard),
                "embedding_model": self.embedder.card.name,
                "embedding_sha256": self.embedder.card.sha256,
                "mert_sha256": self.mert.sha256 if self.mert and heard.frames is not None else None,
                "seconds": float(heard.seconds),
                **{cue: float(value) for cue, value in asdict(heard.cues).items()},
            },
            "traits": traits_of({name: getattr(heard, name) for name in TRAITS}),
        }
