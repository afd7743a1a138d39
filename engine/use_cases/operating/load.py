"""Brings ontology and catalogue into the graph."""

from __future__ import annotations

from dataclasses import dataclass

from engine.bootstrap import Progress, loaded_graph
from engine.ingest.listing import TrackCounts
from engine.settings import Settings
from engine.store.search_index import SearchIndex
from engine.store.version import serving


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a graph serves after a load."""

    place: str
    """Address of the graph."""
    ontology: str
    """Number of the published version that it serves, or which draft."""
    index_renewed: bool
    """Whether the vector index did not answer and is made anew; until it is built every track is compared."""
    counts: TrackCounts


def load_graph(settings: Settings, progress: Progress) -> Loaded:
    """Loads what should serve, where the graph serves anything else, and repairs the vector index."""
    with loaded_graph(settings, progress) as graph:
        renewed = SearchIndex(graph).mend()
        return Loaded(graph.place, serving(graph).name, renewed, TrackCounts.read(graph))
