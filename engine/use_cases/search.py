"""Finds tracks that sound like some words."""

from __future__ import annotations

from typing import Any

from engine.bootstrap import Compiled, Progress, loaded_graph
from engine.errors import UsageError
from engine.journey import SOUND, text_faults
from engine.settings import Settings
from engine.use_cases.ask_again import ask_again

MOST_FOUND = 200
"""Tracks that one search shows at most: more is no answer but a listing, which `isopath tracks` gives."""
LOOKED_AT = 2 * MOST_FOUND
"""Tracks that a search looks at: asked for as many as are shown, the index misses a tenth of the likest."""


def search_tracks(settings: Settings, opened: Compiled, text: str, limit: int, progress: Progress) -> dict[str, Any]:
    """{"outcome": "tracks", "tracks": [...]}, likest first, or support. The gate reads the words before all else.

    UsageError for words that cannot be read or have no vector, and for a limit out of range.
    """
    if (gated := opened.gate.check(text)).hit:
        return opened.gate.answer(gated, settings.region)
    faults = text_faults("TEXT", text, SOUND)
    if not 1 <= limit <= MOST_FOUND:
        faults.append(("--limit", f"{limit} tracks cannot be shown", f"Ask for 1 to {MOST_FOUND}"))
    if faults:
        raise UsageError.of(faults)
    if opened.fault:
        raise opened.fault
    # Only now: no library stands before help.
    from engine.reasoning.search import Search
    from engine.reasoning.text_query import Wishes
    from engine.store.version import serving

    wish = Wishes(settings.embedding_model).of(text, "TEXT")

    def find() -> list[dict[str, Any]]:
        with loaded_graph(settings, progress) as graph:
            version = serving(graph)
            search = Search(graph)
            found = search.rows("search/tracks", graph, wish=wish.among(version), looked=LOOKED_AT, limit=limit)
            search.mend()
            return found

    return {"outcome": "tracks", "tracks": ask_again(settings, progress, find)}
