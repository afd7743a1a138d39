"""The same journey over many more tracks: made from the shipped ones by drawing again and moving cues and vectors."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np
import psutil

from encoders.embedding.embedder import open_embedder
from engine.graph import Graph
from engine.reasoning.planner import Planner
from engine.rules import Ontology
from engine.server import Server
from engine.settings import ONTOLOGY_DIR, SEED_DIR, Settings
from engine.store.catalogue import CUES, Catalogue, Fact
from engine.store.load import load
from tests.bench import recall, speed
from tests.bench.machine import ServerClock
from tests.bench.readings import single

WANDER = 0.25
"""How far a drawn track goes from the one it was drawn from, in standard deviations of each cue and vector part."""
PERFORMANCES = 3
"""Of each work, as in the shipped catalogue."""


def grown(catalogue: Catalogue, count: int, ranges: Mapping[str, tuple[float, float]], seed: int = 1) -> Catalogue:
    """A catalogue of `count` tracks, the shipped ones first; none is a copy of another."""
    dice = np.random.Generator(np.random.PCG64(seed))
    more = count - len(catalogue.tracks)
    drawn = dice.integers(0, len(catalogue.tracks), more)
    cues = {}
    for cue in CUES:
        known = np.array([float(track[cue]) for track in catalogue.tracks])
        low, high = max(ranges[cue][0], known.min()), min(ranges[cue][1], known.max())
        cues[cue] = np.clip(known[drawn] + WANDER * known.std() * dice.normal(size=more), low, high)
    vectors = catalogue.vectors[drawn] + WANDER * catalogue.vectors.std(0) * dice.normal(
        size=(more, catalogue.dimensions)
    )
    made: list[dict[str, Fact]] = []
    for row, source in enumerate(drawn):
        whose = catalogue.tracks[drawn[row - row % PERFORMANCES]]  # a work has one artist
        made.append(
            {
                **catalogue.tracks[source],
                **{cue: float(found[row]) for cue, found in cues.items()},
                "track_id": f"grown-{row}", "work_id": f"grown-work-{row // PERFORMANCES}",
                "artist_id": whose["artist_id"], "artist": whose["artist"],
            }
        )  # fmt: skip
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    name = hashlib.sha256(f"{catalogue.sha256} {count} {seed} {WANDER}".encode()).hexdigest()
    return replace(
        catalogue, tracks=(*catalogue.tracks, *made), vectors=np.concatenate([catalogue.vectors, vectors]), sha256=name
    )


def measure(settings: Settings, planner: Planner, count: int, runs: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Speed and recall over `count` tracks, on a server of its own under the home, gone at the end."""
    own = replace(settings, home=settings.home / "growth", neo4j_uri=None)
    server = Server(own)
    # Always from an empty graph: a hundred thousand tracks are no fair load over what an interrupted run left.
    server.down(say)
    shutil.rmtree(own.home, ignore_errors=True)
    connection = server.ensure_up(say)
    try:
        with Graph.connect(connection) as graph:
            began = time.monotonic()
            ontology = Ontology.read(ONTOLOGY_DIR)
            ranges = {
                cue.id: (
                    float(cast("float", cue.properties["minimum"])),
                    float(cast("float", cue.properties["maximum"])),
                )
                for cue in ontology.of("Cue")
            }
            catalogue = grown(Catalogue.read(SEED_DIR), count, ranges)
            load(graph, ontology, catalogue, open_embedder(), say)
            loaded = time.monotonic() - began
            heard = replace(planner, get_graph=lambda: graph)
            pid = server.status().pid
            feelings = list(single(planner.reader))[:: max(1, 27 // 5)]
            found = {
                "tracks": count,
                "load_and_index_s": round(loaded, 1),
                "journeys": speed.journeys(heard, graph, ServerClock(pid), runs, say),
                "recall": recall.recall(heard, graph, feelings, say),
            }
            found["resident_mb"] = round(psutil.Process(pid).memory_info().rss / 2**20) if pid else None
            return found
    finally:
        server.down(say)
        shutil.rmtree(own.home, ignore_errors=True)
