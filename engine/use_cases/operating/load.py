"""Loads ontology and catalogue into the graph."""

from __future__ import annotations

from dataclasses import dataclass

from engine.bootstrap import Progress, use_graph
from engine.ingest.listing import TrackCounts
from engine.settings import Settings
from engine.store.search_index import SearchIndex
from engine.store.version import read_version


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The result of a load."""

    place: str
    """Address of the graph."""
    ontology: str
    """Number of the published version that it serves, or which draft."""
    index_renewed: bool
    """Whether the vector index failed and is being rebuilt; until then every track is compared."""
    counts: TrackCounts


def load_graph(settings: Settings, progress: Progress) -> LoadResult:
    """Loads what should serve unless the graph serves it already, and repairs the vector index."""
    with use_graph(settings, progress) as graph:
        renewed = SearchIndex(graph).repair()
        return LoadResult(graph.place, read_version(graph).name, renewed, TrackCounts.read(graph))
