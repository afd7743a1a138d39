"""Finds tracks by words for their sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.bootstrap import CompiledOntology, Progress
from engine.errors import UsageError
from engine.journey import SOUND, find_text_faults
from engine.settings import Settings
from engine.use_cases.ask_again import GraphReader, make_graph_reader

if TYPE_CHECKING:
    from engine.graph import Graph
    from engine.reasoning.text_query import QueryEncoder

MOST_FOUND = 200
"""Limit on the tracks of a search; `isopath tracks` lists all."""
LOOKED_AT = 2 * MOST_FOUND
"""Tracks that the index returns: with only as many as are shown it would miss a tenth of the most similar."""


def search_tracks(
    settings: Settings, opened: CompiledOntology, text: str, limit: int, progress: Progress
) -> dict[str, Any]:
    """{"outcome": "tracks", "tracks": [...]}, most similar first, or support. The gate runs first.

    UsageError for an invalid text, for words that the model does not know, and for a limit out of range.
    """

    def query_encoder() -> QueryEncoder:
        from engine.reasoning.text_query import QueryEncoder

        return QueryEncoder(settings.embedding_model)

    return answer_search(settings, opened, text, limit, query_encoder, make_graph_reader(settings, progress))


def answer_search(
    settings: Settings,
    opened: CompiledOntology,
    text: str,
    limit: int,
    query_encoder: Callable[[], QueryEncoder],
    ask: GraphReader,
) -> dict[str, Any]:
    """As `search_tracks`, with the model and the graph that the caller keeps open."""
    if (gated := opened.gate.check(text)).hit:
        return opened.gate.answer(gated, settings.region)
    faults = find_text_faults("TEXT", text, SOUND)
    if not 1 <= limit <= MOST_FOUND:
        faults.append(("--limit", f"{limit} tracks cannot be shown", f"Ask for 1 to {MOST_FOUND}"))
    if faults:
        raise UsageError.of(faults)
    if opened.fault:
        raise opened.fault
    # Imported late, since a missing package must not prevent help.
    from engine.reasoning.search import TrackSearch
    from engine.store.version import read_version

    text_query = query_encoder().encode(text, "TEXT")

    def find(graph: Graph) -> list[dict[str, Any]]:
        version = read_version(graph)
        search = TrackSearch(graph)
        vector = text_query.get_vector(version)
        found = search.find_rows("search/tracks", graph, wish=vector, looked=LOOKED_AT, limit=limit)
        search.repair_index()
        return found

    return {"outcome": "tracks", "tracks": ask(find)}
