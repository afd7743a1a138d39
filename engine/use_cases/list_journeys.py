"""Lists the journeys that are kept."""

from __future__ import annotations

from engine.bootstrap import Progress
from engine.graph import Row
from engine.queries import Queries
from engine.settings import CYPHER_DIR, Settings
from engine.store.journeys import journeys
from engine.use_cases.ask_again import graph_of


def list_journeys(settings: Settings, progress: Progress) -> list[Row]:
    """A row of `kept/journeys` for each, in the order in which they were planned."""
    queries = Queries.load(CYPHER_DIR)
    return graph_of(settings, progress)(lambda graph: journeys(graph, queries))
