"""Finds tracks that sound like some words."""

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
"""Tracks that one search shows at most: more is no answer but a listing, which `isopath tracks` gives."""
LOOKED_AT = 2 * MOST_FOUND
"""Tracks that a search looks at: asked for as many as are shown, the index misses a tenth of the likest."""


def search_tracks(
    settings: Settings, opened: CompiledOntology, text: str, limit: int, progress: Progress
) -> dict[str, Any]:
    """{"outcome": "tracks", "tracks": [...]}, likest first, or support. The gate reads the words before all else.

    UsageError for words that cannot be read or have no vector, and for a limit out of range.
    """

    def wishes() -> QueryEncoder:
        from engine.reasoning.text_query import QueryEncoder

        return QueryEncoder(settings.embedding_model)

    return answer_search(settings, opened, text, limit, wishes, make_graph_reader(settings, progress))


def answer_search(
    settings: Settings,
    opened: CompiledOntology,
    text: str,
    limit: int,
    wishes: Callable[[], QueryEncoder],
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
    # Only now: no library stands before help.
    from engine.reasoning.search import TrackSearch
    from engine.store.version import read_version

    wish = wishes().encode(text, "TEXT")

    def find(graph: Graph) -> list[dict[str, Any]]:
        version = read_version(graph)
        search = TrackSearch(graph)
        found = search.find_rows("search/tracks", graph, wish=wish.get_vector(version), looked=LOOKED_AT, limit=limit)
        search.repair_index()
        return found

    return {"outcome": "tracks", "tracks": ask(find)}
