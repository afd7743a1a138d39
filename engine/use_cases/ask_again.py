"""Asks a second time where the local server was started anew while it was asked, or another of a cluster may answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from engine.bootstrap import Progress, use_graph
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.graph import Graph

type_ = TypeVar("type_")
_LOG = logging.getLogger(__name__)


class GraphReader(Protocol):
    """How a use case comes to a graph: one of its own for a command, the one that is kept open for a service."""

    def __call__(self, work: Callable[[Graph], type_], /) -> type_:
        """What `work` makes of the graph. `work` only reads, and does not mind being called twice."""
        ...


def make_graph_reader(settings: Settings, progress: Progress) -> GraphReader:
    """Opens the graph of the settings for each work, and closes it; asks again where the local server went away."""

    def ask(work: Callable[[Graph], type_], /) -> type_:
        def once() -> type_:
            with use_graph(settings, progress) as graph:
                return work(graph)

        return ask_again(settings, progress, once)

    return ask


def ask_again(settings: Settings, progress: Progress, ask: Callable[[], type_]) -> type_:
    """What `ask` returns; asked once more when the local server was started anew meanwhile, or one of a cluster left.

    Another command may have had to: `isopath query`, for a statement that the server could not end. Only for what reads
    for a few seconds: a statement that took the server down would do so again, and half an ingest is no whole one.
    `ask` opens its own graph, since the connection went with the server.
    """
    from engine.graph import ServerGone

    try:
        return ask()
    except ServerGone:
        if settings.neo4j_uri is not None and not settings.names_a_cluster:
            raise
    _LOG.warning("the server went away and is asked again")
    progress("the server went away; asking again")
    return ask()
