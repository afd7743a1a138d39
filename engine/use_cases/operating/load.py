"""Loads ontology and catalogue into the graph."""

from __future__ import annotations

from dataclasses import dataclass

from engine.bootstrap import Progress, use_graph
from engine.ingest.listing import TrackCounts
from engine.settings import Settings
from engine.store.search_index import SearchIndex


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The result of a load."""

    place: str
    """Address of the graph."""
    index_renewed: bool
    """Whether the vector index failed and is being rebuilt; until then every track is compared."""
    counts: TrackCounts


def load_graph(settings: Settings, progress: Progress) -> LoadResult:
    """Loads the current files unless the graph serves them already, and repairs the vector index."""
    with use_graph(settings, progress) as graph:
        renewed = SearchIndex(graph).repair()
        return LoadResult(graph.place, renewed, TrackCounts.read(graph))
