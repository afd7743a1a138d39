"""Every track of the catalogue as it would stand at each waypoint: what the search would say had rules let all pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine.graph import Graph
from engine.journey import Candidate, Waypoint
from engine.order.search_space import LOG_CUES
from engine.store.catalogue import CUES

Floats = NDArray[np.float64]
TRACKS = (
    "CYPHER 25 MATCH (t:Track)-[:PERFORMS]->(w:Work)-[:BY]->(a:Artist) "
    "RETURN t.id AS track_id, w.id AS work_id, a.id AS artist_id, t.title AS title, a.name AS artist, "
    "t.seconds AS seconds, properties(t) AS facts, t.embedding AS vector ORDER BY track_id"
)


@dataclass(frozen=True, slots=True)
class Music:
    """All tracks that the graph holds."""

    tracks: tuple[Candidate, ...]
    vectors: Floats
    """[tracks, dimensions], unit rows."""
    measured: dict[str, Floats]
    """Cue -> [tracks]; log cues as logarithms."""

    @classmethod
    def of(cls, graph: Graph, most: int = 20_000) -> Self:
        table = graph.read_table(TRACKS, {}, "tests/bench/music.py", most, 60.0)
        assert not table.more, "baselines on the whole catalogue are meant for the shipped one"
        tracks = tuple(
            Candidate(
                0, row["track_id"], row["work_id"], row["artist_id"], 0.5, 0.0, row["seconds"],
                {cue: row["facts"][cue] for cue in CUES}, row["facts"]["valence"], row["facts"]["arousal"], (),
                row["title"], row["artist"],
            )
            for row in table.rows
        )  # fmt: skip
        vectors = np.array([row["vector"] for row in table.rows], dtype=np.float64)
        measured = {cue: np.array([t.cues[cue] for t in tracks]) for cue in CUES}
        measured |= {cue: np.log(measured[cue]) for cue in LOG_CUES}
        measured |= {axis: np.array([getattr(t, axis) for t in tracks]) for axis in ("valence", "arousal")}
        return cls(tracks, vectors / np.linalg.norm(vectors, axis=1, keepdims=True), measured)

    def at(self, waypoint: Waypoint, vector: Sequence[float]) -> list[Candidate]:
        """Every track with its similarity and what it misses at a waypoint."""
        query = np.array(vector)
        similarity = (1 + self.vectors @ query / np.linalg.norm(query)) / 2
        missed = self.missed(waypoint)
        return [
            replace(track, waypoint=waypoint.position, similarity=float(s), miss=float(m))
            for track, s, m in zip(self.tracks, similarity, missed, strict=True)
        ]

    def missed(self, waypoint: Waypoint) -> Floats:
        """[tracks]: as `journey/candidates` has it: the weighted sum of pseudo-Huber errors in half-widths."""
        total = np.zeros(len(self.tracks))
        for cue, ask in waypoint.asked.items():
            low, best, high = (np.log(x) if cue in LOG_CUES else x for x in (ask.low, ask.best, ask.high))
            x = self.measured[cue]
            off = (x - best) / np.where(x < best, best - low, high - best)
            total += ask.weight * (np.sqrt(1 + off**2) - 1)
        return total
