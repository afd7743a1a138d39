"""Lists the tracks that journeys can play."""

from __future__ import annotations

from collections.abc import Callable

from engine.bootstrap import Progress, use_graph
from engine.graph import Row
from engine.ingest.listing import TrackCounts, iterate_tracks
from engine.settings import Settings
from engine.use_cases.ask_again import ask_again


def list_tracks(settings: Settings, own: bool, show: Callable[[Row], None], progress: Progress) -> TrackCounts:
    """Calls `show` with every track, or a listener's own, in the order of ids; returns the counts.

    No track is shown twice, even after a retry. Rows are not held in memory, since a library may be large.
    """
    last = ""

    def read() -> TrackCounts:
        nonlocal last
        with use_graph(settings, progress) as graph:
            for row in iterate_tracks(graph, own, last):
                show(row)
                last = row["id"]
            return TrackCounts.read(graph)

    return ask_again(settings, progress, read)
