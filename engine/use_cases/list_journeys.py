"""Lists the journeys that are kept."""

from __future__ import annotations

from engine.bootstrap import Progress, loaded_graph
from engine.graph import Row
from engine.settings import Settings
from engine.store.journeys import journeys
from engine.use_cases.ask_again import ask_again


def list_journeys(settings: Settings, progress: Progress) -> list[Row]:
    """A row of `kept/journeys` for each, in the order in which they were planned."""

    def read() -> list[Row]:
        with loaded_graph(settings, progress) as graph:
            return journeys(graph)

    return ask_again(settings, progress, read)
