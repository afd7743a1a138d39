"""Starts and stops the local server, and reads its status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.bootstrap import Progress
from engine.errors import GraphUnavailable
from engine.server import Server, ServerState
from engine.settings import Settings
from engine.use_cases.ask_again import ask_again

if TYPE_CHECKING:
    from engine.ingest.listing import TrackCounts


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """The state of a server, and the content of its graph where it answers."""

    server: ServerState
    counts: TrackCounts | None = None
    search: str | None = None
    """How tracks are searched, in a sentence."""
    access: str | None = None
    """How to restrict a Bolt client to reading, in a sentence."""


def start_server(settings: Settings, progress: Progress) -> None:
    """Starts the local server unless it runs."""
    Server(settings).up(progress)


def stop_server(settings: Settings, progress: Progress) -> bool:
    """Stops the local server; returns whether it was running."""
    return Server(settings).down(progress)


def read_status(settings: Settings, progress: Progress) -> ServerStatus:
    """The state of the server, the number of tracks, and how they are searched. Does not start a server."""
    server = Server(settings)

    def read() -> ServerStatus:
        status = server.status()
        if status.state not in ("up", "elsewhere"):
            return ServerStatus(status)
        from engine.graph import Graph
        from engine.ingest.listing import TrackCounts
        from engine.store.dictionary import describe_access
        from engine.store.search_index import SearchIndex

        with Graph.connect(server.ensure_up(progress)) as graph:
            [kernel] = graph.rows("dictionary/edition")
            finds = SearchIndex(graph).describe()
            return ServerStatus(status, TrackCounts.read(graph), finds, describe_access(kernel["edition"]))

    try:
        return ask_again(settings, progress, read)
    except GraphUnavailable as error:
        progress(str(error))
        return ServerStatus(server.status())
