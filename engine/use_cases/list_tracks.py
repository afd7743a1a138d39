"""Lists what journeys can play."""

from __future__ import annotations

from collections.abc import Callable

from engine.bootstrap import Progress, loaded_graph
from engine.graph import Row
from engine.ingest.listing import Counts, tracks
from engine.settings import Settings
from engine.use_cases.ask_again import ask_again


def list_tracks(settings: Settings, own: bool, show: Callable[[Row], None], progress: Progress) -> Counts:
    """Shows every track, or a listener's own, in the order of their ids, and returns how many there are.

    None is shown twice, even where the server had to be asked again. Rows are not held: a library may be large.
    """
    last = ""

    def read() -> Counts:
        nonlocal last
        with loaded_graph(settings, progress) as graph:
            for row in tracks(graph, own, last):
                show(row)
                last = row["id"]
            return Counts.of(graph)

    return ask_again(settings, progress, read)
